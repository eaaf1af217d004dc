"""Tables as CSV that spreadsheets read as what they are: no text becomes a formula. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def written(rows: Iterable[Sequence[object]], line_end: str = "\r\n") -> str:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end)  # nosemgrep: use-defusedcsv # the line below does it
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: object) -> object:
    """Text that would be taken for a formula gets an apostrophe in front; numbers do not."""
    if not isinstance(cell, str) or not cell.startswith(FORMULAS) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()
