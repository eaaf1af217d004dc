"""Pages and exports: value, comparison, target, and how the figure is made."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from sqlalchemy import select, text

from app.audit.models import AuditEntry
from app.timeline import commands as timeline
from tests import reporting


@pytest.fixture
def pm(signed_in, now):
    return signed_in("product_manager")


@pytest.fixture
def history(facts, day, compute, control_session):
    """Two orders a day and ten visits for a week; before that one order and ten visits a day."""
    for offset in range(-14, 1):
        for number in range(10):
            reporting.visit(facts, day(offset, 8, number), f"{offset}/{number}", pages=1)
        for number in range(2 if offset >= -7 else 1):
            reporting.order(facts, day(offset, 8, 30), visit=f"{offset}/{number}")
    compute()


def test_a_tile_says_value_change_and_formula(pm, history) -> None:
    page = pm.get("/kpi/").text
    assert "€1,470" in page  # 14 orders of 105.00
    assert "+100% on the 7 days before" in page
    assert "+10 pp on the 7 days before" in page  # conversion 20 % after 10 %
    assert "Totals of the orders paid on that day, less the refunds made on it" in page


def test_one_day_is_compared_with_the_same_weekday(pm, history) -> None:
    page = pm.get("/kpi/?period=1d").text
    assert "on the same weekday" in page
    assert "14 of 28 days" in pm.get("/kpi/_tiles?period=28d").text
    assert pm.get("/kpi/?period=nonsense").status_code == 200


def test_without_facts_every_tile_says_no_data(pm) -> None:
    page = pm.get("/kpi/").text
    assert page.count("no data") >= 6
    assert "0%" not in page
    assert "no data" in pm.get("/kpi/revenue").text


def test_what_the_shop_does_now_has_its_age(pm, control_session, control_sources, redis, now) -> None:
    from app.kpi import jobs

    redis.zadd("shop:live:visitors", {"a": now.timestamp()})
    jobs.live(control_session, now, control_sources)
    control_session.commit()
    page = pm.get("/kpi/_live").text
    assert "Visitors now" in page
    assert "<time" in page


def test_a_kpi_has_its_days_query_and_what_happened(pm, history, control_session, day) -> None:
    timeline.record(control_session, day(-3), "deploy", "Shop 2.1", "shop", url="/jobs/")
    control_session.commit()
    page = pm.get("/kpi/revenue?range=30d").text
    assert "FROM reporting.orders" in page
    assert "Shop 2.1" in page
    assert "not over yet" in page
    assert "€210.00" in page
    assert "Today so far" in page
    drawn = pm.get("/kpi/revenue/chart.json?range=7d").json
    assert drawn["unit"] == "cents"
    assert drawn["lines"][0]["values"] == [21_000] * 7
    assert [note["title"] for note in drawn["annotations"]] == ["Shop 2.1"]
    assert pm.get("/kpi/nonsense").status_code == 404
    assert pm.get("/api/v1/kpi/nonsense").status_code == 404


def test_a_target_is_set_audited_and_taken_away_again(pm, history, control_session) -> None:
    assert pm.post("/kpi/orders/target", data={"target": "2"}).status_code == 303
    entry = control_session.scalars(select(AuditEntry).where(AuditEntry.action == "kpi.target")).one()
    assert (entry.before, entry.after) == ({"target": None}, {"target": 2.0})
    assert 'value="2"' in pm.get("/kpi/orders").text
    assert pm.post("/kpi/orders/target", data={"target": ""}).status_code == 303
    assert 'value="2"' not in pm.get("/kpi/orders").text


def test_targets_of_past_days_stay(pm, history, control_session, day) -> None:
    from app.kpi import commands, queries
    from app.kpi.measures import KPIS

    orders = KPIS["orders"]
    commands.set_target(control_session, orders, 2, "pm@house.test", day(-10))
    commands.set_target(control_session, orders, 5, "pm@house.test", day(-2))
    control_session.commit()
    assert queries.target_on(control_session, orders, day(-3).date()) == 2
    assert queries.target_on(control_session, orders, day(-2).date()) == 5
    assert queries.target_on(control_session, orders, day(-11).date()) is None
    page = pm.get("/kpi/").text
    assert "below target" in page  # 5 × 2 + 2 × 5 = 20 for the week, and there were 14
    shown = pm.get("/kpi/orders").text
    assert "on target" in shown
    assert "below target" in shown


@pytest.mark.parametrize("typed", ["-1", "NaN", "ten", "1e400", "101"])
def test_a_wrong_target_is_answered_beside_the_field(pm, typed: str) -> None:
    answer = pm.post("/kpi/conversion/target", data={"target": typed}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert 'id="error-target"' in answer.text


def test_who_only_looks_sets_no_target(signed_in) -> None:
    viewer = signed_in("viewer")
    assert "No target is set." in viewer.get("/kpi/revenue").text
    assert viewer.post("/kpi/revenue/target", data={"target": "1"}).status_code == 403


def test_an_export_has_every_day_and_empty_is_no_data(pm, history, day) -> None:
    span = f"from={day(-15).date()}&to={day(0).date()}"
    answer = pm.get(f"/kpi/orders.csv?{span}")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert len(rows) == 16
    assert rows[0] == {
        "day": str(day(-15).date()),
        "kpi.orders": "",
        "target": "",
        "partial": "0",
        "demo": "0",
    }
    assert (rows[1]["kpi.orders"], rows[-2]["kpi.orders"]) == ("1", "2")
    assert rows[-1]["partial"] == "1"
    told = pm.get(f"/api/v1/kpi/orders?{span}").json
    assert [one["value"] for one in told["days"]][:3] == [None, 1, 1]
    assert told["days"][-1]["partial"] is True
    assert (told["unit"], told["series"]) == ("count", "kpi.orders")
    assert pm.get("/api/v1/kpi/orders?from=nonsense").status_code == 422
    known = {kpi["key"] for kpi in pm.get("/api/v1/kpi").json["kpis"]}
    assert {"orders", "net-sales", "returning-customer-rate", "stickiness"} <= known


def test_made_up_facts_are_marked(pm, facts, day, compute) -> None:
    reporting.order(facts, day(-3))
    facts.execute(text("UPDATE orders SET is_demo = true"))
    compute()
    assert "demo data" in pm.get("/kpi/").text
    assert "demo data" in pm.get("/kpi/orders").text
    told = pm.get(f"/api/v1/kpi/orders?from={day(-3).date()}").json
    assert [one["demo"] for one in told["days"]] == [True, False, False, False]
