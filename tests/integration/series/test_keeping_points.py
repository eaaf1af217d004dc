"""Points of series on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.series import store
from app.series.glossary import GLOSSARY
from app.series.jobs import thin
from app.series.store import Point

SLO = {"slo": "checkout"}


def test_a_point_recorded_again_is_replaced(control_session, now):
    store.record(control_session, "kpi.orders", [(now, 3)])
    store.record(control_session, "kpi.orders", [(now, 5), (now - timedelta(days=1), 2)])
    assert store.latest(control_session, "kpi.orders") == Point(now, 5.0)
    found = store.between(control_session, "kpi.orders", now - timedelta(days=2), now + timedelta(days=1))
    assert [point.value for point in found] == [2, 5]


def test_no_data_is_no_point_and_never_zero(control_session, now):
    store.record(control_session, "kpi.orders", [(now, None)])
    assert store.latest(control_session, "kpi.orders") is None
    assert store.between(control_session, "kpi.orders", now, now + timedelta(days=1)) == []


def test_a_range_holds_its_start_and_not_its_end(control_session, now):
    store.record(control_session, "kpi.orders", [(now, 1), (now + timedelta(hours=1), 2)])
    found = store.between(control_session, "kpi.orders", now, now + timedelta(hours=1))
    assert [point.value for point in found] == [1]


def test_members_of_a_series_are_told_apart_by_their_labels(control_session, now):
    store.record(control_session, "slo.budget_left", [(now, 0.5), (now - timedelta(hours=1), 0.9)], SLO)
    store.record(control_session, "slo.budget_left", [(now, -0.1)], {"slo": "search"})
    assert store.latest(control_session, "slo.budget_left", SLO).value == 0.5
    found = store.latest_by(control_session, "slo.budget_left", "slo")
    assert {key: point.value for key, point in found.items()} == {"checkout": 0.5, "search": -0.1}
    assert store.latest_by(control_session, "slo.burn_1h", "slo") == {}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused_by_the_database_itself(control_session, now, value):
    with pytest.raises(IntegrityError):
        store.record(control_session, "kpi.orders", [(now, value)])


def test_a_series_that_nobody_explained_cannot_be_recorded(control_session, now):
    with pytest.raises(KeyError, match="glossary"):
        store.record(control_session, "made.up", [(now, 1)])
    with pytest.raises(KeyError, match="labels"):
        store.record(control_session, "slo.budget_left", [(now, 1)])


def test_many_points_go_in_at_once(control_session, now):
    many = [(now - timedelta(minutes=n), float(n)) for n in range(12_000)]
    store.record(control_session, "kpi.orders", many)
    assert len(store.between(control_session, "kpi.orders", now - timedelta(days=9), now)) == 11_999


def test_old_points_are_thinned_to_the_last_of_each_hour(control_session, control_sources, now):
    old = now - timedelta(days=8)
    minutes = [(old + timedelta(minutes=n), float(n)) for n in range(150)]
    store.record(control_session, "kpi.orders", [*minutes, (now, 1.0)])
    assert thin(control_session, now, control_sources) == "147 points of older hours forgotten"
    found = store.between(control_session, "kpi.orders", old, now + timedelta(hours=1))
    assert [point.value for point in found] == [59, 119, 149, 1]
    assert thin(control_session, now, control_sources).startswith("0 ")


def test_the_glossary_is_served_with_formulas_in_words(signed_in):
    found = {term["key"]: term for term in signed_in("viewer").get("/api/v1/series").json["series"]}
    assert set(found) == set(GLOSSARY)
    assert all(term["formula"] and term["name"] for term in found.values())


def test_points_are_served_by_key_and_label(signed_in, control_session, now):
    store.record(control_session, "slo.budget_left", [(now - timedelta(minutes=1), 0.5)], SLO)
    control_session.commit()
    client = signed_in("viewer")
    found = client.get("/api/v1/series/slo.budget_left?slo=checkout").json
    assert [value for _, value in found["points"]] == [0.5]
    assert client.get("/api/v1/series/slo.budget_left?slo=other").json["points"] == []
    assert client.get("/api/v1/series/made.up").status_code == 404
