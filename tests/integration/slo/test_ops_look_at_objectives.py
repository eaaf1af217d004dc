"""The pages and the API, on rows in a real database."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.slo import commands, queries, rows, status
from app.slo.bucket import measured, starts
from app.slo.jobs import gather_rows
from app.slo.models import SloStatus
from app.timeline import commands as timeline

KEY = "checkout-availability"


@pytest.fixture
def gathered(control_session, now):
    """`gathered(bad_since=…)`: six hours of rows, a hundred checkouts each, and what follows from them."""

    def make(bad_since=None):
        commands.ensure_defaults(control_session, now)
        for slo in queries.objectives(control_session):
            buckets = [
                measured(at, 50 if bad_since and at >= bad_since and slo.key == KEY else 100, 100)
                for at in starts(now - timedelta(hours=6), now)
            ]
            rows.save(control_session, slo, buckets)
            latency = [(row.starts_at, 0.3) for row in buckets]
            status.record_latency(control_session, [slo], latency)
            status.refresh(control_session, slo, now)
        control_session.commit()

    return make


@pytest.fixture
def made(control_session, now):
    """The two objectives, not measured yet."""
    commands.ensure_defaults(control_session, now)
    control_session.commit()


def test_an_empty_house_says_how_the_first_objective_is_made(signed_in):
    page = signed_in("viewer").get("/slo/").text
    assert "No SLO yet" in page
    assert "backroom init" in page


def test_what_is_not_measured_is_no_data_and_not_full(signed_in, made):
    client = signed_in("viewer")
    for path in ("/slo/", "/slo/tiles", f"/slo/{KEY}", f"/slo/{KEY}/working", f"/slo/{KEY}/_now"):
        page = client.get(path)
        assert page.status_code == 200
        assert ">100%" not in page.text
        assert "100% left" not in page.text
    assert "no data" in client.get("/slo/").text
    assert client.get(f"/api/v1/slos/{KEY}/budget").json["budget"]["left"] is None


def test_setting_up_twice_keeps_what_people_changed(control_session, now):
    commands.ensure_defaults(control_session, now)
    commands.set_objective(control_session, KEY, 1, "99.9", "ops@house.test", now)
    commands.ensure_defaults(control_session, now)
    assert str(queries.objective(control_session, KEY).objective) == "0.999000"
    assert len(queries.objectives(control_session)) == 2


def test_the_worst_comes_first(signed_in, gathered, now):
    gathered(bad_since=now - timedelta(minutes=30))
    page = signed_in("viewer").get("/slo/_list").text
    assert page.index("Checkout availability") < page.index("Checkout latency")
    assert "exhausted" in page
    tiles = signed_in("viewer").get("/slo/tiles").text
    assert 'id="slo-tile-checkout-availability"' in tiles


def test_the_page_of_a_burning_objective_names_what_changed_before(signed_in, control_session, gathered, now):
    onset = now - timedelta(minutes=40)
    timeline.record(
        control_session, onset - timedelta(minutes=1), "flag", "new-checkout to 50 %", "flag:new-checkout"
    )
    timeline.record(control_session, onset - timedelta(hours=5), "deploy", "Storefront 1.2", "storefront")
    gathered(bad_since=onset)
    page = signed_in("ops").get(f"/slo/{KEY}").text
    listed = page[page.index("nearest to the start of the burn first") :]
    assert listed.index("new-checkout to 50 %") < listed.index("Storefront 1.2")
    assert "It began to burn" in page
    assert "Save the objective" in page
    assert "burning" in page


def test_the_fragment_brings_the_state_along(signed_in, gathered):
    gathered()
    answer = signed_in("viewer").get(f"/slo/{KEY}/_now", headers={"HX-Request": "true"}).text
    assert 'id="slo-state" hx-swap-oob="true"' in answer


def test_the_working_shows_queries_counts_and_the_number_again(signed_in, gathered, now):
    gathered(bad_since=now - timedelta(minutes=30))
    client = signed_in("viewer")
    page = client.get(f"/slo/{KEY}/working")
    assert "sum(increase(shop_journeys_total" in page.text
    assert "The same as the figure above" in page.text
    assert "<html" in page.text
    fragment = client.get(f"/slo/{KEY}/working", headers={"HX-Request": "true"}).text
    assert "<html" not in fragment


def test_a_figure_that_was_overtaken_by_late_rows_says_so(signed_in, control_session, gathered, now):
    gathered()
    slo = queries.objective(control_session, KEY)
    rows.save(control_session, slo, [measured(now - timedelta(days=3), 50, 100)])
    control_session.commit()
    assert "rows were filled in since" in signed_in("viewer").get(f"/slo/{KEY}/working").text


def test_charts_are_served_for_any_range(signed_in, gathered, now):
    gathered(bad_since=now - timedelta(minutes=30))
    client = signed_in("viewer")
    for name in ("budget", "events", "latency"):
        for span in (
            "?range=1h",
            "?range=30d",
            "?range=90d",
            f"?from={now.timestamp() - 7200}&to={now.timestamp()}",
        ):
            drawn = client.get(f"/api/v1/slos/{KEY}/charts/{name}{span}").json
            assert drawn["lines"][0]["name"]
            assert len(drawn["x"]) == len(drawn["lines"][0]["values"])
    hour = client.get(f"/api/v1/slos/{KEY}/charts/events?range=1h").json
    assert hour["step"] == 300
    assert sum(value for value in hour["lines"][1]["values"] if value) > 100
    assert client.get(f"/api/v1/slos/{KEY}/charts/made-up").status_code == 404


def test_the_budget_is_served_for_now_and_for_the_past(signed_in, gathered, now):
    gathered(bad_since=now - timedelta(minutes=30))
    client = signed_in("viewer")
    current = client.get(f"/api/v1/slos/{KEY}/budget").json
    assert current["budget"]["left"] < 0
    assert current["bad"] / current["total"] == pytest.approx(current["error_ratio"])
    assert current["rows"]["expected"] == 8640
    earlier = (now - timedelta(hours=2)).isoformat()
    before = client.get(f"/api/v1/slos/{KEY}/budget", query_string={"at": earlier}).json
    assert before["budget"]["left"] == 1
    assert before["at"] == earlier


@pytest.mark.parametrize("at", ["yesterday", "", "2999-01-01T00:00:00Z", "NaN", "1e999"])
def test_a_moment_that_is_none_is_refused(signed_in, made, at):
    answer = signed_in("viewer").get(f"/api/v1/slos/{KEY}/budget", query_string={"at": at})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "at"


def test_all_objectives_are_served_with_their_states(signed_in, gathered):
    gathered()
    found = signed_in("viewer").get("/api/v1/slos").json["slos"]
    assert {slo["key"]: slo["state"] for slo in found} == {KEY: "ok", "checkout-latency": "ok"} or len(
        found
    ) == 2


def test_an_unknown_objective_is_not_found(signed_in):
    client = signed_in("viewer")
    for path in ("/slo/no-such", "/slo/no-such/_now", "/slo/no-such/working", "/api/v1/slos/no-such/budget"):
        assert client.get(path).status_code == 404


def change(client, percent, version="1", **more):
    return client.post(f"/slo/{KEY}/objective", data={"objective": percent, "version": version}, **more)


def test_ops_move_the_target_and_the_budget_is_judged_anew(signed_in, control_session, gathered, now):
    gathered(bad_since=now - timedelta(minutes=10))
    before = queries.line(control_session, KEY, now).status.budget_left
    answer = change(signed_in("ops"), "99,9")
    assert answer.status_code == 303
    control_session.rollback()
    control_session.expire_all()
    line = queries.line(control_session, KEY, now)
    assert (str(line.slo.objective), line.slo.version, line.slo.revision) == ("0.999000", 2, 1)
    assert line.status.budget_left == pytest.approx(1 - (1 - before) * 5, rel=1e-6)
    entry = control_session.scalars(select(AuditEntry)).one()
    assert (entry.before["objective"], entry.after["objective"]) == ("0.995", "0.999")


@pytest.mark.parametrize("percent", ["", "abc", "100", "0", "-5", "NaN", "99.9999", "49.9", "1e3"])
def test_a_target_that_cannot_be_is_refused_beside_the_field(signed_in, control_session, made, percent):
    answer = change(signed_in("ops"), percent, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert 'id="error-objective"' in answer.text
    assert str(queries.objective(control_session, KEY).objective) == "0.995000"


def test_two_people_cannot_overwrite_each_other_unseen(signed_in, made):
    client = signed_in("ops")
    assert change(client, "99.9").status_code == 303
    assert change(client, "99").status_code == 409


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_without_its_version_is_refused(signed_in, made, version):
    assert change(signed_in("ops"), "99.9", version).status_code == 422


def test_only_who_may_moves_a_target(signed_in, made):
    client = signed_in("viewer")
    assert change(client, "99.9").status_code == 403
    assert "Save the objective" not in client.get(f"/slo/{KEY}").text


def test_a_stale_figure_is_shown_with_its_age(signed_in, control_session, gathered, now):
    gathered()
    for row in control_session.scalars(select(SloStatus)):
        row.gathered_at = now - timedelta(minutes=20)
    control_session.commit()
    page = signed_in("viewer").get(f"/slo/{KEY}").text
    assert "stale" in page
    assert "has been silent" in page


def test_an_open_page_hears_of_a_gathering(control_session, control_sources, prometheus, redis, made, now):
    with redis.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe("backroom:events")
        listener.get_message(timeout=1)
        gather_rows(control_session, now, control_sources)
        assert listener.get_message(timeout=0.2) is None  # not before it can be read
        control_session.commit()
        told = listener.get_message(timeout=2)
    assert json.loads(told["data"])["topic"] == "slo"
