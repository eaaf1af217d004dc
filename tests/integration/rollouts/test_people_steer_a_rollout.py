"""What people do to a rollout: on its page, by the API and on the command line, two at once, and by hand."""

from __future__ import annotations

import email
import json
from datetime import timedelta
from email.policy import default

import pytest

from app import cli
from app.accounts import commands as accounts
from app.db import begin
from app.errors import Conflict
from app.flags import commands as flags
from app.flags import queries as flag_queries
from app.rollouts import commands, jobs
from tests.rollout import FLAG, Traffic, plan, recorded

API = "/api/v1/rollouts"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def api(control_app, now):
    """`api("ops")` → a client with a token of that role."""

    def make(role, made_by="test"):
        with control_app.test_request_context(), begin() as session:
            secret = accounts.create_token(session, "api", "development", role, role, now, made_by)
        client = control_app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client

    return make


@pytest.fixture
def by_hand(control_app, now):
    def move(percent, who="ann@house.test"):
        with control_app.test_request_context(), begin() as session:
            flags.set_percent(session, FLAG, "production", percent, now, who)

    return move


def strategies(control_app, now):
    with control_app.test_request_context(), begin() as session:
        return flag_queries.one(session, FLAG, now).states["production"].strategies


def started(client, now, **more):
    answer = client.post(API, json={"flag": FLAG, "plan": plan(now, **more)})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_rollout_is_started_looked_at_and_taken_back_by_the_api(api, flag, share, now):
    flag()
    ops = api("ops")
    made = started(ops, now)
    assert (made["state"], made["step"], made["percent"], share()) == ("running", 1, 5, 5)
    assert made["said"] == "Started with 5% of shoppers."
    assert "unless" in made["sentence"]
    assert [one["id"] for one in ops.get(f"{API}?state=open").json["rollouts"]] == [made["id"]]
    back = ops.post(
        f"{API}/{made['id']}/roll-back", json={"version": made["version"], "reason": "a complaint"}
    )
    assert (back.json["outcome"], share()) == ("rolled_back", 0)
    said = [one["said"] for one in ops.get(f"{API}/{made['id']}/decisions").json["decisions"]]
    assert said[0] == "Rolled back by hand. a complaint"
    assert ops.post(f"{API}/{made['id']}/pause", json={}).status_code == 409


def test_an_audience_becomes_constraints_and_a_later_step_may_be_for_everybody(api, flag, control_app, now):
    flag()
    ops = api("ops")
    wanted = plan(
        now,
        audience={"countries": ["DE"], "customer": "guest"},
        steps=[{"percent": 10, "minutes": 1}, {"percent": 50, "minutes": 1, "scope": "everyone"}],
    )
    number = ops.post(API, json={"flag": FLAG, "plan": wanted}).json["id"]
    [first] = strategies(control_app, now)
    told = {(one["contextName"], one["operator"], *one["values"]) for one in first["constraints"]}
    assert told == {("country", "IN", "DE"), ("customer", "IN", "guest")}
    assert first["parameters"]["rollout"] == "10"
    assert ops.post(f"{API}/{number}/advance", json={"reason": "tried it"}).json["step"] == 2
    [second] = strategies(control_app, now)
    assert (second["constraints"], second["parameters"]["rollout"]) == ([], "50")
    assert second["parameters"]["groupId"] == first["parameters"]["groupId"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"steps": []}, "plan.steps"),
        ({"steps": [{"percent": 101, "minutes": 1}]}, "plan.steps.0.percent"),
        ({"steps": [{"percent": -1, "minutes": 1}]}, "plan.steps.0.percent"),
        ({"steps": [{"percent": "5", "minutes": 1}]}, "plan.steps.0.percent"),
        ({"steps": [{"percent": 5, "minutes": 1}, {"percent": 5, "minutes": 1}]}, "steps-2-percent"),
        ({"steps": [{"percent": 5, "minutes": 1, "approver": "ops"}]}, "plan.steps.0.approver"),
        ({"guards": [{"kind": "luck"}]}, "plan.guards.0.kind"),
        ({"guards": [{"kind": "errors", "limit": 1e300}]}, "plan.guards.0.limit"),
        ({"guards": [{"kind": "errors"}, {"kind": "errors"}]}, "plan.guards"),
        ({"guards": [{"kind": "errors"}, {"kind": "errors", "journey": "all"}]}, "guards"),
        ({"guards": [{"kind": "burn", "slo": "?"}]}, "plan.guards.0.slo"),
        ({"deadline": "2020-01-01T00:00:00+00:00"}, "deadline"),
        ({"deadline": "tomorrow"}, "plan.deadline"),
        ({"audience": {"planet": ["mars"]}}, "plan.audience.planet"),
        ({"audience": {"countries": ["<b>"]}}, "plan.audience.countries.0"),
        ({"audience": {"segments": ["99"]}}, "segments"),
        ({"on_harm": "panic"}, "plan.on_harm"),
        ({"tell": "nobody"}, "plan.tell"),
        ({"surprise": 1}, "plan.surprise"),
    ],
)
def test_a_wrong_plan_is_refused_beside_its_field_and_nothing_moves(api, flag, share, now, change, field):
    flag()
    answer = api("ops").post(API, json={"flag": FLAG, "plan": plan(now, **change)})
    of_rules = {"segments": 404, "steps-2-percent": 409, "guards": 409, "deadline": 409}
    assert answer.status_code == of_rules.get(field, 422), answer.text
    assert field in {one["field"] for one in answer.json["errors"]}
    assert share() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"flag": 3}', b'{"flag": "new-checkout", "plan": []}'])
def test_rubbish_is_refused(api, flag, body):
    flag()
    answer = api("ops").post(API, data=body, content_type="application/json")
    assert answer.status_code in (400, 422)


def test_one_rollout_at_a_time_moves_a_flag(api, flag, now):
    flag()
    started(api("ops"), now)
    assert api("ops").post(API, json={"flag": FLAG, "plan": plan(now)}).status_code == 409


def test_two_people_at_once_do_not_overwrite_each_other(api, flag, now):
    flag()
    ops = api("ops")
    made = started(ops, now)
    seen = {"version": made["version"], "reason": "x"}
    assert ops.post(f"{API}/{made['id']}/pause", json=seen).json["state"] == "paused"
    assert ops.post(f"{API}/{made['id']}/abort", json=seen).status_code == 409
    assert ops.get(f"{API}/{made['id']}").json["state"] == "paused"


def test_a_viewer_looks_and_steers_nothing(api, flag, now):
    flag()
    number = started(api("ops"), now)["id"]
    viewer = api("viewer")
    assert viewer.get(f"{API}/{number}").status_code == 200
    for path in ("", f"/{number}/pause", f"/{number}/roll-back", "/freeze", "/thaw"):
        assert viewer.post(f"{API}{path}", json={}).status_code == 403


def test_the_hand_of_a_person_wins_and_nothing_is_overwritten(
    launch, looked, by_hand, row, history, share, now
):
    number = launch(now - MINUTE)
    by_hand(30)
    looked(now, now)
    assert (row(number).state, row(number).let_go, share()) == ("paused", True, 30)
    assert history(number)[-1].about == {"who": "ann@house.test"}
    looked(now + MINUTE, now + MINUTE)
    assert share() == 30


def test_a_resumed_rollout_takes_the_flag_again(launch, looked, by_hand, row, share, control_app, now):
    number = launch(now - MINUTE)
    by_hand(30)
    looked(now, now)
    with control_app.test_request_context(), begin() as session:
        commands.resume(session, number, None, now, "pm@house.test")
    assert (row(number).state, row(number).let_go, share()) == ("running", False, 5)


def test_a_hand_between_two_looks_is_not_overwritten_by_a_person_either(
    launch, by_hand, control_app, share, now
):
    number = launch(now - MINUTE)
    by_hand(30)
    with control_app.test_request_context(), pytest.raises(Conflict), begin() as session:
        commands.advance(session, number, None, now, "pm@house.test", "hurry")
    assert share() == 30


def test_the_deadline_ends_it_and_leads_back(launch, looked, row, share, now):
    number = launch(now - timedelta(hours=2), deadline=(now - MINUTE).isoformat())
    looked(now, now)
    assert (row(number).outcome, share()) == ("expired", 0)


def test_somebody_else_must_agree_and_never_the_author(api, flag, now):
    flag()
    steps = [{"percent": 5, "minutes": 0}, {"percent": 50, "minutes": 0, "approver": "product_manager"}]
    ops, manager = api("ops"), api("product_manager")
    number = started(ops, now, steps=steps)["id"]
    assert ops.post(f"{API}/{number}/approve", json={"step": 2}).status_code == 403
    assert manager.post(f"{API}/{number}/approve", json={"step": 3}).status_code == 409
    assert manager.post(f"{API}/{number}/approve", json={"step": 2}).json["approved_step"] == 2
    assert manager.post(f"{API}/{number}/approve", json={}).status_code == 409


def test_nobody_agrees_by_a_token_of_their_own(api, flag, signed_in, now):
    flag()
    steps = [{"percent": 5, "minutes": 0}, {"percent": 50, "minutes": 0, "approver": "another"}]
    ops = signed_in("ops")
    number = started(ops, now, steps=steps)["id"]
    assert api("admin", made_by="ops@house.test").post(f"{API}/{number}/approve", json={}).status_code == 403
    assert api("product_manager").post(f"{API}/{number}/approve", json={}).status_code == 200


def test_nobody_agrees_where_nobody_was_asked(api, flag, now):
    flag()
    number = started(api("ops"), now)["id"]
    assert api("product_manager").post(f"{API}/{number}/approve", json={}).status_code == 409


@pytest.mark.parametrize("action", ["advance", "finish"])
def test_going_on_against_the_evidence_needs_a_reason(api, flag, now, action):
    flag()
    ops = api("ops")
    number = started(ops, now)["id"]
    answer = ops.post(f"{API}/{number}/{action}", json={"reason": " "})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "reason")
    assert ops.post(f"{API}/{number}/{action}", json={"reason": "agreed with ops"}).status_code == 200


def test_an_override_has_a_name_a_reason_and_an_end(api, flag, now):
    flag()
    ops = api("ops")
    number = started(ops, now)["id"]
    until = (now + timedelta(hours=4)).isoformat()
    assert ops.post(f"{API}/{number}/override", json={"until": until}).status_code == 422
    late = (now + timedelta(days=30)).isoformat()
    assert ops.post(f"{API}/{number}/override", json={"reason": "x", "until": late}).status_code == 409
    told = ops.post(f"{API}/{number}/override", json={"reason": "legal", "until": until}).json["override"]
    assert (told["who"], told["reason"]) == ("token:ops", "legal")


def test_a_freeze_stops_new_steps_and_no_rollback_of_harm(
    prometheus, launch, looked, api, history, share, now
):
    ops = api("ops")
    assert ops.post(f"{API}/freeze", json={}).status_code == 422
    assert ops.post(f"{API}/freeze", json={"reason": "incident 7"}).json["frozen"] is True
    assert ops.post(f"{API}/freeze", json={"reason": "another"}).json["reason"] == "incident 7"
    prometheus.load(
        recorded(now, [Traffic(240, 5), Traffic(60, 5, bad=0.5)], [Traffic(240, 5), Traffic(60, 5)])
    )
    began = now - timedelta(seconds=300)
    number = launch(began, steps=[{"percent": 50, "minutes": 1}, {"percent": 100, "minutes": 0}])
    looked(began + timedelta(seconds=10), now - timedelta(seconds=70))
    assert (history(number)[-1].action, history(number)[-1].code, share()) == ("freeze", "frozen", 50)
    looked(now - timedelta(seconds=60), now)
    assert (history(number)[-1].action, share()) == ("roll_back", 0)
    assert ops.post(f"{API}/thaw", json={}).json["frozen"] is False


def test_who_is_to_know_gets_one_mail_of_each_decision_that_matters(
    prometheus, launch, looked, control_sources, now
):
    prometheus.load(
        recorded(now, [Traffic(120, 5), Traffic(60, 5, bad=0.5)], [Traffic(120, 5), Traffic(60, 5)])
    )
    began = now - timedelta(seconds=180)
    launch(began, steps=[{"percent": 50, "minutes": 60}, {"percent": 100, "minutes": 0}])
    looked(began + timedelta(seconds=10), now)
    for again in range(2):
        with control_sources.control.begin() as session:
            assert jobs.tell(session, now, control_sources) == f"{1 - again} mails sent"
    [file] = control_sources.config.mail_dir.glob("*.eml")
    mail = email.message_from_bytes(file.read_bytes(), policy=default)
    assert mail["To"] == "owner@house.test"
    assert "Rolled back" in mail["Subject"]
    assert "/rollouts/" in mail.get_content()
    assert "with it" in mail.get_content()


def test_the_command_line_starts_shows_and_ends_a_rollout(control_app, flag, share, capsys):
    flag()

    def backroom(*words):
        status = cli.run(control_app, ["rollouts", *words])
        return status, capsys.readouterr().out

    status, said = backroom("start", FLAG, "--template", "careful")
    assert (status, share()) == (0, 1)
    number = said.split()[1]
    assert json.loads(backroom("show", number)[1])["plan"]["recipe"] == "careful"
    assert json.loads(backroom("list", "--json")[1])[0]["flag"] == FLAG
    assert backroom("pause", number)[0] == 0
    assert backroom("resume", number)[0] == 0
    assert backroom("approve", number)[0] == 1
    assert "frozen" in backroom("freeze", "incident")[1]
    assert "go on" in backroom("thaw")[1]
    assert backroom("abort", number, "--reason", "enough")[0] == 0
    assert share() == 1


FORM = {
    "flag": FLAG,
    "environment": "production",
    "customer": "guest",
    "countries": ["DE", "AT"],
    "steps-1-percent": "10",
    "steps-1-minutes": "2",
    "steps-1-unit": "hours",
    "steps-2-percent": "100",
    "steps-2-minutes": "1",
    "steps-2-unit": "days",
    "steps-2-scope": "everyone",
    "guards-errors": "1",
    "guards-errors-limit": "1,5",
    "guards-errors-journey": "checkout",
    "guards-conversion": "1",
    "guards-conversion-limit": "5",
    "on_harm": "roll_back",
    "at_deadline": "stay",
}


def test_a_product_manager_plans_it_on_one_page_in_her_own_words(signed_in, flag, share, now):
    flag()
    manager = signed_in("product_manager")
    page = manager.get(f"/rollouts/-/new?flag={FLAG}&recipe=careful").text
    assert "Unless this suffers" in page
    assert "Error budget used" in page
    form = {**FORM, "deadline": (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")}
    read = manager.get("/rollouts/-/read", query_string=form).text
    assert "10% of guests in Germany or Austria (for at least 2 hours), then everybody" in read
    assert "unless checkout fails 1.5 times as often or fewer buy, by 5% or more" in read
    assert "shoppers of the last hour" in read
    answer = manager.post("/rollouts/-/new", data=form)
    assert (answer.status_code, share()) == (303, 10)
    page = manager.get(answer.location).text
    assert "Started with 10% of guests in Germany or Austria." in page
    assert "The first look comes within ten seconds." in page
    assert "Failures · checkout" in page
    assert "Rollout 1" in manager.get(f"/rollouts/of-flag/{FLAG}").text or "Rollout " in page
    assert FLAG in manager.get("/rollouts/-/list").text


def test_what_is_wrong_stands_beside_its_field_and_nothing_moves(signed_in, flag, share, now):
    flag()
    manager = signed_in("product_manager")
    form = {**FORM, "deadline": "", "steps-1-percent": "101", "guards-conversion-limit": "lots"}
    answer = manager.post("/rollouts/-/new", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    for name in ("deadline", "steps-1-percent", "guards-conversion-limit"):
        assert f'id="error-{name}"' in answer.text
    assert share() == 0
    assert "Not complete yet" in manager.get("/rollouts/-/read", query_string=form).text
    unknown = {**FORM, "flag": "nope", "deadline": (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")}
    assert (
        'id="error-flag"'
        in manager.post("/rollouts/-/new", data=unknown, headers={"HX-Request": "true"}).text
    )


def test_pages_pause_resume_override_and_freeze(signed_in, launch, row, now):
    number = launch(now - MINUTE)
    manager = signed_in("product_manager")
    assert manager.post(f"/rollouts/{number}/pause", data={"version": "1"}).status_code == 303
    assert manager.post(f"/rollouts/{number}/resume", data={"version": "1"}).status_code == 409
    assert manager.post(f"/rollouts/{number}/resume", data={"version": "2"}).status_code == 303
    sent = manager.post(f"/rollouts/{number}/override", data={"hours": "4", "reason": "legal"})
    assert sent.status_code == 303
    assert row(number).override["reason"] == "legal"
    assert manager.post("/rollouts/freeze", data={"reason": "incident"}).status_code == 303
    assert "All rollouts are frozen." in manager.get(f"/rollouts/{number}").text
    assert manager.post("/rollouts/thaw").status_code == 303
    assert manager.post(f"/rollouts/{number}/explode").status_code == 404
    assert manager.get("/rollouts/999").status_code == 404
