"""The form: what is refused beside its field, what the trial says, and that nothing typed is lost."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest

from app.slo import commands, queries, rows, status
from app.slo.bucket import measured, starts
from app.slo.reading import read

ALL = 'shop_journeys_total{journey="checkout"}'
GOOD = 'shop_journeys_total{journey="checkout",outcome="good"}'
FORM = {
    "key": "checkout-again",
    "name": "Checkout again",
    "indicator": "events",
    "total": ALL,
    "good": GOOD,
    "objective": "99.5",
    "window_kind": "rolling",
    "window_days": "30",
    "min_bad_events": "5",
}
AS_FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def shop(prometheus, steady, now):
    """Six hours of checkouts, the last of them half bad."""
    prometheus.load(steady(now, 6, bad_since=now - timedelta(hours=1)).text())
    return prometheus


@pytest.fixture
def kept(control_session, now):
    """An objective with four weeks of rows, one bad day in the second last."""
    slo = commands.create(control_session, read(FORM), "ops@house.test", now)
    bad_day = now - timedelta(days=10)
    found = [
        measured(at, 90 if bad_day <= at < bad_day + timedelta(days=1) else 100, 100)
        for at in starts(now - timedelta(days=28), now)
    ]
    rows.save_all(control_session, [(slo, found)], {})
    status.refresh(control_session, slo, now)
    control_session.commit()
    return slo


def post(client, path, form, **more):
    return client.post(path, data=form, headers=AS_FRAGMENT, **more)


def test_an_objective_is_made_from_what_prometheus_has(signed_in, shop, control_session):
    answer = signed_in("ops").post("/slo/-/new", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/slo/checkout-again")
    slo = queries.objective(control_session, "checkout-again")
    assert (slo.good, slo.total, slo.ratio, slo.window_days) == (GOOD, ALL, 0.995, 30)


def test_a_latency_takes_the_boundary_as_prometheus_spells_it(signed_in, shop, control_session):
    form = {**FORM, "indicator": "latency", "threshold_seconds": "1.0"}
    form["durations"] = 'shop_journey_duration_seconds_bucket{journey="checkout"}'
    assert signed_in("ops").post("/slo/-/new", data=form).status_code == 303
    assert 'le="1"' in queries.objective(control_session, "checkout-again").good


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"total": "shop_journey_total"}, "total"),
        ({"total": "sum(("}, "total"),
        ({"good": "", "bad": ""}, "good"),
        ({"objective": "90", "tiers": "page 2% 1h/5m"}, "tiers"),
        ({"objective": "101"}, "objective"),
        ({"window_days": "0"}, "window_days"),
        ({"key": "Not a key"}, "key"),
    ],
)
def test_what_cannot_work_is_refused_beside_its_field(signed_in, shop, control_session, wrong, field):
    answer = post(signed_in("ops"), "/slo/-/new", {**FORM, **wrong})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert answer.headers["HX-Reswap"] == "none"
    assert queries.objectives(control_session) == []


def test_a_threshold_between_the_buckets_is_answered_with_the_boundaries(signed_in, shop):
    form = {**FORM, "indicator": "latency", "threshold_seconds": "0.3"}
    form["durations"] = 'shop_journey_duration_seconds_bucket{journey="checkout"}'
    answer = post(signed_in("ops"), "/slo/-/new", form)
    assert 'id="error-threshold_seconds"' in answer.text
    assert "0.5, 1" in answer.text


def test_the_trial_tells_what_the_promise_would_have_meant(signed_in, kept, control_session):
    page = post(signed_in("ops"), "/slo/-/preview", {**FORM, "of": kept.key, "objective": "99"}).text
    assert "With 99% you would have missed in 1 of the last 4 weeks." in page
    assert "From the rows that are kept." in page


def test_a_trial_without_a_name_asks_prometheus(signed_in, shop):
    page = post(signed_in("ops"), "/slo/-/preview", {**FORM, "name": "", "key": ""}).text
    assert "Asked of the source just now" in page
    assert "Less than half a week is known" in page


def test_a_trial_of_something_that_cannot_work_names_the_field(signed_in, shop):
    page = post(signed_in("ops"), "/slo/-/preview", {**FORM, "total": ""}).text
    assert "It cannot be tried yet" in page
    assert "Give the counter of all events." in page


def test_with_prometheus_gone_the_trial_says_so_and_kept_rows_still_answer(signed_in, kept):
    client = signed_in("ops")
    gone = post(client, "/slo/-/preview", FORM)
    assert gone.status_code == 200
    assert "Prometheus did not answer in time" in gone.text
    assert (
        "of the last 4 weeks"
        in post(client, "/slo/-/preview", {**FORM, "of": kept.key, "objective": "99"}).text
    )


def test_another_name_and_share_are_saved_without_asking_anybody(signed_in, kept, control_session):
    form = {**FORM, "name": "Renamed", "objective": "99", "version": kept.version}
    assert signed_in("ops").post(f"/slo/{kept.key}/edit", data=form).status_code == 303
    control_session.expire_all()
    after = queries.objective(control_session, kept.key)
    assert (after.name, after.ratio, after.revision) == ("Renamed", 0.99, kept.revision)


def test_who_saves_second_sees_both_texts_and_decides(signed_in, kept, control_session):
    client = signed_in("ops")
    first = {**FORM, "name": "First", "version": kept.version}
    second = {**FORM, "name": "Second", "version": kept.version}
    client.post(f"/slo/{kept.key}/edit", data=first)
    answer = post(client, f"/slo/{kept.key}/edit", second)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#slo-conflict"
    assert "<del>First</del>" in answer.text
    assert "<ins>Second</ins>" in answer.text
    assert f'id="slo-version" value="{kept.version + 1}"' in answer.text
    plain = client.post(f"/slo/{kept.key}/edit", data=second)
    assert plain.status_code == 409
    assert 'value="Second"' in plain.text
    client.post(f"/slo/{kept.key}/edit", data={**second, "version": kept.version + 1})
    control_session.expire_all()
    assert queries.objective(control_session, kept.key).name == "Second"


def test_an_archived_objective_comes_back_by_undo(signed_in, kept, control_session):
    client = signed_in("ops")
    assert client.post(f"/slo/{kept.key}/archive", data={"version": kept.version}).status_code == 303
    page = client.get("/slo/").text
    assert "is archived" in page
    undo = html.unescape(page.split(f'action="/slo/{kept.key}/archive?')[1].split('"')[0])
    assert client.post(f"/slo/{kept.key}/archive?{undo}").status_code == 303
    control_session.expire_all()
    assert queries.objective(control_session, kept.key).archived_at is None


def test_deleting_takes_its_key_typed_by_hand(signed_in, kept, control_session):
    client = signed_in("ops")
    form = {"version": kept.version, "typed_key": "something"}
    refused = post(client, f"/slo/{kept.key}/delete", form)
    assert refused.status_code == 422
    assert 'id="error-typed_key"' in refused.text
    assert client.post(f"/slo/{kept.key}/delete", data={**form, "typed_key": kept.key}).status_code == 303
    assert queries.objectives(control_session) == []


def test_the_picker_knows_metrics_their_labels_and_boundaries(signed_in, shop):
    client = signed_in("ops")
    assert "shop_journeys_total" in client.get("/slo/-/metrics?metric=journeys").text
    about = html.unescape(client.get("/slo/-/metric?metric=shop_journeys_total").text)
    assert 'shop_journeys_total{outcome="good"}' in about
    near = client.get("/slo/-/metric?metric=shop_journey_total").text
    assert "shop_journeys_total" in near
    found = client.get("/slo/-/buckets?durations=shop_journey_duration_seconds_bucket").text
    assert '<option value="0.5">' in found


def test_every_kind_of_indicator_has_its_fields(signed_in):
    client = signed_in("ops")
    asked = {
        "events": "total",
        "latency": "durations",
        "probe": "threshold",
        "sql": "query",
        "composite": "members",
    }
    for kind, field in asked.items():
        assert f'name="{field}"' in client.get(f"/slo/-/fields?indicator={kind}").text
        assert f'name="{field}"' in client.get(f"/slo/-/new?indicator={kind}&name=Kept").text


def test_the_breakdown_names_where_bad_events_come_from(signed_in, shop, kept):
    fragment = signed_in("viewer").get(f"/slo/{kept.key}/breakdown?span=1h", headers=AS_FRAGMENT).text
    assert "not counted by this label" in fragment
    assert ">en<" in fragment


def test_the_breakdown_says_when_prometheus_is_silent(signed_in, kept):
    assert "did not answer" in signed_in("viewer").get(f"/slo/{kept.key}/breakdown", headers=AS_FRAGMENT).text
