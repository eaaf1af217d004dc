"""What changed between two values. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

EMPTY = object()
BLANK = ("", "null", "[]", "{}")


@dataclass(frozen=True)
class Row:
    key: str
    before: str | None  # None: was not there
    after: str | None  # None: is gone


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """A nested value as (path, plain value): what changed deep inside shows without what did not."""
    match value:
        case Mapping() if value:
            for name, inner in value.items():
                yield from _leaves(inner, f"{path}.{name}" if path else str(name))
        case [*items] if any(isinstance(item, Mapping | list) for item in items):
            for number, inner in enumerate(items, 1):
                yield from _leaves(inner, f"{path}.{number}")
        case _:
            yield path, value


def diff_rows(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Row]:
    """The values that differ, in the order of `after`, then what went away. New empty ones say nothing."""
    old, new = dict(_leaves(before or {})), dict(_leaves(after or {}))
    keys = [*new, *(key for key in old if key not in new)]
    rows = [
        Row(key, _text(old[key]) if key in old else None, _text(new[key]) if key in new else None)
        for key in keys
        if old.get(key, EMPTY) != new.get(key, EMPTY)
    ]
    return [row for row in rows if (row.before or "") not in BLANK or (row.after or "") not in BLANK]


Kind = Literal["same", "old", "new"]


def diff_words(before: str, after: str) -> list[tuple[Kind, str]]:
    """Stretches of words that stayed, went and came."""
    old, new = (re.findall(r"\s*\S+\s*", text) for text in (before, after))
    parts: list[tuple[Kind, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(old[a:b])))
            continue
        if a < b:
            parts.append(("old", "".join(old[a:b])))
        if c < d:
            parts.append(("new", "".join(new[c:d])))
    return parts
