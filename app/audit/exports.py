"""The trail as a file: JSON Lines, which can be verified without the database, or CSV for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app import spreadsheets
from app.audit import chain, seals
from app.audit.models import AuditEntry

COLUMNS = (*seals.FIELDS, "previous", "seal")


def as_json(entry: AuditEntry) -> dict[str, Any]:
    found = {name: getattr(entry, name) for name in COLUMNS}
    return {"id": entry.id, **found, "at": entry.at.isoformat()}


def json_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps(as_json(entry), ensure_ascii=False) + "\n"


def csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    yield _row(COLUMNS)
    for entry in entries:
        values = as_json(entry)
        yield _row([_cell(values[name]) for name in COLUMNS])


def _cell(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _row(cells: Sequence[object]) -> str:
    return spreadsheets.written([cells], line_end="\n")


@dataclass(frozen=True)
class FileVerdict:
    entries: int
    gaps: int  # entries between those of the file that it does not hold, as a search leaves them out
    wrong_line: int | None  # the first line that is not as it was written; None: all are
    why: str = ""


def verify_lines(lines: Iterable[str]) -> FileVerdict:
    """Each entry of a JSON Lines export by its own seal, and by the one before where that is there too."""
    count = gaps = 0
    last_sequence, last_seal = 0, None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        entry = _read(line)
        if entry is None:
            return FileVerdict(count, gaps, number, "not an entry")
        sequence, seal = entry["sequence"], entry["seal"]
        if not isinstance(sequence, int) or not isinstance(seal, str):
            return FileVerdict(count, gaps, number, "not sealed")
        if not chain.proves(seal, str(entry["previous"]), entry):
            return FileVerdict(count, gaps, number, "altered")
        if count and sequence <= last_sequence:
            return FileVerdict(count, gaps, number, "out of order")
        if count and sequence == last_sequence + 1 and entry["previous"] != last_seal:
            return FileVerdict(count, gaps, number, "of another chain")
        gaps += sequence - last_sequence - 1 if count else 0
        last_sequence, last_seal, count = sequence, seal, count + 1
    return FileVerdict(count, gaps, None)


def _read(line: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
        seals.sealed_bytes("", found)  # has every field, and a moment that is one
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, dict) and {"previous", "seal"} <= set(found) else None
