"""What may have begun a burn: everything that happened, ranked by how near to its onset. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.timeline.entry import CHANGES, Entry

SYMPTOMS = ("alert", "incident")  # they follow from a burn and do not begin it
SEEN_IN_STEPS_OF = timedelta(minutes=5)  # the onset is known to five minutes
LIKELY_WITHIN = timedelta(hours=2)  # a change longer ago is named, but not blamed


@dataclass(frozen=True)
class Suspect:
    entry: Entry
    before: timedelta  # how long before the onset; negative: after it
    is_likely: bool  # the one to look at first

    @property
    def is_change(self) -> bool:
        return self.entry.kind in CHANGES


def ranked(entries: Iterable[Entry], began: datetime) -> list[Suspect]:
    """Changes before the onset first, the nearest at the top; then what followed from it, and came after.

    At most one is likely: the nearest change that was there when the burn began.
    """
    seen = [entry for entry in entries if entry.kind in (*CHANGES, *SYMPTOMS)]
    order = sorted(seen, key=lambda entry: (_place(entry, began), abs(entry.at - began)))
    first = next((entry for entry in order if _may_have_begun_it(entry, began)), None)
    return [Suspect(entry, began - entry.at, entry is first) for entry in order]


def _place(entry: Entry, began: datetime) -> int:
    if entry.kind in SYMPTOMS:
        return 1
    return 0 if entry.at <= began + SEEN_IN_STEPS_OF else 2


def _may_have_begun_it(entry: Entry, began: datetime) -> bool:
    if entry.kind not in CHANGES or entry.at > began + SEEN_IN_STEPS_OF:
        return False
    end = entry.ends_at if entry.kind == "maintenance" and entry.ends_at else entry.at
    return began - end <= LIKELY_WITHIN


def likely(suspects: Iterable[Suspect]) -> Suspect | None:
    return next((suspect for suspect in suspects if suspect.is_likely), None)
