"""How the list of flags reads: the state of each, what is due, what stands first. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.flags.flag import PRODUCTION
from app.flags.percent import Reach
from app.flags.rows import Row, State
from app.flags.search import Search

ROWS = 50  # on a page
LONG_AGO = datetime.min.replace(tzinfo=UTC)

# What `sort` of the URL may be; a dash in front turns it round.
SORTS: Mapping[str, Callable[[Row], Any]] = {
    "name": lambda row: row.name,
    "type": lambda row: row.type,
    "owner": lambda row: (row.owner == "", row.owner.casefold()),
    "created": lambda row: row.created_at,
    "moved": lambda row: _moved(row) or LONG_AGO,
    "asked": lambda row: row.seen_at or LONG_AGO,
    "share": lambda row: _share(row),
}


@dataclass(frozen=True)
class Reader:
    """Who looks at the list, and what else is known of its flags."""

    favourites: frozenset[str] = frozenset()
    waiting: Mapping[str, int] = field(default_factory=dict)  # changes that wait, by flag


def look_of(state: State | None, is_drill: bool = False) -> str:
    """A state of app/ui/states.py: off, on, running (a part), info (targeted), risk (a drill), failed."""
    if state is not None and not state.is_readable:
        return "failed"
    if state is None or state.reach.percent == 0:
        return "off"
    if is_drill:
        return "risk"
    if state.reach.percent is None:
        return "info"
    return "on" if state.reach == Reach(100, is_targeted=False) else "running"


def marks(row: Row, now: datetime, reader: Reader | None = None, environment: str = "") -> frozenset[str]:
    """What `is:` and `state:` of the search ask for; on and off are those of the environment."""
    reader = reader or Reader()
    look = look_of(row.states.get(environment or PRODUCTION))
    named = {
        {"running": "moving", "info": "targeted", "failed": "broken"}.get(look, look),
        "off" if look in ("off", "failed") else "on",
        "stale" if row.is_stale else "",
        "overdue" if row.is_overdue(now) else "",
        "drill" if row.is_drill else "",
        "favourite" if row.name in reader.favourites else "",
        "waiting" if reader.waiting.get(row.name) else "",
        "" if row.seen_at else "unseen",
        "" if row.owner else "orphan",
        f"stage:{row.life.stage}" if row.life else "",
        row.life.stage if row.life else "",
    }
    return frozenset(named - {""})


def found(
    rows: Iterable[Row], search: Search, now: datetime, reader: Reader | None = None, sort: str = ""
) -> list[Row]:
    """Those that match. Unsorted: what is broken or breaks first, then favourites, what is on its way, what
    is due; then by name."""
    reader = reader or Reader()
    matching = [(row, marks(row, now, reader, search.environment)) for row in rows]
    matching = [(row, told) for row, told in matching if search.matches(row, told)]
    if sort.removeprefix("-") in SORTS:
        by_name = sorted((row for row, _ in matching), key=SORTS["name"])
        return sorted(by_name, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return [row for row, _ in sorted(matching, key=lambda pair: (_rank(*pair), pair[0].name))]


def page_of(rows: list[Row], page: int) -> tuple[list[Row], int, int]:
    """The rows of a page (from 1), which page that is, and how many there are."""
    last = max(1, -(-len(rows) // ROWS))
    page = min(max(1, page), last)
    return rows[(page - 1) * ROWS : page * ROWS], page, last


def _rank(row: Row, told: frozenset[str]) -> int:
    if "broken" in told or (row.is_drill and "on" in told):
        return 0
    if "waiting" in told:
        return 1
    if "favourite" in told:
        return 2
    if "moving" in told or "targeted" in told:
        return 3
    return 4 if "overdue" in told or "stale" in told else 5


def _moved(row: Row) -> datetime | None:
    state = row.states.get(PRODUCTION)
    return state.moved_at if state else None


def _share(row: Row) -> float:
    """Several strategies have no number: they stand between the rest and those that everybody has."""
    state = row.states.get(PRODUCTION)
    if state is None:
        return -1
    return 99.5 if state.reach.percent is None else state.reach.percent
