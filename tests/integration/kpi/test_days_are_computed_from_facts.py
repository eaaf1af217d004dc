"""The job kpi.daily on the shop's real views: what counts, on which day, and what late facts change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.errors import Unavailable
from app.kpi import jobs
from app.kpi.models import KpiDay
from app.series.models import SeriesPoint
from tests import reporting


def test_an_order_counts_on_the_day_it_is_paid(facts, day, compute, value) -> None:
    reporting.order(facts, day(-2, 23, 59) + timedelta(seconds=59), 10_000)  # paid two seconds later
    reporting.order(facts, day(-2), 4_000, discount=1_000)
    reporting.order(facts, day(-2), 9_000, paid=False)
    compute()
    assert (value("kpi.orders", -2), value("kpi.orders", -1)) == (1, 1)
    assert (value("kpi.revenue_cents", -2), value("kpi.revenue_cents", -1)) == (3_500, 10_500)
    assert value("kpi.aov_cents", -2) == 3_000  # without shipping, less the discount


def test_a_refund_counts_on_the_day_it_is_made(facts, day, compute, value) -> None:
    paid = reporting.order(facts, day(-5), 10_000, status="refunded")
    reporting.refund(facts, paid, 10_500, day(-2))
    never = reporting.order(facts, day(-5), 7_000, paid=False)
    reporting.refund(facts, never, 7_500, day(-2))  # money that came too late for its order
    compute()
    assert (value("kpi.orders", -5), value("kpi.revenue_cents", -5)) == (1, 10_500)
    assert (value("kpi.orders", -2), value("kpi.revenue_cents", -2)) == (0, -10_500)


def test_a_visit_belongs_to_the_day_it_began(facts, day, compute, value) -> None:
    reporting.visit(facts, day(-2, 23, 50), "over midnight", pages=20)
    reporting.visit(facts, day(-1, 12), "at noon")
    compute()
    assert (value("kpi.sessions", -2), value("kpi.sessions", -1)) == (1, 1)
    assert (value("kpi.active_users", -2), value("kpi.active_users", -1)) == (1, 2)


def test_conversion_is_of_visits_that_bought(facts, day, compute, value) -> None:
    for number in range(4):
        reporting.visit(facts, day(-1, 8 + number), f"visit {number}")
    reporting.order(facts, day(-1, 8, 5), visit="visit 0")
    reporting.order(facts, day(-1, 8, 9), visit="visit 0")  # twice in one visit is one visit that bought
    reporting.order(facts, day(-1, 9, 5), visit="visit 1", paid=False)
    compute()
    assert value("kpi.sessions_with_order", -1) == 1
    assert value("kpi.conversion", -1) == pytest.approx(0.25)


def test_an_order_after_midnight_belongs_to_the_visits_day(facts, day, compute, value) -> None:
    reporting.visit(facts, day(-2, 23, 55), "late")
    reporting.order(facts, day(-1, 0, 3), visit="late")
    compute()
    assert value("kpi.sessions_with_order", -2) == 1
    assert value("kpi.sessions_with_order", -1) == 0
    assert value("kpi.orders", -1) == 1


def test_one_person_is_counted_once_where_the_shop_knows_them(facts, day, compute, value) -> None:
    user = facts.scalar(
        text(
            "INSERT INTO users (email, name, password_hash, locale, country, created_at)"
            " VALUES ('a@example.org', 'A', 'x', 'de', 'DE', now()) RETURNING id"
        )
    )
    reporting.visit(facts, day(-1, 8), "phone", visitor="phone", user=user)
    reporting.visit(facts, day(-1, 9), "desk", visitor="desk", user=user)
    reporting.visit(facts, day(-1, 7), "desk before signing in", visitor="desk")
    reporting.visit(facts, day(-1, 9), "somebody", visitor="somebody")
    compute()
    assert value("kpi.active_users", -1) == 2


def test_a_day_without_visits_has_no_conversion_and_no_order_value(facts, day, compute, value) -> None:
    reporting.visit(facts, day(-3), "one")
    compute()
    assert (value("kpi.sessions", -2), value("kpi.orders", -2)) == (0, 0)
    assert value("kpi.conversion", -2) is None
    assert value("kpi.aov_cents", -2) is None


def test_days_before_the_first_fact_have_no_data(facts, day, compute, value) -> None:
    reporting.order(facts, day(-3))
    compute()
    assert value("kpi.orders", -4) is None


def test_all_missing_days_are_filled_and_then_only_those_that_change(facts, day, compute, value) -> None:
    reporting.order(facts, day(-40))
    assert compute().startswith("41 days computed")
    assert compute().startswith("2 days computed")  # yesterday and today: they were not over
    reporting.order(facts, day(-20))
    assert compute().startswith("3 days computed")
    assert value("kpi.orders", -20) == 1


def test_twice_for_one_moment_changes_nothing(facts, day, compute, control_session, now) -> None:
    reporting.order(facts, day(-2))
    reporting.visit(facts, day(-2), "one")
    compute()

    def points():
        rows = control_session.execute(select(SeriesPoint.series_id, SeriesPoint.at, SeriesPoint.value))
        return sorted(tuple(row) for row in rows)

    before = points()
    compute()
    assert points() == before


def test_late_facts_change_recent_days(facts, day, compute, value) -> None:
    reporting.order(facts, day(-2))
    compute()
    reporting.order(facts, day(-2, 10))
    compute()
    assert value("kpi.orders", -2) == 2


def test_a_day_computed_before_it_was_over_is_computed_again_later(facts, day, compute, value, now) -> None:
    reporting.order(facts, day(-10))
    compute(at=day(-10, 12))
    reporting.order(facts, day(-10, 20))
    compute(at=now)
    assert value("kpi.orders", -10) == 2


def test_an_empty_shop_has_nothing_to_compute(compute, control_session) -> None:
    assert compute() == "the shop has no facts yet"
    assert control_session.scalars(select(KpiDay)).all() == []


def test_what_the_shop_does_now_is_read_from_redis(control_session, control_sources, redis, now, day) -> None:
    from app.series import store

    redis.zadd(
        "shop:live:visitors",
        {"a": now.timestamp() - 10, "b": now.timestamp() - 299, "c": now.timestamp() - 400},
    )
    redis.set(f"shop:live:orders:{now:%Y-%m-%d}", 3)
    redis.set(f"shop:live:revenue_cents:{now:%Y-%m-%d}", 12_345)
    redis.set(f"shop:live:orders:{day(-1):%Y-%m-%d}", 99)
    assert jobs.live(control_session, now, control_sources) == "2 visitors, 3 orders today"
    found = {
        key: store.latest(control_session, key).value
        for key in ("live.visitors", "live.orders_today", "live.revenue_today_cents")
    }
    assert found == {"live.visitors": 2, "live.orders_today": 3, "live.revenue_today_cents": 12_345}


def test_a_dead_redis_is_a_failed_run_and_no_zero(services, control_session, control_sources, now) -> None:
    from app.series import store

    services.stop("redis")
    try:
        with pytest.raises(Unavailable):
            jobs.live(control_session, now, control_sources)
    finally:
        services.start_redis()
    assert store.latest(control_session, "live.visitors") is None


def test_both_sides_name_the_same_counters() -> None:
    from storefront import live

    assert (jobs.VISITORS, jobs.ORDERS, jobs.REVENUE_CENTS) == (
        live.VISITORS,
        live.ORDERS,
        live.REVENUE_CENTS,
    )
    assert jobs.VISITOR_SECONDS == live.VISITOR_SECONDS
