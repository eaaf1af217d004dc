"""KPIs over millions of usage events: reading a dashboard, a day's run, a year anew, beside direct SQL.

`python -m benchmarks.kpi [--events 1000000]` on services of its own. Both sides are measured in the same run
and on the same data: the dashboard reads cells, the other side asks the events for two of the same figures.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kpi import calendar, coverage, gather, reading, rebuilding, rollups
from app.kpi.definitions import KPIS
from app.sources import Sources, connect
from config import control_plane_config
from tests.services import WEBHOOK_TOKEN, Services, run_services

DAYS = 365
EVENTS_PER_VISIT = 5
ROUNDS = 20
DIRECT_ROUNDS = 2
DASHBOARD_MS, DAY_SECONDS, YEAR_SECONDS, TIMES_FASTER = 150, 1, 60, 10
TILES = ("sessions", "conversion", "cart-abandonment", "active-users", "monthly-active-users", "stickiness",
         "orders", "revenue")  # fmt: skip
GROUPED = ("sessions", "conversion")

# Visits of five events, spread evenly over the year; each person comes a dozen times.
_FILL = """
INSERT INTO usage_events (event_id, at, session_id, visitor_id, user_id, kind, path, locale, country, device,
                          flags)
SELECT md5('e' || n)::uuid,
       %(start)s::timestamptz + visit * (interval '365 days' / %(visits)s) + step * interval '40 seconds',
       'visit-' || visit, 'visitor-' || (hashint4(visit::integer) & 2147483647) %% %(people)s, NULL,
       (ARRAY['page_view', 'product_view', 'search', 'cart_add', 'checkout_start'])[
           1 + least(step, (hashint4(visit::integer + 7) & 2147483647) %% 5)],
       '/', (ARRAY['de', 'en', 'fr', 'ar', 'it', 'es', 'nl'])[1 + visit %% 7],
       (ARRAY['DE', 'GB', 'FR', 'AE', 'IT', 'ES', 'NL'])[1 + visit %% 7],
       (ARRAY['mobile', 'desktop', 'tablet'])[1 + visit %% 3],
       CASE WHEN visit %% 4 = 0 THEN '{"new-checkout": "on"}' ELSE '{}' END::jsonb
FROM generate_series(%(first)s, %(last)s) AS n, LATERAL (SELECT n / 5 AS visit, n %% 5 AS step) AS at_step"""

# Fewer figures than the dashboard has, so that the comparison flatters nobody: no sales, no closed funnel.
_DIRECT = (
    """SELECT (at AT TIME ZONE 'UTC')::date, locale, count(DISTINCT session_id),
              count(DISTINCT session_id) FILTER (WHERE kind = 'cart_add')
       FROM reporting.usage_events WHERE at >= :start AND at < :end GROUP BY 1, 2""",
    """SELECT (at AT TIME ZONE 'UTC')::date, count(DISTINCT visitor_id)
       FROM reporting.usage_events WHERE at >= :start AND at < :end GROUP BY 1""",
)


def fill(services: Services, events: int, start: datetime) -> None:
    """Events of a year, in chunks that each are one statement."""
    visits = events // EVENTS_PER_VISIT
    chunk = 1_000_000
    with psycopg.connect(services.shop_database_url.replace("+psycopg", ""), autocommit=True) as shop:
        shop.execute("SET synchronous_commit = off")
        for month in range(14):
            shop.execute("SELECT make_usage_partition(%s)", [calendar.add_months(start.date(), month)])
        for first in range(0, events, chunk):
            span = {"first": first, "last": min(first + chunk, events) - 1}
            shop.execute(_FILL, {"start": start, "visits": visits, "people": max(visits // 12, 1), **span})
        shop.execute("VACUUM ANALYZE usage_events")  # as autovacuum does: it also sums up BRIN


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def dashboard(session: Session, first: datetime, last: datetime) -> None:
    """Eight tiles over a year and two breakdowns: what a page of KPIs reads."""
    span = (first.date(), last.date(), "UTC")
    reading.read_all(session, [KPIS[key] for key in TILES], *span)
    for kpi in GROUPED:
        reading.read(session, kpi, *span, "week", "locale")


def rebuild(sources: Sources, now: datetime) -> None:
    with sources.control.begin() as session, sources.reporting.begin() as reporting:
        coverage.ask_for(session, "UTC", now)
        gather.gather(session, reporting, now)
        rollups.roll(session, "UTC", now)


def anew(sources: Sources, now: datetime) -> None:
    """Every figure from the rows of sessions that are kept: what `backroom kpi recompute` costs."""
    with sources.control.begin() as session:
        rebuilding.recompute(session)
        rollups.roll(session, "UTC", now)


def a_day(services: Services, sources: Sources, now: datetime) -> float:
    """Events of new visitors come on the last day, so that it has to be computed again."""
    with sources.control.begin() as session:  # what was filled is not new any more
        session.execute(text("UPDATE kpi_loads SET read_until = clock_timestamp()"))
    with psycopg.connect(services.shop_database_url.replace("+psycopg", "")) as shop:
        shop.execute(
            "INSERT INTO usage_events (event_id, at, session_id, visitor_id, kind, path, locale, country,"
            " device, flags) SELECT gen_random_uuid(), %s, "
            "'new', 'new-' || gen_random_uuid(), 'page_view', '/', 'de', 'DE',"
            " 'mobile', '{}' FROM generate_series(1, 100) AS n",
            [now - timedelta(hours=13)],
        )
    return timed(lambda: rebuild(sources, now))


def measure(services: Services, sources: Sources, events: int) -> None:
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = now - timedelta(days=DAYS)
    print(f"{events:,} events filled in {timed(lambda: fill(services, events, start)):.0f} s", flush=True)
    year = timed(lambda: rebuild(sources, now))
    with sources.control() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(
            text("VACUUM ANALYZE")
        )
    again = timed(lambda: anew(sources, now))
    day = statistics.median(a_day(services, sources, now) for _ in range(3))
    with sources.control.begin() as session:
        took = sorted(timed(lambda: dashboard(session, start, now)) for _ in range(ROUNDS))
    p95_ms = took[int(ROUNDS * 0.95) - 1] * 1_000
    with sources.reporting.begin() as shop:
        span = {"start": start, "end": now}
        direct = min(
            timed(lambda: [shop.execute(text(query), span).all() for query in _DIRECT])
            for _ in range(DIRECT_ROUNDS)
        )
    say("dashboard of a year, p95", f"{p95_ms:.0f} ms", p95_ms < DASHBOARD_MS, f"< {DASHBOARD_MS} ms")
    say("a day's run", f"{day:.2f} s", day < DAY_SECONDS, f"< {DAY_SECONDS} s")
    say("a year anew, from kept sessions", f"{again:.0f} s", again < YEAR_SECONDS, f"< {YEAR_SECONDS} s")
    say("a year anew, from the events", f"{year:.0f} s", year < YEAR_SECONDS, f"< {YEAR_SECONDS} s")
    times = direct / statistics.median(took)
    say(
        "two of these figures by direct SQL",
        f"{direct:.2f} s, {times:.0f} ×",
        times >= TIMES_FASTER,
        "≥ 10 ×",
    )


def say(what: str, found: str, is_kept: bool, wanted: str) -> None:
    print(f"{what:38}{found:>18}   {'kept' if is_kept else 'MISSED':7}{wanted}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    events = parser.parse_args().events
    with run_services() as services:
        services.start_redis()
        settings = {
            "SECRET_KEY": "only-for-a-benchmark",  # nosec B105 # guards nothing
            "ENCRYPTION_KEYS": "only-for-measuring-on-this-machine",
            "REDIS_URL": services.redis_url,
            "CONTROL_DATABASE_URL": services.control_database_url,
            "REPORTING_DATABASE_URL": services.reporting_database_url,
            "PROMETHEUS_URL": "http://127.0.0.1:9",
            "ALERTMANAGER_URL": "http://127.0.0.1:9",
            "CONTROL_URL": "http://control.test",
            "SHOP_URL": "http://shop.test",
            "ALERT_WEBHOOK_TOKEN": WEBHOOK_TOKEN,
        }
        sources = connect(control_plane_config(settings), statement_timeout_ms=600_000)
        measure(services, sources, events)
        sources.close()


if __name__ == "__main__":
    main()
