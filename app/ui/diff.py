"""What changed between two values. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal


@dataclass(frozen=True)
class Row:
    key: str
    before: str | None  # None: was not there
    after: str | None  # None: is gone


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def diff_rows(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Row]:
    """The keys whose values differ, in the order of `after`, then what went away."""
    old, new = before or {}, after or {}
    keys = [*new, *(key for key in old if key not in new)]
    return [
        Row(key, _text(old[key]) if key in old else None, _text(new[key]) if key in new else None)
        for key in keys
        if key not in old or key not in new or old[key] != new[key]
    ]


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
