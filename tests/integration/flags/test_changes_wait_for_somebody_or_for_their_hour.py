"""Change requests and planned changes: on pages, by the API, and made by the job."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.audit.models import AuditEntry
from app.db import begin
from app.flags import approval, environment_commands, jobs, queries
from app.flags import change_request_commands as commands
from app.flags import commands as flags
from app.timeline.models import TimelineEntry

HOUR = timedelta(hours=1)
WHO = "pm@house.test"


@pytest.fixture
def ask_for_approval(control_app):
    """`ask_for_approval(2)`: production asks for so many approvals, until the test is over."""

    def change(needed, requires=True):
        with control_app.app_context(), begin() as session:
            wanted = {"requires_approval": requires, "approvals_needed": needed}
            environment_commands.change(session, "production", wanted, clock.now(), "admin@house.test")

    yield change
    change(1, requires=False)


@pytest.fixture
def guarded(flag, ask_for_approval):
    """A flag at 10 % in production, where one other person has to approve."""
    flag("f", 10)
    ask_for_approval(1)


@pytest.fixture
def state(control_app):
    def read(name="f", environment="production"):
        with control_app.app_context(), begin() as session:
            return queries.one(session, name, clock.now()).states[environment]

    return read


@pytest.fixture
def run(control_sources):
    def job(at):
        with control_sources.control.begin() as session:
            return jobs.changes(session, at, control_sources)

    return job


@pytest.fixture
def pm(now, signed_in):
    return signed_in("product_manager")


@pytest.fixture
def ops(now, signed_in):
    return signed_in("ops")


def ask(client, title="To a quarter", environment="production", send=True, at=None, changes=None):
    body = {
        "title": title,
        "environment": environment,
        "changes": changes or [{"flag": "f", "percent": 25}],
        "send": send,
        "apply_at": at.isoformat() if at else None,
    }
    return client.post("/api/v1/change-requests", json=body)


def plan(client, at, **change):
    body = {"flag": "f", "environment": "production", "apply_at": at.isoformat(), **change}
    return client.post("/api/v1/scheduled-changes", json=body)


def shown(client, request_id):
    return client.get(f"/api/v1/change-requests/{request_id}").get_json()


def test_where_approval_is_needed_nothing_but_the_kill_switch_works_directly(guarded, pm, state):
    assert pm.post("/flags/f/percent", data={"percent": "25"}).status_code == 403
    assert pm.post("/flags/f/switch", data={"enabled": "off"}).status_code == 403
    assert pm.post("/flags/f/targeting", data={"strategies": "[]", "variants": "[]"}).status_code == 403
    assert pm.post("/flags/f/archive").status_code == 403
    assert state().reach.percent == 10
    assert (
        pm.post("/flags/f/percent", data={"percent": "25", "environment": "development"}).status_code == 303
    )
    assert pm.post("/flags/f/kill").status_code == 303
    assert not state().enabled


def test_somebody_else_approves_and_then_it_is_applied(guarded, pm, ops, state, control_session):
    made = ask(pm)
    assert made.status_code == 201
    request_id = made.get_json()["id"]
    assert made.get_json()["state"] == "in_review"
    assert pm.post(f"/api/v1/change-requests/{request_id}/apply").status_code == 409
    assert pm.post(f"/api/v1/change-requests/{request_id}/approve").status_code == 403
    assert pm.post(f"/flags/-/changes/{request_id}/approve").status_code == 403
    assert shown(pm, request_id)["state"] == "in_review"
    assert ops.post(f"/flags/-/changes/{request_id}/approve", data={"text": "Good."}).status_code == 303
    assert state().reach.percent == 10
    assert pm.post(f"/flags/-/changes/{request_id}/apply").status_code == 303
    assert state().reach.percent == 25
    said = [entry.action for entry in control_session.query(AuditEntry).order_by(AuditEntry.id)]
    assert said[-2:] == ["flag.rollout", "change-request.apply"]
    page = ops.get(f"/flags/-/changes/{request_id}").text
    assert "Good." in page
    assert "applied" in page


def test_a_token_does_not_approve_what_it_asked_for(guarded, control_app, ops):
    from app.accounts import commands as accounts

    with control_app.app_context(), begin() as session:
        raw = accounts.create_token(session, "api", "production", "deploy", "admin", clock.now(), "admin")
    client = control_app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {raw}"
    request_id = ask(client).get_json()["id"]
    assert client.post(f"/api/v1/change-requests/{request_id}/approve").status_code == 403
    assert ops.post(f"/api/v1/change-requests/{request_id}/approve").get_json()["state"] == "approved"


def test_an_edit_after_the_approval_has_to_be_approved_again(guarded, pm, ops):
    request_id = ask(pm).get_json()["id"]
    ops.post(f"/api/v1/change-requests/{request_id}/approve")
    added = pm.post(f"/api/v1/change-requests/{request_id}/changes", json={"flag": "f", "percent": 90})
    assert (added.get_json()["state"], added.get_json()["approved_by"]) == ("in_review", [])


def test_a_rejected_one_can_be_mended_and_sent_again(guarded, pm, ops):
    request_id = ask(pm).get_json()["id"]
    assert (
        ops.post(f"/api/v1/change-requests/{request_id}/reject", json={"text": "Too early"}).get_json()[
            "state"
        ]
        == "rejected"
    )
    assert pm.post(f"/api/v1/change-requests/{request_id}/send").get_json()["state"] == "in_review"
    assert "Too early" in pm.get(f"/flags/-/changes/{request_id}").text


def test_several_changes_are_made_together_or_not_at_all(flag, ask_for_approval, pm, ops, state):
    flag("f", 10)
    flag("g", 50)
    ask_for_approval(1)
    changes = [{"flag": "f", "percent": 25}, {"flag": "f", "enabled": False}, {"flag": "g", "percent": 60}]
    request_id = ask(pm, changes=changes).get_json()["id"]
    ops.post(f"/api/v1/change-requests/{request_id}/approve")
    pm.post("/flags/g/kill")
    assert pm.post(f"/api/v1/change-requests/{request_id}/apply").status_code == 409
    assert state().reach.percent == 10
    assert shown(pm, request_id)["conflicts"] == ["g"]
    page = pm.get(f"/flags/-/changes/{request_id}").text
    assert "Changed meanwhile: g" in page
    rebased = pm.post(f"/api/v1/change-requests/{request_id}/rebase").get_json()
    assert (rebased["state"], rebased["conflicts"]) == ("in_review", [])
    ops.post(f"/api/v1/change-requests/{request_id}/approve")
    assert pm.post(f"/api/v1/change-requests/{request_id}/apply").get_json()["state"] == "applied"
    assert not state().enabled
    assert state("g").reach.percent == 60


def test_a_draft_collects_changes_and_forgets_one(flag, pm):
    flag("f", 10)
    made = ask(pm, send=False).get_json()
    assert made["state"] == "draft"
    path = f"/api/v1/change-requests/{made['id']}"
    both = pm.post(f"{path}/changes", json={"flag": "f", "enabled": False}).get_json()
    assert [change["kind"] for change in both["changes"]] == ["percent", "enabled"]
    assert both["changes"][1]["diff"] == [{"what": "Percentage", "before": "25 %", "after": "0 %"}]
    left = pm.delete(f"{path}/changes/{both['changes'][0]['id']}").get_json()
    assert [change["kind"] for change in left["changes"]] == ["enabled"]
    renamed = pm.patch(path, json={"title": "Off for the night"}).get_json()
    assert renamed["title"] == "Off for the night"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"title": "", "environment": "production"},
        {"title": "t", "environment": "nowhere"},
        {"title": "t", "environment": "production", "changes": [{"flag": "none", "percent": 5}]},
        {"title": "t", "environment": "production", "changes": [{"flag": "f", "percent": 500}]},
        {"title": "t", "environment": "production", "changes": {}},
        {"title": "t", "environment": "production", "apply_at": "soon"},
        {"title": "t", "environment": "production", "apply_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_request_that_makes_no_sense_stores_nothing(flag, pm, body):
    flag("f", 10)
    assert pm.post("/api/v1/change-requests", json=body).status_code in (404, 409, 422)
    assert pm.get("/api/v1/change-requests").get_json()["change_requests"] == []


def test_a_change_on_an_old_revision_is_no_change_request(flag, pm, state):
    flag("f", 10)
    seen = state().revision
    pm.post("/flags/f/percent", data={"percent": "20"})
    answer = ask(pm, changes=[{"flag": "f", "percent": 25, "revision": seen}])
    assert answer.status_code == 409
    assert pm.get("/api/v1/change-requests").get_json()["change_requests"] == []


def test_a_planned_change_is_made_at_its_hour_and_once(flag, pm, run, state, now, control_session):
    flag("f", 10)
    made = plan(pm, now + HOUR, percent=50)
    assert made.status_code == 201
    request_id = made.get_json()["id"]
    assert made.get_json()["state"] == "scheduled"
    assert "0 planned changes made" in run(now + HOUR - timedelta(seconds=5))
    assert "1 planned changes made" in run(now + HOUR)
    assert "0 planned changes made" in run(now + HOUR)
    assert state().reach.percent == 50
    assert state().changed_by == "product_manager@house.test"
    assert shown(pm, request_id)["state"] == "applied"
    titles = [entry.title for entry in control_session.query(TimelineEntry).order_by(TimelineEntry.id)]
    assert titles[-1] == "f: 10 % → 50 %"


def test_a_second_planned_change_stands_on_the_first(flag, pm, run, state, now):
    flag("f", 10)
    plan(pm, now + HOUR, percent=50)
    plan(pm, now + 2 * HOUR, percent=100)
    run(now + HOUR)
    run(now + 2 * HOUR)
    assert state().reach.percent == 100


def test_a_planned_change_of_a_flag_that_changed_meanwhile_is_not_made_and_its_author_told(
    flag, pm, run, state, now, control_config
):
    flag("f", 10)
    request_id = plan(pm, now + HOUR, percent=50).get_json()["id"]
    pm.post("/flags/f/percent", data={"percent": "20"})
    assert "1 not made, 1 authors told" in run(now + HOUR)
    assert "0 not made, 0 authors told" in run(now + HOUR + timedelta(seconds=5))
    assert state().reach.percent == 20
    found = shown(pm, request_id)
    assert (found["state"], found["problem"], found["problem_text"]) == ("not_applied", "changed", "f")
    [mail] = list(control_config.mail_dir.glob("*.eml"))
    assert "product_manager@house.test" in mail.read_text()
    assert "f</a>" in pm.get("/flags/-/changes/").text
    assert "Somebody changed f in between." in pm.get("/flags/-/changes/of-flag/f").text
    pm.post(f"/api/v1/change-requests/{request_id}/rebase")
    again = pm.patch(f"/api/v1/change-requests/{request_id}", json={"apply_at": (now + 2 * HOUR).isoformat()})
    assert again.status_code == 200
    assert pm.post(f"/api/v1/change-requests/{request_id}/send").get_json()["state"] == "scheduled"
    run(now + 2 * HOUR)
    assert state().reach.percent == 50


def test_after_a_night_without_a_scheduler_what_widens_waits_and_what_narrows_is_made(
    flag, pm, run, state, now
):
    flag("f", 10)
    flag("g", 80)
    wide = plan(pm, now + HOUR, percent=50).get_json()["id"]
    narrow = plan(pm, now + HOUR, flag="g", enabled=False).get_json()["id"]
    run(now + 10 * HOUR)
    assert (shown(pm, wide)["state"], shown(pm, wide)["problem"]) == ("not_applied", "late")
    assert state().reach.percent == 10
    assert shown(pm, narrow)["state"] == "applied"
    assert not state("g").enabled


def test_a_few_minutes_late_is_not_too_late(flag, pm, run, state, now):
    flag("f", 10)
    plan(pm, now + HOUR, percent=50)
    run(now + HOUR + timedelta(minutes=20))
    assert state().reach.percent == 50


def test_a_planned_change_of_a_guarded_environment_waits_for_its_approval(guarded, pm, ops, run, state, now):
    request_id = plan(pm, now + HOUR, percent=50).get_json()["id"]
    assert shown(pm, request_id)["state"] == "in_review"
    run(now + HOUR)
    assert state().reach.percent == 10
    ops.post(f"/api/v1/change-requests/{request_id}/approve")
    run(now + HOUR)
    assert state().reach.percent == 50


def test_an_environment_that_begins_to_ask_stops_what_was_planned_before(
    ask_for_approval, flag, pm, run, state, now
):
    flag("f", 10)
    request_id = plan(pm, now + HOUR, percent=50).get_json()["id"]
    ask_for_approval(2)
    run(now + HOUR)
    assert (shown(pm, request_id)["state"], state().reach.percent) == ("not_applied", 10)


def test_a_cancelled_one_is_not_made(flag, pm, run, state, now):
    flag("f", 10)
    request_id = plan(pm, now + HOUR, percent=50).get_json()["id"]
    assert pm.post(f"/flags/-/changes/{request_id}/cancel").status_code == 303
    run(now + HOUR)
    assert state().reach.percent == 10
    assert pm.post(f"/api/v1/change-requests/{request_id}/cancel").status_code == 409


def test_one_that_fails_does_not_keep_the_others(flag, pm, run, state, now, monkeypatch):
    flag("f", 10)
    flag("g", 10)
    plan(pm, now + HOUR, percent=50)
    plan(pm, now + HOUR, flag="g", percent=50)
    real = commands._make

    def broken(session, environment, change, *rest):
        if change.flag == "f":
            raise RuntimeError("disk on fire")
        real(session, environment, change, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(commands, "_make", broken)
        run(now + HOUR)
    assert (state("f").reach.percent, state("g").reach.percent) == (10, 50)
    run(now + HOUR + timedelta(seconds=5))
    assert state("f").reach.percent == 50


def test_a_viewer_sees_what_waits_and_changes_nothing(flag, pm, signed_in, now):
    flag("f", 10)
    request_id = plan(pm, now + HOUR, percent=50).get_json()["id"]
    viewer = signed_in("viewer")
    assert "f" in viewer.get("/flags/-/changes/?view=planned").text
    assert viewer.get("/api/v1/scheduled-changes").get_json()["scheduled_changes"][0]["id"] == request_id
    assert viewer.delete(f"/api/v1/scheduled-changes/{request_id}").status_code == 403


def test_a_job_may_change_what_people_approved_before(guarded, control_app, state):
    with control_app.app_context(), begin() as session:
        flags.set_percent(session, "f", "production", 20, clock.now(), "job:rollouts.decide")
    assert state().reach.percent == 20


def test_segments_and_parents_are_no_way_past_an_approval(guarded, flag, pm, control_app):
    flag("parent")
    rule = {"contextName": "country", "operator": "IN", "values": ["DE"]}
    segment = pm.post("/api/v1/segments", json={"name": "germans", "constraints": [rule]}).json["id"]
    with control_app.app_context(), begin() as session, approval.approved(session):
        strategy = {"name": "default", "segments": [segment]}
        flags.set_targeting(session, "f", "production", [strategy], [], clock.now(), WHO)
    wanted = {"name": "germans", "constraints": [rule | {"values": ["AT"]}]}
    answer = pm.put(f"/api/v1/segments/{segment}", json=wanted)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (403, "constraints")
    assert "Make a new segment" in answer.json["detail"]
    assert pm.put(f"/api/v1/segments/{segment}", json=wanted | {"constraints": [rule]}).status_code == 200
    parents = {"dependencies": [{"feature": "parent"}]}
    answer = pm.put("/api/v1/flags/f/dependencies", json=parents)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (403, "dependencies")
    pm.post("/api/v1/flags/f/environments/production/kill")
    assert pm.put("/api/v1/flags/f/dependencies", json=parents).status_code == 200
    assert pm.put(f"/api/v1/segments/{segment}", json=wanted).status_code == 200
