"""Drivers are measured, metered lines follow them, and each locale and variant gets its part."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from app.cost import commands, jobs, ledger, queries, units
from app.cost.allocation import commands as allocation
from app.cost.allocation import queries as runs
from app.cost.allocation.rules import Rule
from app.cost.line import Line
from app.cost.models import CostDriverDay
from app.cost.month import first_of
from app.cost.rates import commands as rates
from app.cost.rates.rate import read
from app.errors import Conflict, Refused
from app.rollouts import gather
from app.series import store
from tests import reporting

WHO = "pm@house.test"
FEE = {"kind": "metered", "driver": "orders", "percent": Decimal("2.9"), "unit_price": Decimal("0.30")}


@pytest.fixture
def this_month(now):
    return first_of(now.date())


@pytest.fixture
def shop(shop_session, now):
    """Two people with the new checkout, one without; orders of 105.00, 15.00 and 15.00, one refunded."""
    reporting.prepare(shop_session, now - timedelta(days=62), now)
    at = now - timedelta(hours=2)
    for name, user in (("anna", 1), ("ben", None), ("cleo", None)):
        reporting.visit(shop_session, at, name, user=user)
    paid = [
        reporting.order(shop_session, at, gross, visit=name)
        for gross, name in ((10_000, "anna"), (1_000, "ben"))
    ]
    reporting.order(shop_session, at, 1_000, visit="cleo")
    reporting.refund(shop_session, paid[0], 10_500, now)
    for table in ("usage_events", "orders"):
        on = "jsonb_build_object('new-checkout', CASE visitor_id WHEN 'of cleo' THEN 'off' ELSE 'on' END)"
        shop_session.execute(text(f"UPDATE {table} SET flags = {on}"))
    shop_session.execute(text("UPDATE usage_events SET path = '/de/cart' WHERE visitor_id = 'of ben'"))
    shop_session.commit()


@pytest.fixture
def add(control_session, this_month, now):
    def line(cents: int = 9_000, **more):
        made = {"component": "hosting", "currency": "EUR", "from_month": this_month} | more
        row = commands.add(
            control_session,
            Line(name="x", vendor="", amount_cents=cents, to_month=None, **made),
            WHO,
            now,
        )
        control_session.commit()
        return row

    return line


@pytest.fixture
def measure(control_session, control_sources, now):
    def job(at=now) -> str:
        said = jobs.drivers(control_session, at, control_sources)
        control_session.commit()
        return said

    return job


def measured(session, driver: str, dimension: str, now) -> dict[str, int]:
    rows = session.execute(
        select(CostDriverDay.member, CostDriverDay.value).where(
            CostDriverDay.driver == driver,
            CostDriverDay.dimension == dimension,
            CostDriverDay.day == now.date(),
        )
    )
    return {member: int(value) for member, value in rows}


def test_drivers_are_counted_in_all_and_by_service_locale_and_variant(
    shop, measure, control_session, now
) -> None:
    said = measure()
    assert "no answer from Prometheus" in said
    assert measured(control_session, "orders", "all", now) == {"": 3}
    assert measured(control_session, "active_users", "service", now) == {"products": 2, "cart": 1}
    assert measured(control_session, "active_users", "flag:new-checkout", now) == {"on": 2, "off": 1}
    assert measured(control_session, "actions", "locale", now) == {"de": 6}
    fresh = queries.freshness(control_session)
    assert fresh["cache_bytes"].value > 0
    assert "requests" not in fresh
    measure(now + timedelta(minutes=10))
    assert measured(control_session, "actions", "locale", now) == {"de": 6}


def test_a_fee_is_rounded_for_each_order_and_kept_on_a_refund(
    shop, add, measure, control_session, this_month
) -> None:
    add(0, component="payments", **FEE)
    measure()
    (bill,) = ledger.bills(control_session, this_month, this_month)
    # 105.00 × 2.9 % + 0.30 = 3.345 → 3.35 and twice 15.00 × 2.9 % + 0.30 = 0.735 → 0.74
    assert bill.total_cents == 335 + 74 + 74


def test_the_cost_guard_finds_what_a_user_of_each_variant_costs(
    shop, add, measure, control_session, this_month
) -> None:
    add(9_000)
    measure()
    on, off = gather.cost(control_session, "new-checkout")
    assert (on, off) == (3_000, 3_000)
    parts = units.of(control_session, this_month, "flag:new-checkout")
    assert sum(part.cents for part in parts) == 9_000
    point = store.latest(control_session, "cost.per_order_by_locale_cents", {"locale": "de"})
    assert point
    assert point.value == 3_000


def test_a_month_is_divided_once_kept_and_divided_again_to_the_same_cents(
    shop, add, measure, control_session, this_month, now
) -> None:
    add(1_000)
    add(500, component="other")
    measure()
    run = allocation.run(control_session, this_month, WHO, now)
    control_session.commit()
    assert run.direct_cents + run.driver_cents + run.even_cents + run.shared_cents + run.idle_cents == 1_500
    assert (run.driver_cents, run.shared_cents) == (1_000, 500)
    assert runs.allocation(run).by_target() == {"products": 667, "": 500, "cart": 333}
    assert allocation.run(control_session, this_month, WHO, now).id == run.id
    assert allocation.is_reproduced(control_session, run)
    version = runs.current(control_session)
    allocation.save_rules(control_session, [Rule("All", "even")], version.version, "test", WHO, now)
    again = allocation.run(control_session, this_month, WHO, now)
    control_session.commit()
    assert (again.id != run.id, again.even_cents) == (True, 1_500)
    assert allocation.is_reproduced(control_session, run)
    changes = {row.target: row.change for row in runs.compared(run, again)}
    assert (changes["shared"], changes["payments"], sum(changes.values())) == (-500, 300, 0)
    with pytest.raises(Conflict):
        allocation.save_rules(control_session, [], version.version, "", WHO, now)


def test_a_currency_without_a_rate_is_no_data_until_there_is_one(
    add, control_session, this_month, now
) -> None:
    add(10_000, currency="USD")
    (bill,) = ledger.bills(control_session, this_month, this_month)
    assert (bill.total_cents, bill.missing) == (None, ("USD",))
    with pytest.raises(Refused, match="USD"):
        allocation.run(control_session, this_month, WHO, now)
    rates.save(control_session, [read("usd", "2026-01-01", "0.9", "", "EUR")], WHO, now)
    (bill,) = ledger.bills(control_session, this_month, this_month)
    assert bill.total_cents == 9_000
    by_day = ledger.accounts(control_session, this_month, first_of(this_month + timedelta(days=32)))
    (account,) = by_day.values()
    assert sum(account.days.values()) == 90
    assert rates.save_table(control_session, "currency,from_day,rate\nUSD,2026-02-01,0.8\n", WHO, now) == 1
    with pytest.raises(Refused):
        rates.save_table(control_session, "currency,from_day,rate\nUSD,9999-01-01,0.8\n", WHO, now)


def test_who_never_met_a_flag_bears_a_part_of_the_bill(
    shop, add, measure, control_session, shop_session, this_month, now
) -> None:
    reporting.visit(shop_session, now - timedelta(hours=1), "dora", pages=6)
    shop_session.commit()
    add(12_000)
    measure()
    parts = {part.member: part.cents for part in units.of(control_session, this_month, "flag:new-checkout")}
    assert parts == {"": 6_000, "off": 2_000, "on": 4_000}
    assert gather.cost(control_session, "new-checkout") == (2_000, 2_000)
