"""Thirty days in PostgreSQL and Prometheus, agreeing with each other, and gone without a trace."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.flags.models import FlagState
from app.prometheus import Prometheus
from app.sources import Sources
from app.timeline import queries as timeline
from app.timeline.models import TimelineEntry
from config import ControlPlaneConfig, StorefrontConfig
from local.history import blocks, load, shape
from local.machine import CannotStart
from storefront.products.catalogue.generate import catalogue
from storefront.products.commands import put_on_sale
from tests.services import PrometheusBench, Services

UNTIL = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)


@pytest.fixture
def goods(shop_sessions: sessionmaker[Session]) -> None:
    with shop_sessions.begin() as session:
        put_on_sale(session, catalogue()[:20], UNTIL - timedelta(days=60))


@pytest.fixture
def facts(services: Services, shop_config: StorefrontConfig) -> Iterator[Callable[[str], Any]]:
    """Ask one question of the reporting views."""
    with psycopg.connect(
        services.reporting_database_url.replace("+psycopg", ""), autocommit=True
    ) as connection:

        def ask(query: str) -> Any:
            row = connection.execute(query).fetchone()
            assert row is not None
            return row[0] if len(row) == 1 else row

        yield ask


@pytest.fixture
def loaded(
    goods: None, shop_config: StorefrontConfig, control_sources: Sources, prometheus: PrometheusBench
) -> Prometheus:
    prometheus.stop()
    load.load(control_sources.control, shop_config.shop_database_url, UNTIL, prometheus.folder / "data")
    prometheus.start()
    return Prometheus(prometheus.url)


@pytest.mark.timeout(300)
def test_orders_sessions_metrics_and_timeline_tell_one_story_until_it_is_taken_out(
    loaded: Prometheus,
    facts: Callable[[str], Any],
    control_sources: Sources,
    shop_config: StorefrontConfig,
    prometheus: PrometheusBench,
) -> None:
    _orders_add_up(facts)
    _sessions_lead_to_orders(facts)
    _metrics_count_the_same(loaded, facts)
    _both_incidents_are_seen(loaded)
    _the_timeline_explains_them(control_sources)
    _a_flag_is_half_rolled_out(control_sources)
    assert load.is_loaded(control_sources.control)

    # In the same test: a month of metrics is made only once.
    _it_goes_without_a_trace(loaded, facts, control_sources, shop_config, prometheus)


def _orders_add_up(facts: Callable[[str], Any]) -> None:
    days = "count(DISTINCT (placed_at AT TIME ZONE 'UTC')::date)"
    orders, days_with_orders = facts(
        f"SELECT count(*), {days} FROM reporting.orders WHERE paid_at IS NOT NULL"
    )
    assert 15 * 30 <= orders <= 35 * 30
    assert days_with_orders >= 30
    assert facts("SELECT bool_and(is_demo) FROM reporting.orders")
    assert facts(
        "SELECT bool_and(o.gross_cents = l.sum) FROM reporting.orders o JOIN (SELECT order_id,"
        " sum(quantity * unit_price_cents) AS sum FROM reporting.order_lines GROUP BY 1) l USING (order_id)"
    )
    assert facts(
        "SELECT bool_and(p.amount_cents = o.total_cents)"
        " FROM reporting.payments p JOIN reporting.orders o USING (order_id)"
    )
    assert (
        facts("SELECT count(*) FROM reporting.orders WHERE (paid_at IS NULL) <> (status = 'cancelled')") == 0
    )


def _sessions_lead_to_orders(facts: Callable[[str], Any]) -> None:
    assert (
        facts(
            "SELECT count(*) FROM reporting.orders o WHERE paid_at IS NOT NULL AND NOT EXISTS (SELECT FROM"
            " reporting.usage_events e WHERE e.session_id = o.session_id AND e.kind = 'order_complete')"
        )
        == 0
    )
    sessions, buyers = facts(
        "SELECT count(DISTINCT session_id), count(DISTINCT session_id) FILTER (WHERE kind = 'order_complete')"
        " FROM reporting.usage_events"
    )
    assert 0.02 < buyers / sessions < 0.045
    assert facts("SELECT count(DISTINCT locale) FROM reporting.usage_events") == len(shape.LOCALE)
    assert facts("SELECT count(DISTINCT country) > 8 FROM reporting.usage_events")


def _metrics_count_the_same(client: Prometheus, facts: Callable[[str], Any]) -> None:
    [captured] = client.query(
        'sum(shop_payments_total{outcome=~"captured|refunded"})', UNTIL - timedelta(minutes=2)
    )
    paid = facts("SELECT count(*) FROM reporting.orders WHERE paid_at IS NOT NULL")
    assert captured.value == pytest.approx(paid, abs=2)
    [added] = client.query(
        'sum(shop_requests_total{route="/<locale>/cart/add"})', UNTIL - timedelta(minutes=2)
    )
    assert added.value == pytest.approx(
        facts("SELECT count(*) FROM reporting.usage_events WHERE kind = 'cart_add'"), abs=5
    )


def _both_incidents_are_seen(client: Prometheus) -> None:
    today = UNTIL.replace(hour=0, minute=0, second=0)
    failed = 'sum(increase(shop_journeys_total{journey="pay",outcome="bad"}[1h]))'
    end = datetime.fromtimestamp(shape.PAYMENTS_TIME_OUT.span(today)[1], UTC)
    assert client.query(failed, end)[0].value >= 3
    assert client.query(failed, end - timedelta(days=1))[0].value < 2

    name = "shop_journey_duration_seconds"
    slow = (
        f'1 - sum(increase({name}_bucket{{journey="checkout",le="0.5"}}[2h]))'
        f' / sum(increase({name}_count{{journey="checkout"}}[2h]))'
    )
    end = datetime.fromtimestamp(shape.SLOW_CHECKOUT.span(today)[1], UTC)
    assert client.query(slow, end)[0].value > 0.4
    assert client.query(slow, end - timedelta(days=1))[0].value < 0.2


def _the_timeline_explains_them(sources: Sources) -> None:
    with sources.control() as session:
        entries = timeline.between(session, UNTIL - timedelta(days=31), UNTIL + timedelta(seconds=1))
    assert {"deploy", "release", "incident", "flag", "maintenance"} <= {entry.kind for entry in entries}
    assert all(entry.is_demo for entry in entries)
    told = [entry.kind for entry in entries if entry.subject == "flag:new-checkout"]
    assert told.count("flag") == len(shape.ROLLOUT)
    assert told.count("experiment") == 4  # one started, stopped and decided, another started


def _a_flag_is_half_rolled_out(sources: Sources) -> None:
    with sources.control() as session:
        state = session.get_one(FlagState, (shape.FLAG, "production"))
    assert state.enabled
    assert state.strategies[0]["parameters"]["rollout"] == "50"


def _it_goes_without_a_trace(
    loaded: Prometheus,
    facts: Callable[[str], Any],
    control_sources: Sources,
    shop_config: StorefrontConfig,
    prometheus: PrometheusBench,
) -> None:
    with control_sources.control.begin() as session:
        session.add(
            TimelineEntry(
                at=UNTIL, kind="deploy", title="Real", subject="shop", detail="", url="", is_demo=False
            )
        )
    for _ in range(2):
        said = load.remove(
            control_sources.control, shop_config.shop_database_url, datetime.now(UTC), prometheus.url
        )

    assert said == "There is no demo data."
    for view in ("orders", "order_lines", "payments", "usage_events", "users"):
        assert facts(f"SELECT count(*) FROM reporting.{view}") == 0
    assert facts("SELECT count(*) FROM reporting.products") == 20
    assert loaded.query('count({job=~".+"})', UNTIL - timedelta(days=3)) == []
    with control_sources.control() as session:
        assert session.scalars(select(TimelineEntry.title).where(TimelineEntry.is_demo)).all() == []
        assert session.scalar(select(func.count()).where(TimelineEntry.title == "Real")) == 1
        assert not session.get_one(FlagState, (shape.FLAG, "production")).enabled


def test_a_prometheus_that_is_down_is_named_and_the_rest_can_be_tried_again(
    goods: None, shop_config: StorefrontConfig, control_sources: Sources
) -> None:
    load.load(control_sources.control, shop_config.shop_database_url, UNTIL, None)

    with pytest.raises(CannotStart, match="must be running, with its admin API"):
        load.remove(control_sources.control, shop_config.shop_database_url, UNTIL, "http://127.0.0.1:9")

    assert load.is_loaded(control_sources.control)
    assert "was removed" in load.remove(control_sources.control, shop_config.shop_database_url, UNTIL, None)


def test_todays_orders_are_in_the_live_counters_as_long_as_they_are_in_the_tables(
    goods: None,
    shop_config: StorefrontConfig,
    control_sources: Sources,
    facts: Callable[[str], Any],
    redis: Redis,
) -> None:
    end = UNTIL.replace(hour=0, minute=0, second=0) - timedelta(minutes=1)
    keys = [f"shop:live:{what}:{end:%Y-%m-%d}" for what in ("orders", "revenue_cents")]
    redis.set(keys[0], 3)

    load.load(control_sources.control, shop_config.shop_database_url, end, None, redis)

    paid = f"paid_at IS NOT NULL AND (paid_at AT TIME ZONE 'UTC')::date = '{end:%Y-%m-%d}'"
    orders, cents = facts(f"SELECT count(*), sum(total_cents) FROM reporting.orders WHERE {paid}")
    assert orders > 5
    assert redis.mget(keys) == [str(3 + orders), str(cents)]

    load.remove(control_sources.control, shop_config.shop_database_url, UNTIL, None, redis)
    assert redis.mget(keys) == ["3", "0"]


def test_without_goods_there_is_no_history(shop_config: StorefrontConfig, control_sources: Sources) -> None:
    with pytest.raises(CannotStart, match="no products"):
        load.load(control_sources.control, shop_config.shop_database_url, UNTIL, None)
    assert not load.is_loaded(control_sources.control)


def test_a_promtool_that_fails_stops_the_start(tmp_path: Path) -> None:
    today = UNTIL.replace(hour=0, minute=0, second=0)
    making = blocks.start(today, UNTIL, tmp_path / "demo", Path("/bin/false"))

    with pytest.raises(CannotStart, match="were not made"):
        making.wait()


def test_the_commands_of_run_load_once(
    goods: None,
    control_config: ControlPlaneConfig,
    shop_config: StorefrontConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (
        ("SECRET_KEY", control_config.secret_key),
        ("ENCRYPTION_KEYS", ",".join(control_config.encryption_keys)),
        ("CONTROL_DATABASE_URL", control_config.control_database_url),
        ("REPORTING_DATABASE_URL", control_config.reporting_database_url),
        ("SHOP_DATABASE_URL", shop_config.shop_database_url),
        ("REDIS_URL", control_config.redis_url),
        ("PROMETHEUS_URL", control_config.prometheus_url),
        ("ALERTMANAGER_URL", control_config.alertmanager_url),
        ("CONTROL_URL", control_config.control_url),
        ("SHOP_URL", control_config.shop_url),
        ("ALERT_WEBHOOK_TOKEN", control_config.alert_webhook_token),
        ("GATEWAY_URL", shop_config.gateway_url),
        ("GATEWAY_SECRET", shop_config.gateway_secret),
    ):
        monkeypatch.setitem(os.environ, name, value)

    for arguments in (["load"], ["load"], ["remove"]):
        load.main(arguments)

    first, again, gone = capsys.readouterr().out.splitlines()
    assert first.endswith("was loaded.")
    assert again == "The demo data is there already."
    assert gone.endswith("was removed.")
