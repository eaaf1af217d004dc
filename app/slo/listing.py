"""The list of objectives: what is asked for, what matches, and what stands together. Pure.

q      words; each must be in the name, the key, the owner, a label or what is said about it
state  one state of app/ui/states.py · owner · label, such as team=shop
by     owner, service, or any label: what stands together
open   keys of groups whose members are shown one by one, too
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

from app.slo.budget import Budget
from app.slo.ladder import Rung, hottest, ladder
from app.ui.states import STATES, badness, worst

if TYPE_CHECKING:
    from app.slo.queries import Line

BAD_STATES = ("exhausted", "burning", "risk")
LONGEST_QUESTION = 200
MOST_FIRST = 3


@dataclass(frozen=True)
class Wanted:
    words: str = ""
    state: str = ""
    owner: str = ""
    label: str = ""  # name=value
    by: str = ""
    opened: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        return bool(self.words or self.state or self.owner or self.label)

    def toggled(self, key: str) -> Wanted:
        """With a group open that was closed, or the other way round."""
        others = tuple(other for other in self.opened if other != key)
        return replace(self, opened=others if key in self.opened else (*self.opened, key))

    def args(self) -> dict[str, str]:
        """As the address says it."""
        named = {
            "q": self.words,
            "state": self.state,
            "owner": self.owner,
            "label": self.label,
            "by": self.by,
        }
        return {name: text for name, text in {**named, "open": ",".join(self.opened)}.items() if text}


def read(args: Mapping[str, str]) -> Wanted:
    """What makes no sense is left out: an old address still shows a list."""
    named = {
        name: args.get(name, "").strip()[:LONGEST_QUESTION] for name in ("q", "state", "owner", "label", "by")
    }
    state = named["state"] if named["state"] in STATES else ""
    opened = tuple(key for key in args.get("open", "").split(",") if key)
    return Wanted(named["q"], state, named["owner"], named["label"], named["by"], opened)


@dataclass(frozen=True)
class Row:
    """One objective, or a group by its worst member."""

    line: Line
    members: tuple[Row, ...] = ()  # of a group: worst first
    is_open: bool = False

    @property
    def speaks(self) -> Line:
        """Whose figures the row shows: a group has those of its worst member."""
        return self._heard[0].line if self.members else self.line

    @cached_property
    def state(self) -> str:
        return worst([row.line.state for row in self._heard]) if self.members else self.line.state

    @property
    def _heard(self) -> Sequence[Row]:
        """A value that nothing was ever counted for says nothing of the others; the tally still tells it."""
        return [row for row in self.members if row.line.state != "nodata"] or self.members

    @property
    def budget(self) -> Budget | None:
        status, slo = self.speaks.status, self.speaks.slo
        return Budget(slo.ratio, slo.window, status.counts) if status else None

    @cached_property
    def rung(self) -> Rung | None:
        status = self.speaks.status
        return hottest(ladder(self.speaks.slo, status.burns)) if status else None

    @property
    def burns(self) -> bool:
        """Somebody is being woken for it, or would be."""
        return self.state in BAD_STATES and self.rung is not None and self.rung.state == "burning"

    @property
    def is_old(self) -> bool:
        return self.state in ("stale", "off")

    @property
    def spark(self) -> list[float | None]:
        """Nothing where there is no line to draw."""
        found = self.speaks.status.spark if self.speaks.status else []
        return found if sum(value is not None for value in found) > 1 else []

    @property
    def exhausts_at(self) -> datetime | None:
        status = self.speaks.status
        at = (status.forecast or {}).get("exhausts_at") if status else None
        return datetime.fromisoformat(at) if at else None

    @property
    def tally(self) -> list[tuple[str, int]]:
        """Of a group: how many members are in which state, worst first."""
        return _tally(row.line.state for row in self.members)


@dataclass(frozen=True)
class Section:
    name: str  # "" where nothing is grouped, and of what has no such label
    rows: tuple[Row, ...]

    @property
    def state(self) -> str:
        return worst([row.state for row in self.rows])


@dataclass(frozen=True)
class Listing:
    wanted: Wanted
    sections: tuple[Section, ...]
    shown: int
    total: int
    tally: tuple[tuple[str, int], ...]  # of all, whatever is filtered: worst first
    owners: tuple[str, ...]
    labels: tuple[str, ...]  # name=value
    label_names: tuple[str, ...]
    first: tuple[Row, ...]  # what to look at first: all that burn now, else the worst; none where all is well

    @property
    def is_empty(self) -> bool:
        return self.total == 0


def arrange(lines: Sequence[Line], wanted: Wanted) -> Listing:
    """`lines`: every objective, members of groups among them."""
    rows = sorted(_rows(lines, wanted.opened), key=_badness)
    matching = [row for row in rows if _matches(row, wanted)]
    return Listing(
        wanted,
        tuple(_sections(matching, wanted.by)),
        len(matching),
        len(rows),
        tuple(_tally(row.state for row in rows)),
        tuple(sorted({line.slo.owner for line in lines if line.slo.owner})),
        tuple(sorted({f"{name}={text}" for line in lines for name, text in line.slo.labels.items()})),
        tuple(sorted({name for line in lines for name in line.slo.labels})),
        _first(rows),
    )


def _first(rows: Sequence[Row]) -> tuple[Row, ...]:
    burning = tuple(row for row in rows if row.burns)[:MOST_FIRST]
    return burning or tuple(row for row in rows[:1] if row.state in BAD_STATES)


def _rows(lines: Sequence[Line], opened: Sequence[str]) -> list[Row]:
    members: dict[str, list[Row]] = {}
    for line in lines:
        if line.slo.parent_key:
            members.setdefault(line.slo.parent_key, []).append(Row(line))
    return [
        Row(line, tuple(sorted(members.get(line.slo.key, ()), key=_badness)), line.slo.key in opened)
        for line in lines
        if not line.slo.parent_key
    ]


def _badness(row: Row) -> tuple[bool, int, float, float, str]:
    """What burns now before what was spent long ago."""
    rung = row.rung
    return (
        not row.burns,
        -badness(row.state),
        _left(row.speaks),
        -(rung.share if rung else 0.0),
        row.line.slo.key,
    )


def _left(line: Line) -> float:
    return line.status.budget_left if line.status and line.status.budget_left is not None else inf


def _matches(row: Row, wanted: Wanted) -> bool:
    slo = row.line.slo
    if wanted.state and wanted.state not in (row.state, *(member.state for member in row.members)):
        return False
    if wanted.owner and wanted.owner != slo.owner:
        return False
    if wanted.label and wanted.label not in _pairs(slo.labels):
        return False
    told = " ".join((slo.key, slo.name, slo.about, slo.owner, *_pairs(slo.labels), *_values(row))).lower()
    return all(word in told for word in wanted.words.lower().split())


def _pairs(labels: Mapping[str, str]) -> list[str]:
    return [f"{name}={text}" for name, text in labels.items()]


def _values(row: Row) -> list[str]:
    return [member.line.slo.group_value for member in row.members]


def _sections(rows: Sequence[Row], by: str) -> list[Section]:
    if not by:
        return [Section("", tuple(rows))] if rows else []
    found: dict[str, list[Row]] = {}
    for row in rows:  # worst first, so the worst section comes first
        slo = row.line.slo
        found.setdefault(slo.owner if by == "owner" else slo.labels.get(by, ""), []).append(row)
    return [Section(name, tuple(some)) for name, some in found.items()]


def _tally(states: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(states).items(), key=lambda pair: -badness(pair[0]))
