"""How the list of flags reads: the state of each, what is due, what stands first. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.flags.flag import PRODUCTION
from app.flags.percent import Reach
from app.flags.rows import Row, State
from app.flags.search import Search


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


def marks(row: Row, now: datetime) -> frozenset[str]:
    """What `is:` of the search asks for; on and off are those of production."""
    look = look_of(row.states.get(PRODUCTION))
    named = {
        {"running": "moving", "info": "targeted", "failed": "broken"}.get(look, look),
        "off" if look in ("off", "failed") else "on",
        "stale" if row.is_stale else "",
        "overdue" if row.is_overdue(now) else "",
        "drill" if row.is_drill else "",
    }
    return frozenset(named - {""})


def found(rows: Iterable[Row], search: Search, now: datetime) -> list[Row]:
    """Those that match: drills that run, flags on their way and overdue ones first, then by name."""
    matching = [(row, marks(row, now)) for row in rows]
    matching = [(row, told) for row, told in matching if search.matches(row, told)]
    return [row for row, _ in sorted(matching, key=lambda pair: (_rank(*pair), pair[0].name))]


def _rank(row: Row, told: frozenset[str]) -> int:
    if "broken" in told or (row.is_drill and "on" in told):
        return 0
    if "moving" in told or "targeted" in told:
        return 1
    return 2 if "overdue" in told or "stale" in told else 3
