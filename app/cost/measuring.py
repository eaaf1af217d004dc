"""Measures the drivers of each day, from the shop's facts, Prometheus and Redis.

A day is measured until three days after its end, then kept. A source that does not answer leaves what was
measured last, with its age; a driver that nobody measures has no rows: no data, never 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, cast

from redis.exceptions import RedisError
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from app.cost.driver import DRIVERS, PATHS, Driver, service_of
from app.cost.models import CostDriverDay
from app.cost.month import first_of, shifted
from app.db import transaction
from app.errors import Refused, Unavailable
from app.series import store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

SETTLES_AFTER = timedelta(days=3)
HEAVIEST = "heaviest_users"  # the actions of those who did most in a month; its day is the month's first
MONTHLY_USERS = "monthly_users"  # different people of a month; its day is the month's first
PROMETHEUS_DAYS = 15
MOST_HEAVY = 10
DAY = timedelta(days=1)
ROWS_PER_INSERT = 4_000


class Found(NamedTuple):
    driver: str
    dimension: str  # all, service, locale, flag:<name>
    member: str
    day: date
    value: Decimal


# The service of a path: its first word after the locale.
_WORD = "(regexp_match(path, '^(?:/[a-z]{2,3}(?:[-_][A-Za-z]+)?(?=/|$))?/?([a-z]*)'))[1]"
_CASES = " ".join(f"WHEN '{word}' THEN '{service}'" for word, service in PATHS.items() if word)
MEMBERS = {
    "all": ("''", ""),
    "service": (f"CASE {_WORD} {_CASES} ELSE 'products' END", ""),
    "locale": ("locale", ""),
    "flag": ("flag.key || '=' || flag.value", "CROSS JOIN LATERAL jsonb_each_text(flags) AS flag"),
}


def _people(dimension: str) -> str:
    """Different people and their actions. A browser whose person is unknown counts as one."""
    member, joined = MEMBERS[dimension]
    return f"""
        WITH seen AS (
            SELECT date_trunc(:unit, at AT TIME ZONE 'UTC')::date AS day, {member} AS member, visitor_id,
                   max(user_id) AS user_id, count(*) AS actions
            FROM reporting.usage_events {joined}
            WHERE at >= :start AND at < :end
            GROUP BY 1, 2, 3
        )
        SELECT day, member, count(DISTINCT user_id) + count(*) FILTER (WHERE user_id IS NULL) AS people,
               sum(actions) AS actions
        FROM seen GROUP BY 1, 2
    """  # noqa: S608 # nosec B608


def _orders(dimension: str) -> str:
    member, joined = MEMBERS[dimension]
    return f"""
        SELECT (paid_at AT TIME ZONE 'UTC')::date AS day, {member} AS member, count(*) AS orders
        FROM reporting.orders {joined}
        WHERE paid_at >= :start AND paid_at < :end
        GROUP BY 1, 2
    """  # noqa: S608 # nosec B608


PEOPLE_SQL = {dimension: _people(dimension) for dimension in MEMBERS}
ORDERS_SQL = {dimension: _orders(dimension) for dimension in MEMBERS if dimension != "service"}
_FIRST = text(
    "SELECT least((SELECT min(paid_at) FROM reporting.orders), (SELECT min(at) FROM reporting.usage_events))"
)


def measure(session: Session, now: datetime, sources: Sources) -> list[str]:
    """Measure what is due; the sources that did not answer."""
    silent = []
    for name, gather in (
        ("PostgreSQL (reporting)", _facts),
        ("Prometheus", _prometheus),
        ("Redis", _redis),
    ):
        try:
            save(session, gather(session, now, sources), now)
        except (Unavailable, RedisError):
            silent.append(name)
    _record_series(session, now)
    return silent


def save(session: Session, found: Iterable[Found], now: datetime) -> None:
    rows = [{**one._asdict(), "measured_at": now} for one in found]
    for start in range(0, len(rows), ROWS_PER_INSERT):
        statement = insert(CostDriverDay).values(rows[start : start + ROWS_PER_INSERT])
        new = statement.excluded
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["driver", "dimension", "member", "day"],
                set_={"value": new.value, "measured_at": new.measured_at},
            )
        )


def _due(session: Session, drivers: Sequence[str], first: date, today: date, now: datetime) -> list[date]:
    """Days that are not settled yet."""
    known = dict(
        session.execute(
            select(CostDriverDay.day, CostDriverDay.measured_at).where(
                CostDriverDay.driver.in_(drivers),
                CostDriverDay.dimension == "all",
                CostDriverDay.day >= first,
            )
        ).all()
    )
    days = [first + DAY * index for index in range((today - first).days + 1)]
    settled = datetime.min.replace(tzinfo=UTC)
    return [day for day in days if known.get(day, settled) < midnight(day + DAY) + SETTLES_AFTER]


def _facts(session: Session, now: datetime, sources: Sources) -> list[Found]:
    today = now.astimezone(UTC).date()
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        _sample(session, "db_seconds", _database_seconds(reporting), now)
        first = reporting.scalar(_FIRST)
        due = _due(session, ["actions", "orders"], first.astimezone(UTC).date(), today, now) if first else []
        found = [one for days in _by_month(due) for one in _facts_of(reporting, days[0], days[-1] + DAY)]
        for month in sorted({first_of(day) for day in due}):
            found += _people_of(reporting, month, month, "month")
            found += _heaviest(session, reporting, month)
    return found + _counted("db_seconds", session, today)


def _by_month(days: Sequence[date]) -> list[list[date]]:
    return [
        [day for day in days if first_of(day) == month] for month in sorted({first_of(day) for day in days})
    ]


def _facts_of(reporting: Session, first: date, until: date) -> list[Found]:
    """A day without anybody is measured, too: it had none."""
    found = _people_of(reporting, first, until, "day")
    span = {"start": midnight(first), "end": midnight(until)}
    for dimension, query in ORDERS_SQL.items():
        for row in reporting.execute(text(query), span):
            found.append(_found("orders", dimension, row.member, row.day, row.orders))
    seen = {(one.driver, one.day) for one in found if one.dimension == "all"}
    for index in range((until - first).days):
        day = first + DAY * index
        found += [
            Found(driver, "all", "", day, Decimal(0))
            for driver in ("orders", "actions", "active_users")
            if (driver, day) not in seen
        ]
    return found


def _people_of(reporting: Session, first: date, until: date, unit: str) -> list[Found]:
    if unit == "month":
        until = shifted(first, 1)
    span = {"start": midnight(first), "end": midnight(until), "unit": unit}
    found = []
    for dimension, query in PEOPLE_SQL.items():
        for row in reporting.execute(text(query), span):
            people = MONTHLY_USERS if unit == "month" else "active_users"
            found.append(_found(people, dimension, row.member, row.day, row.people))
            if unit == "day":
                found.append(_found("actions", dimension, row.member, row.day, row.actions))
    return found


_HEAVIEST = text("""
    SELECT user_id, count(*) AS actions FROM reporting.usage_events
    WHERE at >= :start AND at < :end AND user_id IS NOT NULL
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :most
""")


def _heaviest(session: Session, reporting: Session, month: date) -> list[Found]:
    """Who was among them before and is no longer goes."""
    session.execute(delete(CostDriverDay).where(CostDriverDay.driver == HEAVIEST, CostDriverDay.day == month))
    span = {"start": midnight(month), "end": midnight(shifted(month, 1)), "most": MOST_HEAVY}
    return [
        Found(HEAVIEST, "user", str(row.user_id), month, Decimal(row.actions))
        for row in reporting.execute(_HEAVIEST, span)
    ]


def _found(driver: str, dimension: str, member: str | None, day: date, value: int) -> Found:
    member = member or ""
    if dimension == "flag":
        flag, _, member = member.partition("=")
        dimension = f"flag:{flag}"
    return Found(driver, dimension, member, day, Decimal(value))


def _database_seconds(reporting: Session) -> float | None:
    """How long this database has worked since it was started; no number before PostgreSQL 14."""
    row = reporting.execute(
        text("""
            SELECT (to_jsonb(stat) ->> 'active_time')::float8 / 1000
            FROM pg_stat_database AS stat WHERE datname = current_database()
        """)
    ).scalar()
    return cast("float | None", row)


def _prometheus(session: Session, now: datetime, sources: Sources) -> list[Found]:
    today = now.astimezone(UTC).date()
    found = []
    for driver in (driver for driver in DRIVERS.values() if driver.source == "Prometheus"):
        for day in _due(session, [driver.key], today - DAY * PROMETHEUS_DAYS, today, now):
            found += list(_increase(sources, driver, day, now))
    return found


def _increase(sources: Sources, driver: Driver, day: date, now: datetime) -> Iterator[Found]:
    end = min(midnight(day + DAY), now)
    seconds = max(60, round((end - midnight(day)).total_seconds()))
    by = f" by ({driver.label})" if driver.label else ""
    try:
        samples = sources.prometheus.query(f"sum{by} (increase({driver.expr}[{seconds}s]))", end)
    except Refused:
        return
    if not samples:
        return
    services: dict[str, Decimal] = {}
    for sample in samples:
        service = service_of(sample.labels.get(driver.label, "")) if driver.label else ""
        services[service] = services.get(service, Decimal()) + Decimal(repr(sample.value))
    yield Found(driver.key, "all", "", day, sum(services.values(), Decimal()))
    if driver.label:
        yield from (
            Found(driver.key, "service", name, day, value) for name, value in services.items() if name
        )


def _redis(session: Session, now: datetime, sources: Sources) -> list[Found]:
    told = cast("Mapping[str, int]", sources.redis.info("memory"))
    _sample(session, "cache_bytes", float(told["used_memory"]), now)
    return _levels("cache_bytes", session, now.astimezone(UTC).date())


def _sample(session: Session, driver: str, value: float | None, now: datetime) -> None:
    """The first reading of a moment stays: what a second one would find has moved on."""
    last = store.latest(session, "cost.sample", {"driver": driver})
    if last is None or last.at < now:
        store.record(session, "cost.sample", [(now, value)], {"driver": driver})


def _samples(session: Session, driver: str, start: datetime, end: datetime) -> list[float]:
    found = store.between(session, "cost.sample", start, end, {"driver": driver})
    return [point.value for point in found]


def _counted(driver: str, session: Session, today: date) -> list[Found]:
    """What a total grew by on this day and the one before; where it began anew, from 0."""
    found = []
    for day in (today - DAY, today):
        values = _samples(session, driver, midnight(day), midnight(day + DAY))
        grown = [b - a if b >= a else b for a, b in itertools.pairwise(values)]
        if grown:
            found.append(Found(driver, "all", "", day, Decimal(repr(sum(grown)))))
    return found


def _levels(driver: str, session: Session, today: date) -> list[Found]:
    """The mean level of this day and the one before."""
    found = []
    for day in (today - DAY, today):
        values = _samples(session, driver, midnight(day), midnight(day + DAY))
        if values:
            found.append(Found(driver, "all", "", day, Decimal(round(sum(values) / len(values)))))
    return found


def _record_series(session: Session, now: datetime) -> None:
    rows = session.execute(
        select(CostDriverDay.driver, CostDriverDay.day, CostDriverDay.value).where(
            CostDriverDay.dimension == "all",
            CostDriverDay.driver.in_(DRIVERS),
            CostDriverDay.measured_at == now,
        )
    )
    store.record_all(
        session,
        [("cost.driver", {"driver": row.driver}, midnight(row.day), float(row.value)) for row in rows],
    )


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
