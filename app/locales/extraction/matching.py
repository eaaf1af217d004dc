"""Which message a new one was before somebody changed its words. Pure: no I/O.

As msgmerge does it: by how much the two texts have in common (0.6 and more), and less where both stand in the
same file. Each old message becomes at most one new one, the best first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LEAST = 0.6
SAME_FILE = 0.15  # taken off what is asked for
SAME_CONTEXT = 0.05
LONGEST = 2_000  # characters that are compared


@dataclass(frozen=True)
class Known:
    """A message, as far as matching looks at it."""

    key: str
    context: str
    msgid: str
    files: frozenset[str]


def changed(new: Iterable[Known], gone: Sequence[Known]) -> dict[str, str]:
    """Key of a new message → key of the message that it was."""
    scored = [
        (score, one.key, old.key) for one in new for old in gone if (score := _score(one, old)) is not None
    ]
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _, one, old in sorted(scored, key=lambda row: (-row[0], row[1], row[2])):
        if one not in found and old not in taken:
            found[one] = old
            taken.add(old)
    return found


def _score(new: Known, old: Known) -> float | None:
    bonus = (SAME_FILE if new.files & old.files else 0.0) + (
        SAME_CONTEXT if new.context == old.context else 0.0
    )
    ratio = _ratio(new.msgid[:LONGEST], old.msgid[:LONGEST], LEAST - bonus)
    return None if ratio is None else ratio + bonus


def _ratio(one: str, other: str, least: float) -> float | None:
    """What the texts have in common, 0 to 1; None: less than `least`. The cheap looks come first."""
    match = SequenceMatcher(None, one, other, autojunk=False)
    if match.real_quick_ratio() < least or match.quick_ratio() < least:
        return None
    ratio = match.ratio()
    return ratio if ratio >= least else None
