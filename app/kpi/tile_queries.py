"""Reads of figures for tiles, charts and reviews, all by `reading`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.errors import Refused
from app.kpi import cells, measures, queries, reading
from app.kpi.asking import PAIRED, Asked
from app.kpi.definitions import JOINER, KPIS, Grain, Kpi
from app.kpi.histogram import quantile
from app.kpi.measures import Period
from app.kpi.selection import DIMENSIONS, Selection
from app.kpi.shapes import Bucket, Reading
from app.kpi.tile import HISTORY_DAYS, Day, Days, Tile, judged, of_loads, tile

MOST_MEMBERS = 60


def tiles(session: Session, keys: Iterable[str], chosen: Selection) -> list[Tile]:
    """Each KPI over the selection, all judged together, in the order of `keys`."""
    wanted = [KPIS[key] for key in keys if key in KPIS]
    targets = queries.targets(session, [kpi.key for kpi in wanted], chosen.now.first, chosen.now.last)
    known = _of_tiles(session, wanted, chosen)
    loads = _loads(session, wanted, chosen)
    made = []
    for kpi in wanted:
        mine = known.get(kpi.key, Known({}, chosen.currency, is_splittable=False))
        target = measures.target_over(kpi, targets[kpi.key], chosen.now) if not chosen.where else None
        one = tile(kpi, queries.term(kpi), mine.days, chosen, target, mine.currency, mine.is_splittable)
        made.append(of_loads(one, *loads[kpi.key]) if kpi.key in loads else one)
    return judged(made, chosen)


def _loads(
    session: Session, kpis: list[Kpi], chosen: Selection
) -> dict[str, tuple[float | None, float | None]]:
    """Of page loads the percentile of all loads of the period, now and before: it is no mean of days."""
    mine = [kpi for kpi in kpis if kpi.device]
    if not mine or chosen.where:
        return {}
    now, before = (_percentiles(session, mine, span, chosen.zone) for span in (chosen.now, chosen.before))
    return {kpi.key: (now.get(kpi.key), before.get(kpi.key)) for kpi in mine}


def _percentiles(session: Session, kpis: list[Kpi], span: Period, zone: str) -> dict[str, float | None]:
    measures = tuple({name for kpi in kpis for name in kpi.measures})
    within: dict[tuple[str, str], dict[float, float]] = {}
    for row in cells.between(session, Asked(measures, zone, "day", span.first, span.last, "device,le")):
        device, bound = row.member.split(JOINER)
        counts = within.setdefault((row.measure, device), {})
        counts[float(bound)] = counts.get(float(bound), 0.0) + float(row.value)
    return {kpi.key: quantile(within.get((kpi.measures[0], kpi.device), {})) for kpi in kpis}


@dataclass(frozen=True)
class Known:
    days: Days
    currency: str
    is_splittable: bool = True  # False: the KPI has no figures by what is filtered


def _of_tiles(session: Session, kpis: list[Kpi], chosen: Selection) -> dict[str, Known]:
    """A comparison of long ago is asked for by itself: what lies between is of no use."""
    first = chosen.now.first - timedelta(days=HISTORY_DAYS)
    if chosen.before.first >= first:
        return _all(session, kpis, first, chosen.now.last, chosen)
    now = _all(session, kpis, first, chosen.now.last, chosen)
    before = _all(session, kpis, chosen.before.first, chosen.before.last, chosen)
    return {
        key: Known({**before[key].days, **found.days}, found.currency)
        for key, found in now.items()
        if key in before
    }


def _all(session: Session, kpis: list[Kpi], first: date, last: date, chosen: Selection) -> dict[str, Known]:
    found = reading.read_all(
        session, kpis, first, last, chosen.zone, chosen.where, default_currency=chosen.currency
    )
    return {
        key: Known(_days(one.kpi, one.members[0].buckets), one.currency or chosen.currency)
        for key, one in found.items()
    }


def read(session: Session, kpi: Kpi, first: date, last: date, chosen: Selection) -> Known:
    """Every known day of first … last, both included."""
    try:
        found = _read(session, kpi, first, last, chosen)
    except Refused:
        return Known({}, chosen.currency, is_splittable=False)
    return Known(_days(kpi, found.members[0].buckets), found.currency or chosen.currency)


def days(session: Session, kpi: Kpi, first: date, last: date, chosen: Selection) -> Days:
    return read(session, kpi, first, last, chosen).days


def _read(
    session: Session,
    kpi: Kpi,
    first: date,
    last: date,
    chosen: Selection,
    grain: str = "day",
    by: str | None = None,
) -> Reading:
    return reading.read(
        session,
        kpi,
        first,
        last,
        chosen.zone,
        cast(Grain, grain),
        by,
        chosen.where,
        default_currency=chosen.currency,
    )


def _days(kpi: Kpi, buckets: Iterable[Bucket]) -> dict[date, Day]:
    return {one.start: _day(kpi, one) for one in buckets if one.value is not None}


def _day(kpi: Kpi, one: Bucket) -> Day:
    below = one.denominator or 0.0
    above = one.numerator or 0.0
    return Day(one.value or 0.0, below - above if kpi.is_complement else above, below)


def dimensions(kpi: Kpi, chosen: Selection) -> list[str]:
    """What the KPI can be broken down by, beside what is filtered already."""
    taken = set(chosen.where)
    if len(taken) > 1:
        return []
    return [name for name in kpi.by if name not in taken and (not taken or {name, *taken} & set(PAIRED))]


def by_member(
    session: Session, kpi: Kpi, first: date, last: date, chosen: Selection, by: str
) -> dict[str, dict[date, Day]]:
    """The known days of each member of a dimension."""
    return {
        one.name: _days(kpi, one.buckets) for one in _read(session, kpi, first, last, chosen, by=by).members
    }


@dataclass(frozen=True)
class Slice:
    """One member of a dimension over the days that are shown."""

    name: str
    value: float | None
    before: float | None
    share: float | None  # of the sum of all; None of ratios and people


def slices(session: Session, kpi: Kpi, chosen: Selection, by: str) -> list[Slice]:
    """The biggest first."""
    now = _read(session, kpi, chosen.now.first, chosen.now.last, chosen, by=by)
    before = _read(session, kpi, chosen.before.first, chosen.before.last, chosen, by=by)
    then = {one.name: one.total.value for one in before.members}
    whole = sum(one.total.value or 0 for one in now.members) if kpi.fold == "sum" else 0
    return [
        Slice(
            one.name, one.total.value, then.get(one.name), (one.total.value or 0) / whole if whole else None
        )
        for one in now.members[:MOST_MEMBERS]
    ]


def points(session: Session, kpi: Kpi, chosen: Selection, days: Days) -> dict[date, float | None]:
    """What the chart draws: the days, or weeks and months at their first day."""
    if chosen.grain == "day":
        return {day: days[day].value if day in days else None for day in chosen.now.dates()}
    try:
        found = _read(session, kpi, chosen.now.first, chosen.now.last, chosen, chosen.grain)
    except Refused:
        return {}
    return {one.start: one.value for one in found.members[0].buckets}


_MEMBERS = text("""
    SELECT dimension, member, sum(value) AS size
      FROM kpi_cells
     WHERE zone = :zone AND measure IN ('sessions', 'orders') AND dimension = ANY(:dimensions)
       AND grain = 'day' AND start BETWEEN :first AND :last
     GROUP BY dimension, member ORDER BY size DESC
""")
MEMBER_DAYS = 35


def members(session: Session, zone: str, last: date) -> dict[str, list[str]]:
    """By dimension what filters may name: what there were figures of lately, the biggest first."""
    found: dict[str, list[str]] = {name: [] for name in DIMENSIONS}
    asked = {"zone": zone, "dimensions": list(DIMENSIONS), "first": last - timedelta(days=MEMBER_DAYS)}
    for row in session.execute(_MEMBERS, asked | {"last": last}):
        if row.member and row.member not in found[row.dimension] and len(found[row.dimension]) < MOST_MEMBERS:
            found[row.dimension].append(row.member)
    return found
