"""The figures of KPIs, for pages, the API and reports: by day, week or month of any time zone.

`read` gives a KPI by time, for one group or for each; `funnel`, `cohorts`, `adoption` and `breakdown` give
the other shapes. Money is in cents. `None` is no data: nothing to divide by, or a time that no source knows.
A zone that was never asked for is noted and filled by the next run of kpi.daily; until then `is_computing`.
Read several figures of one page within `consistent(session)`, so that a run that ends meanwhile changes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import inf
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.errors import Refused
from app.kpi import asking, calendar, cells
from app.kpi.calendar import Against
from app.kpi.cells import Row
from app.kpi.coverage import State, state
from app.kpi.definitions import JOINER, KPIS, Grain, Kpi
from app.kpi.histogram import quantile
from app.kpi.shapes import (
    Adoption,
    Bucket,
    Cohort,
    CohortMonth,
    Cohorts,
    Funnel,
    Growth,
    Member,
    Reading,
    Slice,
    Step,
)

NO_FILTER: Mapping[str, str] = {}
FUNNEL = ("sessions", "funnel_cart", "funnel_checkout", "funnel_completed")
COHORT = ("cohort_customers", "cohort_net")
FUNNEL_BY = ("locale", "country", "device", "customer", "variant")


@contextmanager
def consistent(session: Session) -> Iterator[Session]:
    """All that is read inside is of one moment. To be entered before anything is read in the transaction."""
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    yield session


def read(
    session: Session,
    kpi: Kpi | str,
    first: date,
    last: date,
    zone: str,
    grain: Grain = "day",
    by: str | None = None,
    where: Mapping[str, str] = NO_FILTER,
    *,
    currency: str | None = None,
    default_currency: str = "EUR",
) -> Reading:
    """A KPI by `grain` over the buckets that hold `first` … `last`, both included.

    `by`: one of the KPI's dimensions. `where`: {dimension: member}; "source" ("shop", "import") goes with
    everything, of the other dimensions one, beside `by`. `currency`: without it the only one of these days,
    and where there are several `default_currency`. Refused: an unknown zone, grain, dimension or combination.
    """
    found = KPIS[kpi] if isinstance(kpi, str) else kpi
    asked = asking.read(found.measures, found.by, first, last, zone, grain, by, where)
    known = state(session, asked, "orders" if found.room in ("sales", "customers") else "events")
    if found.device:
        return _speed(session, found, asked, known)
    rows = cells.between(session, asked)
    chosen, others = _currency(found.is_money, rows, currency, default_currency)
    kept = [row for row in rows if chosen is None or row.currency == chosen]
    groups = _groups(kept, asked, by, where)
    members = [_member(found, name, rows, asked, known) for name, rows in groups.items()]
    members.sort(key=lambda one: -(one.total.denominator or one.total.numerator or 0))
    return Reading(found, zone, grain, by, members, chosen, others, known.computed_at, known.is_computing)


def read_all(
    session: Session,
    kpis: Sequence[Kpi],
    first: date,
    last: date,
    zone: str,
    where: Mapping[str, str] = NO_FILTER,
    *,
    default_currency: str = "EUR",
) -> dict[str, Reading]:
    """Many KPIs by day in a handful of statements, by key; those that `where` cannot split are left out."""
    questions: dict[str, asking.Asked] = {}
    for kpi in kpis:
        with suppress(Refused):
            questions[kpi.key] = asking.read(kpi.measures, kpi.by, first, last, zone, "day", None, where)
    if not questions:
        return {}
    union = tuple({name for asked in questions.values() for name in asked.measures})
    anything = next(iter(questions.values()))
    rows: dict[str, list[Row]] = {}
    for row in cells.between(session, replace(anything, measures=union)):
        rows.setdefault(row.measure, []).append(row)
    known = {fact: state(session, anything, fact) for fact in ("orders", "events")}
    found = {}
    for kpi in kpis:
        asked = questions.get(kpi.key)
        if asked is None:
            continue
        facts = known["orders" if kpi.room in ("sales", "customers") else "events"]
        if kpi.device:
            found[kpi.key] = _speed(session, kpi, asked, facts)
            continue
        mine = [row for name in dict.fromkeys(kpi.measures) for row in rows.get(name, ())]
        chosen, others = _currency(kpi.is_money, mine, None, default_currency)
        kept = [row for row in mine if chosen is None or row.currency == chosen]
        members = [
            _member(kpi, "", group, asked, facts) for group in _groups(kept, asked, None, where).values()
        ]
        found[kpi.key] = Reading(
            kpi, zone, "day", None, members, chosen, others, facts.computed_at, facts.is_computing
        )
    return found


def breakdown(
    session: Session,
    kpi: Kpi | str,
    first: date,
    last: date,
    zone: str,
    by: str,
    where: Mapping[str, str] = NO_FILTER,
    *,
    currency: str | None = None,
    default_currency: str = "EUR",
) -> list[Slice]:
    """Each group over all these days, the biggest first. Of people the mean day."""
    found = read(
        session,
        kpi,
        first,
        last,
        zone,
        "day",
        by,
        where,
        currency=currency,
        default_currency=default_currency,
    )
    is_sum = found.kpi.fold == "sum"
    whole = sum(one.total.value or 0 for one in found.members)
    return [
        Slice(one.name, one.total, (one.total.value or 0) / whole if is_sum and whole else None)
        for one in found.members
    ]


def funnel(
    session: Session,
    first: date,
    last: date,
    zone: str,
    by: str | None = None,
    where: Mapping[str, str] = NO_FILTER,
) -> Funnel:
    """The closed funnel of the sessions that began on these days: a step counts only after the one before."""
    asked = asking.read(FUNNEL, FUNNEL_BY, first, last, zone, "day", by, where)
    known = state(session, asked, "events")
    groups = _groups(cells.between(session, asked), asked, by, where)
    members = {name: _steps(rows, known) for name, rows in groups.items()}
    is_whole = all(known.is_whole(day, "day") for day in calendar.days(first, last))
    return Funnel(zone, members, is_whole, known.is_computing)


def cohorts(
    session: Session,
    first: date,
    last: date,
    zone: str,
    where: Mapping[str, str] = NO_FILTER,
    *,
    currency: str | None = None,
    default_currency: str = "EUR",
) -> Cohorts:
    """Customers by the month of their first order, from the month of `first` to that of `last`.

    Each has every month since, up to the last that facts tell of: who of them ordered (retention) and the
    mean cumulative net revenue per customer (LTV). `where`: "source" alone.
    """
    asked = asking.read(COHORT, (), calendar.start(first, "month"), last, zone, "month", None, where)
    known = state(session, asked, "orders")
    rows = cells.cohorts(session, asked, max((one.last for one in known.stretches), default=last))
    chosen, others = _currency(True, rows, currency, default_currency)
    table: dict[str, dict[tuple[date, str], Decimal]] = {}
    for row in rows:
        if row.currency in ("", chosen):
            cohort = table.setdefault(row.member, {})
            cohort[row.start, row.measure] = cohort.get((row.start, row.measure), Decimal(0)) + row.value
    found = [_cohort(date.fromisoformat(f"{name}-01"), table[name], known) for name in sorted(table)]
    return Cohorts(zone, found, chosen, others, known.computed_at, known.is_computing)


def _cohort(month: date, sums: Mapping[tuple[date, str], Decimal], known: State) -> Cohort:
    size = int(sums.get((month, "cohort_customers"), 0))
    last = max(one.last for one in known.stretches)
    months: list[CohortMonth] = []
    cumulative = Decimal(0)
    for offset in range(calendar.months_between(month, last) + 1):
        at = calendar.add_months(month, offset)
        active = int(sums.get((at, "cohort_customers"), 0))
        net = sums.get((at, "cohort_net"), Decimal(0))
        cumulative += net
        is_partial = not known.is_whole(at, "month")
        months.append(
            CohortMonth(offset, active, active / size, float(net), float(cumulative / size), is_partial)
        )
    return Cohort(month, size, months)


def adoption(
    session: Session, first: date, last: date, zone: str, grain: Grain = "week", feature: str | None = None
) -> list[Adoption]:
    """How each feature is used, the most used first; `feature`: one of them alone.

    Features are the kinds of usage events, and flags with their variant ("new-checkout:on").
    """
    asked = asking.read(("feature_users", "active_users"), (), first, last, zone, grain, None, NO_FILTER)
    known = state(session, asked, "events")
    users = cells.between(session, replace(asked, measures=("feature_users",), dimension="feature"))
    active = cells.between(session, replace(asked, measures=("active_users",)))
    below: dict[date, Decimal] = {}
    for row in active:
        below[row.start] = below.get(row.start, Decimal(0)) + row.value
    names = {row.member for row in users} if feature is None else {feature}
    firsts = cells.first_uses(session, zone, first, last, sorted(names))
    found = []
    for name in names:
        above = {row.start: Decimal(0) for row in users}
        for row in users:
            above[row.start] += row.value if row.member == name else 0
        buckets = [_share(start, above, below, known, grain) for start in calendar.span(first, last, grain)]
        count, median = firsts.get(name, (0, None))
        found.append(Adoption(name, buckets, _mean(buckets), count, median))
    return sorted(found, key=lambda one: -(one.total.numerator or 0))


def _share(
    start: date, above: Mapping[date, Decimal], below: Mapping[date, Decimal], known: State, grain: Grain
) -> Bucket:
    if not known.has(start, grain):
        return Bucket(start, None, None, None, False)
    part, whole = float(above.get(start, 0)), float(below.get(start, 0))
    return Bucket(start, part / whole if whole else None, part, whole, known.is_whole(start, grain))


def _mean(buckets: Sequence[Bucket]) -> Bucket:
    """People cannot be added up over buckets: the mean of those there are."""
    there = [one for one in buckets if one.numerator is not None]
    if not there:
        return Bucket(buckets[0].start, None, None, None, False)
    above = sum(one.numerator or 0 for one in there) / len(there)
    below = sum(one.denominator or 0 for one in there) / len(there)
    is_whole = all(one.is_whole for one in buckets)
    return Bucket(buckets[0].start, above / below if below else None, above, below, is_whole)


def _steps(rows: Sequence[Row], known: State) -> list[Step]:
    counts = {name: sum(row.value for row in rows if row.measure == name) for name in FUNNEL}
    found: list[Step] = []
    for name in FUNNEL:
        former = found[-1].count if found else None
        found.append(
            Step(
                name,
                float(counts[name]) if known.is_known else None,
                float(counts[name]) / former if former else None,
                float(counts[name]) / found[0].count if found and found[0].count else None,
            )
        )
    return found


def _currency(
    is_money: bool, rows: Sequence[Row], wanted: str | None, default: str
) -> tuple[str | None, list[str]]:
    """The currency that is shown, and those that are not: money of two is never added up."""
    if not is_money:
        return None, []
    there = sorted({row.currency for row in rows if row.currency})
    chosen = wanted or (there[0] if len(there) == 1 else default)
    return chosen, [name for name in there if name != chosen]


def _groups(
    rows: Sequence[Row], asked: asking.Asked, by: str | None, where: Mapping[str, str]
) -> dict[str, list[Row]]:
    """Rows by the member of `by` alone; those of other members of `where` are left out."""
    names = asked.dimension.split(",")
    wanted = {name: value for name, value in where.items() if name != "source"}
    found: dict[str, list[Row]] = {} if by else {"": []}
    for row in rows:
        members = dict(zip(names, row.member.split(JOINER), strict=True)) if asked.dimension else {}
        if all(members[name] == value for name, value in wanted.items()):
            found.setdefault(members[by] if by else "", []).append(row)
    return found


def _member(kpi: Kpi, name: str, rows: Sequence[Row], asked: asking.Asked, known: State) -> Member:
    sums: dict[tuple[date, str], Decimal] = {}
    for row in rows:
        key = (row.start, row.measure)
        sums[key] = sums.get(key, Decimal(0)) + row.value
    starts = calendar.span(asked.first, asked.last, asked.grain)
    buckets = [_bucket(kpi, start, sums, known, asked.grain) for start in starts]
    return Member(name, buckets, _total(kpi, sums, buckets))


def _speed(session: Session, kpi: Kpi, asked: asking.Asked, known: State) -> Reading:
    """The 75th percentile of the page loads of each bucket; counts by bound add up, percentiles do not."""
    within: dict[date, dict[float, float]] = {}
    for row in cells.between(session, replace(asked, dimension="device,le")):
        device, bound = row.member.split(JOINER)
        if device == kpi.device:
            counts = within.setdefault(row.start, {})
            counts[float(bound)] = counts.get(float(bound), 0.0) + float(row.value)
    starts = calendar.span(asked.first, asked.last, asked.grain)
    buckets = [_loads(start, within.get(start, {}), known.is_whole(start, asked.grain)) for start in starts]
    whole: dict[float, float] = {}
    for counts in within.values():
        for limit, count in counts.items():
            whole[limit] = whole.get(limit, 0.0) + count
    total = _loads(starts[0], whole, all(bucket.is_whole for bucket in buckets))
    member = Member("", buckets, total)
    return Reading(
        kpi, asked.zone, asked.grain, None, [member], None, [], known.computed_at, known.is_computing
    )


def _loads(start: date, within: Mapping[float, float], is_whole: bool) -> Bucket:
    value = quantile(within)
    return Bucket(start, value, value, within.get(inf) or None, is_whole and value is not None)


def growth(
    session: Session,
    kpi: Kpi | str,
    first: date,
    last: date,
    zone: str,
    against: Against = "previous",
    where: Mapping[str, str] = NO_FILTER,
    *,
    currency: str | None = None,
    default_currency: str = "EUR",
) -> Growth:
    """A KPI over these days beside the equal-length time before, the same dates a year ago, or the same
    weekdays. `change` is relative; of a ratio it is the difference; None unless both sides are whole."""
    money: dict[str, Any] = {"currency": currency, "default_currency": default_currency}
    before = calendar.before(first, last, against)
    sides = [
        read(session, kpi, start, end, zone, "day", None, where, **money).members[0].total
        for start, end in ((first, last), before)
    ]
    is_ratio = (KPIS[kpi] if isinstance(kpi, str) else kpi).fold == "ratio"
    return Growth(sides[0], sides[1], before, _change(sides[0], sides[1], is_ratio=is_ratio))


def _change(now: Bucket, before: Bucket, *, is_ratio: bool) -> float | None:
    if now.value is None or before.value is None or not (now.is_whole and before.is_whole):
        return None
    if is_ratio:
        return now.value - before.value
    return now.value / before.value - 1 if before.value else None


def _bucket(
    kpi: Kpi, start: date, sums: Mapping[tuple[date, str], Decimal], known: State, grain: Grain
) -> Bucket:
    if not known.has(start, grain):
        return Bucket(start, None, None, None, False)
    above = _added(kpi.numerator, [start], sums)
    below = _added(kpi.denominator, [start], sums) if kpi.denominator else None
    return _figure(kpi, start, above, below, known.is_whole(start, grain))


def _total(kpi: Kpi, sums: Mapping[tuple[date, str], Decimal], buckets: Sequence[Bucket]) -> Bucket:
    there = [bucket.start for bucket in buckets if bucket.numerator is not None]
    is_whole = bool(there) and all(bucket.is_whole for bucket in buckets)
    if not there:
        return Bucket(buckets[0].start, None, None, None, False)
    above = _added(kpi.numerator, there, sums)
    below = _added(kpi.denominator, there, sums) if kpi.denominator else None
    if kpi.fold == "mean":
        above /= len(there)
    return _figure(kpi, buckets[0].start, above, below, is_whole)


def _added(names: Sequence[str], starts: Sequence[date], sums: Mapping[tuple[date, str], Decimal]) -> Decimal:
    total = Decimal(0)
    for name in names:
        measure = name.removeprefix("-")
        value = sum((sums.get((start, measure), Decimal(0)) for start in starts), Decimal(0))
        total += -value if name.startswith("-") else value
    return total


def _figure(kpi: Kpi, start: date, above: Decimal, below: Decimal | None, is_whole: bool) -> Bucket:
    """Exact until here; money that is not divided is rounded to a cent, once."""
    value: float | None
    if below is None:
        value = float(above.quantize(Decimal(1), ROUND_HALF_UP) if kpi.is_money else above)
    elif below == 0:
        value = None
    else:
        value = float(1 - above / below if kpi.is_complement else above / below)
    return Bucket(start, value, float(above), None if below is None else float(below), is_whole)
