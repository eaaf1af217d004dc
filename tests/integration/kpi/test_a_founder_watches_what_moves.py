"""Noise, forecasts, unusual days, own dashboards, growth and targets by date, on the pages."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from app.kpi import reading
from app.kpi.definitions import KPIS
from app.kpi.outlook.jobs import look_ahead
from app.kpi.outlook.models import KpiOutlook
from app.series import store
from tests import figures


@pytest.fixture
def pm(signed_in, now):
    return signed_in("product_manager")


@pytest.fixture
def half_a_year(control_session, day, now):
    """Orders and sessions of 180 days by weekday; in the last week a third of the orders are missing.

    All that is missing was to be sold in Germany.
    """
    rng = random.Random(7)
    orders, sessions, german = {}, {}, {}
    for offset in range(-180, 0):
        on = day(offset, 0).date()
        weekend = 0.6 if on.weekday() > 4 else 1.0
        usual = round(rng.gauss(400 * weekend, 20 * weekend))
        german[on] = round(usual * (0.15 if offset >= -7 else 0.5))
        orders[on] = usual - round(usual * 0.5) + german[on]
        sessions[on] = round(rng.gauss(9_000 * weekend, 150))
    users = {on: value / 3 for on, value in sessions.items()}
    measures = {
        "orders": orders,
        "sessions": sessions,
        "completed_sessions": orders,
        "active_users": users,
        "active_users_30d": users,
    }
    figures.keep(control_session, measures, now)
    figures.keep(control_session, {"orders": german}, now, "country", "DE")
    rest = {on: value - german[on] for on, value in orders.items()}
    figures.keep(control_session, {"orders": rest}, now, "country", "FR")
    control_session.commit()


def test_a_real_fall_is_told_from_noise_and_comes_first(pm, half_a_year) -> None:
    found = pm.get("/api/v1/kpi/-/tiles").json["tiles"]
    assert found[0]["kpi"] == "orders"
    assert found[0]["noise"]["verdict"] == "more"
    assert {one["kpi"]: one["noise"]["verdict"] for one in found}["sessions"] == "within"
    page = pm.get("/kpi/").text
    assert "Worse than chance explains: Orders" in page
    assert "Within what chance does." in page
    assert page.index("Orders") < page.index("Sessions")


def test_a_dashboard_is_taken_along_as_csv(pm, half_a_year) -> None:
    lines = pm.get("/kpi/-/tiles.csv").text.splitlines()
    assert lines[0].startswith("kpi,unit,first,last,value")
    assert any(line.startswith("orders,count,") and line.endswith(",more") for line in lines)


def test_a_kpi_says_what_comes_and_what_was_unusual(pm, half_a_year) -> None:
    page = pm.get("/kpi/orders?range=90d").text
    assert "Forecast by" in page
    assert "usual is" in page
    chart = pm.get("/kpi/orders/chart.json?range=30d").json
    assert [line["name"] for line in chart["lines"]] == ["Orders", "Low", "High", "Forecast"]
    assert chart["bands"] == [[3, 2]]  # from the high line down to the low one
    assert any("Unusual day" in note["title"] for note in chart["annotations"])
    assert "Most of it by Country: DE" in page
    assert "FR" in page
    assert "No forecast" in pm.get("/kpi/revenue").text


def test_a_filter_narrows_every_tile_that_can_be_narrowed(pm, half_a_year) -> None:
    found = {one["kpi"]: one for one in pm.get("/api/v1/kpi/-/tiles?country=FR").json["tiles"]}
    assert found["orders"]["noise"]["verdict"] == "within"
    assert found["weekly-active-users"]["noise"]["why"] == "filter"
    page = pm.get("/kpi/?country=FR&compare=year&grain=week").text
    assert "Country: FR" in page
    assert '<option value="year" selected>' in page
    assert pm.get("/kpi/orders?country=FR&grain=month&range=90d").status_code == 200
    assert pm.get("/kpi/orders/breakdown.csv?by=country&range=30d").text.startswith(
        "country,value,before,share"
    )


def test_the_outlook_is_told_as_json(pm, half_a_year) -> None:
    found = pm.get("/api/v1/kpi/orders/outlook").json
    assert len(found["forecast"]["mid"]) == 28
    assert found["forecast"]["mase"] <= found["forecast"]["naive_mase"]
    worst = found["unusual"][0]
    assert worst["by"] == "country"
    parts = sum(part["difference"] for part in worst["parts"])
    assert parts < 0
    assert pm.get("/api/v1/kpi/revenue/outlook").json["forecast"] == {"reason": "zeros"}
    assert pm.get("/api/v1/kpi/nothing/outlook").status_code == 404


def test_the_outlook_is_kept_as_series_and_a_lost_one_goes(
    control_session, control_sources, half_a_year, day, now
) -> None:
    look_ahead(control_session, now, control_sources)
    labels = {"kpi": "orders", "line": "mid"}
    ahead = store.between(control_session, "kpi.forecast", day(0, 0), day(40), labels)
    assert len(ahead) == 28
    low = store.between(control_session, "kpi.forecast", day(0, 0), day(40), labels | {"line": "low"})
    assert all(edge.value <= middle.value for edge, middle in zip(low, ahead, strict=True))
    assert store.latest(control_session, "kpi.anomaly", {"kpi": "orders"}).value < -4  # type: ignore[union-attr]
    later = now + timedelta(days=60)
    look_ahead(control_session, later, control_sources)
    outlook = control_session.scalar(select(KpiOutlook).where(KpiOutlook.kpi == "orders"))
    assert outlook.reason == "old"
    gone = store.between(control_session, "kpi.forecast", later, later + timedelta(days=40), labels)
    assert gone == []


def test_a_dashboard_of_ones_own_is_shared_as_a_link(pm, signed_in, half_a_year) -> None:
    form = {
        "name": "Mine",
        "tiles": ["sessions", "orders"],
        "place-orders": "1",
        "period": "28d",
        "is_shared": "1",
    }
    made = pm.post("/kpi/-/boards/", data=form)
    assert made.status_code == 303
    page = pm.get(made.location).text
    tiles = page[page.index('id="kpi-tiles"') :]
    assert tiles.index("Orders") < tiles.index("Sessions")
    assert "Conversion" not in tiles
    other = signed_in("viewer")
    assert "Mine" in other.get(made.location).text
    assert other.post(made.location, data=form | {"revision": "1"}).status_code == 403
    pm.post(made.location, data={**form, "is_shared": "", "revision": "1"})
    assert other.get(made.location).status_code == 404
    assert pm.post(made.location, data=form | {"revision": "1"}).status_code == 409
    assert pm.post("/kpi/-/boards/", data=form).status_code == 409
    assert pm.post("/kpi/-/boards/", data={"name": "", "tiles": ["nope"]}).status_code == 422
    assert pm.post(f"{made.location}/remove").status_code == 303
    assert pm.get(made.location).status_code == 404


def test_boards_are_kept_by_api(pm) -> None:
    made = pm.post(
        "/api/v1/kpi/-/boards", json={"name": "By API", "tiles": ["orders"], "filters": {"country": "DE"}}
    )
    assert made.status_code == 201
    url = f"/api/v1/kpi/-/boards/{made.json['id']}"
    changed = pm.put(url, json={"name": "By API", "tiles": ["aov", "orders"], "revision": 1})
    assert changed.json["tiles"] == ["aov", "orders"]
    assert pm.put(url, json={"name": "x", "tiles": ["aov"], "revision": 1}).status_code == 409
    assert pm.post("/api/v1/kpi/-/boards", json=[]).status_code == 422
    assert pm.delete(url).status_code == 204
    assert pm.get(url).status_code == 404


def test_pages_stand_without_any_data(pm) -> None:
    for path in ("/kpi/", "/kpi/orders", "/kpi/-/growth", "/kpi/-/targets?add=1", "/kpi/-/boards/new"):
        answer = pm.get(path)
        assert answer.status_code == 200, path
    assert "not known yet" in pm.get("/kpi/-/growth").text


def test_a_table_of_what_is_filtered_holds_what_is_shown(pm, half_a_year, day) -> None:
    span = f"from={day(-14, 0).date()}&to={day(-1, 0).date()}"
    in_germany = pm.get(f"/kpi/orders.csv?{span}&country=DE").text.splitlines()
    everywhere = pm.get(f"/kpi/orders.csv?{span}&zone=UTC&grain=day").text.splitlines()
    assert in_germany[0] == "day,kpi.orders"
    assert len(in_germany) == len(everywhere) == 15
    assert sum(float(line.split(",")[1]) for line in in_germany[1:]) > 0
    weeks = pm.get(f"/kpi/orders.csv?{span}&grain=week").text.splitlines()
    assert weeks[0] == "week,kpi.orders"
    assert len(weeks) in (3, 4)
    assert "country=DE" in pm.get(f"/kpi/orders?{span}&country=DE").text


def test_growth_says_where_we_are(pm, half_a_year) -> None:
    page = pm.get("/kpi/-/growth").text
    assert "1 K to 10 K users" in page
    assert "100 K to 1 M users" in page


def test_a_target_by_date_is_set_watched_and_removed(pm, signed_in, half_a_year, now) -> None:
    due = (now + timedelta(days=30)).date().isoformat()
    form = {"series": "kpi.orders", "room": "business", "value": "1,000", "due_on": due, "owner": "Ada"}
    assert pm.post("/kpi/-/targets", data=form).status_code == 303
    found = pm.get("/api/v1/kpi/-/targets").json["targets"]
    assert [(one["target"], one["course"], one["owner"]) for one in found] == [(1000.0, "on course", "Ada")]
    assert "Ada" in pm.get("/kpi/-/targets").text
    wrong = pm.post("/kpi/-/targets", data={"series": "nothing", "value": "x", "due_on": "2020-01-01"})
    assert wrong.status_code == 422
    assert signed_in("viewer").post("/kpi/-/targets", data=form).status_code == 403
    assert pm.post(f"/kpi/-/targets/{found[0]['id']}/remove").status_code == 303
    assert pm.get("/api/v1/kpi/-/targets").json["targets"] == []


def test_a_program_sets_targets_by_date_too(pm, signed_in, half_a_year, now) -> None:
    due = (now + timedelta(days=30)).date().isoformat()
    wanted = {"table": "technical", "series": "kpi.conversion", "target": 0.02, "due_on": due, "owner": "Ada"}
    made = pm.post("/api/v1/kpi/-/targets", json=wanted)
    assert made.status_code == 201
    found = pm.get("/api/v1/kpi/-/targets").json["targets"]
    assert [(one["target"], one["table"]) for one in found] == [(0.02, "technical")]
    for wrong in (
        {"target": -1},
        {"target": "many"},
        {"target": True},
        {"labels": {"a": "b"}},
        {"table": "x"},
    ):
        assert pm.post("/api/v1/kpi/-/targets", json=wanted | wrong).status_code == 422
    assert pm.post("/api/v1/kpi/-/targets", json=[]).status_code == 422
    assert signed_in("viewer").post("/api/v1/kpi/-/targets", json=wanted).status_code == 403
    assert pm.delete(f"/api/v1/kpi/-/targets/{made.json['id']}").status_code == 204
    assert pm.delete(f"/api/v1/kpi/-/targets/{made.json['id']}").status_code == 404


@pytest.mark.parametrize("where", [{}, {"country": "DE"}])
def test_all_figures_at_once_are_those_of_each_by_itself(control_session, half_a_year, day, where) -> None:
    first, last = day(-60, 0).date(), day(-1, 0).date()
    together = reading.read_all(control_session, list(KPIS.values()), first, last, "UTC", where)
    by_country = [kpi for kpi in KPIS.values() if not where or "country" in kpi.by]
    assert set(together) == {kpi.key for kpi in by_country}
    for kpi in by_country:
        assert together[kpi.key] == reading.read(control_session, kpi, first, last, "UTC", where=where)


def test_each_page_links_to_its_figures_as_json(pm) -> None:
    for page in ("", "orders", "-/funnel", "-/cohorts", "-/adoption", "-/targets"):
        text = pm.get(f"/kpi/{page}?period=28d&compare=previous&country=DE&zone=Asia/Tokyo").text
        (link,) = re.findall(r'href="([^"]+)">JSON</a>', text)
        assert pm.get(unescape(link)).status_code == 200, link
