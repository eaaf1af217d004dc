"""Which days the facts tell of, and whether all of them are in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.errors import Refused
from app.kpi import calendar
from app.kpi.asking import Asked
from app.kpi.definitions import Grain
from app.kpi.models import KpiZone

MOST_ZONES = 24


@dataclass(frozen=True)
class Stretch:
    """Days of one source, from the first fact to the last. `until`: the first moment it knows nothing of."""

    first: date
    last: date
    until: datetime


@dataclass(frozen=True)
class State:
    """Of a zone, for the days that were asked for."""

    zone: str
    stretches: tuple[Stretch, ...]
    due: frozenset[date]  # facts have changed since these were computed
    computed_at: datetime | None

    @property
    def is_known(self) -> bool:
        return bool(self.stretches)

    @property
    def is_computing(self) -> bool:
        return self.computed_at is None or bool(self.due)

    def has(self, start: date, grain: Grain) -> bool:
        end = calendar.end(start, grain)
        return any(one.first <= end and one.last >= start for one in self.stretches)

    def is_whole(self, start: date, grain: Grain) -> bool:
        """Every day of the bucket lies within one source's facts, is over, and is computed."""
        end = calendar.end(start, grain)
        over_at = calendar.midnight(end + calendar.DAY, self.zone)
        inside = any(one.first <= start and over_at <= one.until for one in self.stretches)
        return inside and not any(start <= day <= end for day in self.due)


# The shop tells of orders and events alike: where it has one of them, the absence of the other is a 0.
_STATE = """
SELECT zone.computed_at, load.source, load.first_at, load.last_at,
       (SELECT array_agg(day) FROM kpi_due
        WHERE kpi_due.zone = zone.zone AND day BETWEEN :first AND :last) AS due
FROM kpi_zones AS zone
LEFT JOIN (
    SELECT source, min(first_at) AS first_at, max(last_at) AS last_at FROM kpi_loads
    WHERE first_at IS NOT NULL AND (fact = :fact OR source = 'shop')
    GROUP BY source
) AS load ON true
WHERE zone.zone = :zone"""


def state(session: Session, asked: Asked, fact: str) -> State:
    """Notes the zone where it is new, so that the next run of kpi.daily fills it."""
    values = {"zone": asked.zone, "fact": fact, "first": asked.first, "last": asked.last}
    rows = session.execute(text(_STATE), values).all()
    if not rows:
        ask_for(session, asked.zone, clock.now())
        return State(asked.zone, (), frozenset(), None)
    computed_at, due = rows[0].computed_at, frozenset(rows[0].due or ())
    found = [
        _stretch(row.source, row.first_at, row.last_at, asked.zone, computed_at)
        for row in rows
        if computed_at and row.source and asked.source in (None, row.source)
    ]
    return State(asked.zone, tuple(found), due, computed_at)


def days(session: Session, zone: str, now: datetime) -> set[date]:
    """Every day that some source tells of, up to today."""
    found: set[date] = set()
    for load in session.execute(text(_ALL_LOADS)):
        one = _stretch(load.source, load.first_at, load.last_at, zone, now)
        found.update(calendar.days(one.first, min(one.last, calendar.day_of(now, zone))))
    return found


_ALL_LOADS = "SELECT source, first_at, last_at FROM kpi_loads WHERE first_at IS NOT NULL"


def ask_for(session: Session, zone: str, now: datetime) -> None:
    """Every zone costs each run its time, so there are not many. `Refused` where there is no room."""
    if session.get(KpiZone, zone) is not None:
        return
    if (session.scalar(select(func.count()).select_from(KpiZone)) or 0) >= MOST_ZONES:
        words = _l(
            "Figures are kept for at most %(most)s time zones, and so many there are.", most=MOST_ZONES
        )
        raise Refused(_l("Nothing can be shown."), {"zone": words})
    session.execute(insert(KpiZone).values(zone=zone, asked_at=now).on_conflict_do_nothing())


def _stretch(source: str, first_at: datetime, last_at: datetime, zone: str, now: datetime) -> Stretch:
    """The shop goes on until now; a file ends with its last line."""
    until = now if source == "shop" else last_at + timedelta(microseconds=1)
    return Stretch(calendar.day_of(first_at, zone), calendar.day_of(until, zone), until)
