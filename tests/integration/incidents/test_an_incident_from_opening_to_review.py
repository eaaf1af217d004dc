"""Ops open an incident, say what they know, act, end it, and learn from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.alerts import commands as alerts
from app.alerts.alert import Notice
from app.alerts.models import Alert
from app.audit.models import AuditEntry
from app.errors import Conflict, NotFound
from app.flags import commands as flags
from app.flags.flag import Details
from app.flags.models import FlagState
from app.incidents import acts, commands, incident, queries
from app.incidents.incident import Opening, Update
from app.incidents.models import Incident, IncidentStep, IncidentUpdate
from app.timeline import queries as timeline

WHO = "ops@house.test"


@pytest.fixture
def ops(signed_in, now):
    return signed_in("ops")


@pytest.fixture
def opened(control_session, now) -> Incident:
    """A public incident of the checkout, for ten minutes."""
    opening = Opening(
        "Checkout fails",
        "critical",
        "failure",
        now - timedelta(minutes=10),
        {"checkout": "down"},
        True,
        "Orders fail. We are on it.",
    )
    made = commands.open_incident(control_session, opening, WHO, now)
    control_session.commit()
    return made


@pytest.fixture
def alert(control_session, now) -> int:
    notice = Notice(
        "f1",
        now - timedelta(minutes=20),
        None,
        {"alertname": "ErrorBudgetBurn", "severity": "page", "slo": "checkout-availability"},
        {"summary": "Checkout burns"},
    )
    alerts.take(control_session, [notice], "webhook", now)
    control_session.commit()
    return control_session.scalars(select(Alert.id)).one()


@pytest.fixture
def flag(control_session, now) -> str:
    flags.ensure_environments(control_session)
    flags.create(control_session, "new-checkout", Details("release", "", "pm"), now, WHO)
    flags.set_percent(control_session, "new-checkout", "production", 50, now - timedelta(minutes=12), WHO)
    control_session.commit()
    return "new-checkout"


def said(session, incident_id: int) -> list[tuple[str, str, bool]]:
    rows = session.scalars(
        select(IncidentUpdate).where(IncidentUpdate.incident_id == incident_id).order_by(IncidentUpdate.id)
    )
    return [(row.kind, row.text, row.is_public) for row in rows]


def test_an_empty_room_says_how_to_open_one(ops):
    page = ops.get("/incidents/").text
    assert "No incident goes on" in page
    assert "backroom incidents open" in page


def test_opening_from_an_alert_brings_its_time_and_the_check_list(ops, alert, control_session):
    form = ops.get(f"/incidents/new?alert={alert}").text
    assert "Checkout burns" in form
    began = control_session.get(Alert, alert).starts_at
    answer = ops.post(
        "/incidents/",
        data={
            "title": "Checkout burns",
            "severity": "major",
            "procedure": "failure",
            "alert": alert,
            "started_at": began.isoformat(),
        },
    )
    assert answer.status_code == 303
    made = control_session.scalars(select(Incident)).one()
    assert made.started_at == began
    page = ops.get(answer.headers["Location"]).text
    assert "Say who leads" in page  # the first step of the runbook
    assert "Checkout burns" in page
    assert [entry.title for entry in timeline.between(control_session, began, began + timedelta(seconds=1))]
    assert "Checkout burns" in ops.get(f"/incidents/of-alert/{alert}").text


def test_an_alert_belongs_to_one_incident(control_session, opened, alert, now):
    commands.link_alert(control_session, opened.id, alert, WHO, now)
    assert opened.started_at == now - timedelta(minutes=20)  # it began when the alert did
    with pytest.raises(Conflict):
        commands.link_alert(control_session, opened.id, alert, WHO, now)
    with pytest.raises(NotFound):
        commands.link_alert(control_session, opened.id, alert + 1, WHO, now)


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("severity", "huge"), ("started_at", "soon"), ("is_public", "1")],
)
def test_a_wrong_form_opens_nothing(ops, control_session, field, value):
    form = {"title": "X", "severity": "minor", "procedure": "failure", field: value}
    answer = ops.post("/incidents/", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    expected = "public_text" if field == "is_public" else field
    assert f"error-{expected}" in answer.text
    assert control_session.scalars(select(Incident)).all() == []


def test_what_is_said_moves_the_state_and_is_kept_with_its_writer(ops, opened, control_session):
    url = f"/incidents/{opened.id}/updates"
    ops.post(url, data={"state": "identified", "text": "The gateway times out"})
    ops.post(url, data={"state": "monitoring", "text": "Back", "is_public": "1"})
    control_session.refresh(opened)
    assert opened.state == "monitoring"
    assert opened.mitigated_at is not None
    assert said(control_session, opened.id)[-2:] == [
        ("update", "The gateway times out", False),
        ("update", "Back", True),
    ]
    page = ops.get(f"/incidents/{opened.id}").text
    assert page.index("Back") < page.index("The gateway times out")


def test_what_is_not_public_is_not_told_in_public(control_session, ops, now):
    quiet = commands.open_incident(
        control_session, Opening("Odd sign-ins", "major", "security", now), WHO, now
    )
    control_session.commit()
    data = {"state": "identified", "text": "secret", "is_public": "1"}
    answer = ops.post(f"/incidents/{quiet.id}/updates", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "Odd sign-ins" not in ops.get("/status").text


def test_the_first_to_lead_is_the_moment_it_was_taken(control_session, opened, now):
    later = now + timedelta(minutes=3)
    commands.assign(control_session, opened.id, "lead", "ada@house.test", WHO, later)
    commands.assign(control_session, opened.id, "lead", "bob@house.test", WHO, later + timedelta(minutes=9))
    assert opened.roles == {"lead": "bob@house.test"}
    assert queries.moments(opened).to_take == timedelta(minutes=3)


def test_a_step_is_ticked_once_and_can_be_taken_back(ops, opened, control_session):
    url = f"/incidents/{opened.id}/steps/0"
    ops.post(url, data={"done": "on"})
    ops.post(url, data={"done": "on"})
    step = control_session.get(IncidentStep, (opened.id, 0))
    assert step.done_by == WHO
    assert [kind for kind, *_ in said(control_session, opened.id)].count("step") == 1
    ops.post(url, data={"done": "off"})
    control_session.refresh(step)
    assert step.done_at is None


def test_a_late_step_says_so(control_session, opened, now):
    step = control_session.get(IncidentStep, (opened.id, 0))
    assert step.within_minutes == 5
    shown = queries.whole(control_session, opened.id, now + timedelta(minutes=6))
    assert shown.incident.opened_at + timedelta(minutes=step.within_minutes) < now + timedelta(minutes=6)


def test_the_kill_switch_of_a_check_list_turns_the_flag_off(ops, opened, flag, control_session):
    assert f'<option value="{flag}">' in ops.get(f"/incidents/{opened.id}").text
    ops.post(f"/incidents/{opened.id}/acts/kill-flag", data={"flag": flag, "position": "5"})
    state = control_session.get(FlagState, (flag, "production"))
    assert not state.enabled
    assert ("act", "new-checkout is off for everybody.", False) in said(control_session, opened.id)
    assert control_session.get(IncidentStep, (opened.id, 5)).done_at is not None


def test_a_button_without_its_facts_does_nothing(ops, opened, flag, control_session):
    for action, data, status in [
        ("kill-flag", {}, 422),
        ("kill-flag", {"flag": "no-such"}, 404),
        ("tell-shoppers", {"notice": "gossip"}, 422),
        ("note-scale", {"what": " "}, 422),
        ("launch", {}, 404),
    ]:
        answer = ops.post(
            f"/incidents/{opened.id}/acts/{action}",
            data={**data, "position": "0"},
            headers={"HX-Request": "true"},
        )
        assert answer.status_code == status, action
    assert control_session.get(IncidentStep, (opened.id, 0)).done_at is None


def test_freezing_and_thawing_reach_every_rollout(ops, opened, control_session):
    from app.rollouts import queries as rollouts

    ops.post(f"/incidents/{opened.id}/acts/freeze-rollouts")
    assert "Checkout fails" in rollouts.freeze(control_session).reason
    ops.post(f"/incidents/{opened.id}/acts/thaw-rollouts")
    assert rollouts.freeze(control_session) is None


def test_shoppers_are_told_until_it_is_over(ops, opened, flag, control_session):
    told = {"notice": "orders", "notice_text": "Back by noon"}
    ops.post(f"/incidents/{opened.id}/acts/tell-shoppers", data=told)
    state = control_session.get(FlagState, (acts.FLAG, "production"))
    assert state.enabled
    assert state.variants[0]["payload"]["value"] == '{"notice": "orders", "text": "Back by noon"}'
    ops.post(f"/incidents/{opened.id}/resolve", data={"resolution": "The gateway is back"})
    control_session.refresh(state)
    assert not state.enabled


def test_the_end_of_another_incident_leaves_the_shops_notice(ops, opened, control_session, now):
    ops.post(f"/incidents/{opened.id}/acts/tell-shoppers", data={"notice": "orders"})
    other = commands.open_incident(control_session, Opening("Slow", "minor", "performance", now), WHO, now)
    control_session.commit()
    ops.post(f"/incidents/{other.id}/resolve", data={"resolution": "Faster"})
    assert control_session.get(FlagState, (acts.FLAG, "production")).enabled


def test_what_is_resolved_is_over(ops, opened, control_session, now):
    ops.post(f"/incidents/{opened.id}/resolve", data={"resolution": "The gateway is back"})
    control_session.refresh(opened)
    assert (opened.state, opened.resolved_by) == ("resolved", WHO)
    assert said(control_session, opened.id)[-1] == ("resolved", "The gateway is back", True)
    again = ops.post(
        f"/incidents/{opened.id}/updates",
        data={"state": "investigating", "text": "?"},
        headers={"HX-Request": "true"},
    )
    assert again.status_code == 409
    [entry] = [
        found
        for found in timeline.between(control_session, now - timedelta(hours=1), now + timedelta(hours=1))
        if found.kind == "incident"
    ]
    assert entry.ends_at == opened.resolved_at


def test_a_review_gives_actions_owners_and_days(ops, opened, control_session, now):
    early = ops.post(
        f"/incidents/{opened.id}/review", data={"cause": "x", "revision": 1}, headers={"HX-Request": "true"}
    )
    assert early.status_code == 409
    ops.post(f"/incidents/{opened.id}/resolve", data={"resolution": "Back"})
    control_session.refresh(opened)
    form = {"cause": "A timeout of 30 s", "lessons": "Alert sooner", "revision": opened.revision}
    ops.post(f"/incidents/{opened.id}/review", data=form)
    stale = ops.post(f"/incidents/{opened.id}/review", data=form, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    yesterday = f"{now.date() - timedelta(days=1)}"
    ops.post(
        f"/incidents/{opened.id}/actions",
        data={"action": "Lower the timeout", "owner": "ada", "due_on": yesterday},
    )
    page = ops.get("/incidents/").text
    assert "Lower the timeout" in page
    assert "overdue" in page
    [(action, _)] = queries.actions_to_do(control_session)
    ops.post(f"/incidents/actions/{action.id}", data={"done": "on"})
    assert "Lower the timeout" not in ops.get("/incidents/").text


def test_facts_edited_on_an_old_page_are_not_lost_and_not_saved(ops, opened, control_session):
    form = {
        "title": "Payments fail",
        "severity": "major",
        "revision": 1,
        "is_public": "1",
        "impact_cart": "partial",
    }
    assert ops.post(f"/incidents/{opened.id}/facts", data=form).status_code == 303
    answer = ops.post(
        f"/incidents/{opened.id}/facts", data={**form, "title": "Mine"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    control_session.refresh(opened)
    assert (opened.title, opened.severity, opened.components) == (
        "Payments fail",
        "major",
        {"cart": "partial"},
    )


def test_every_write_is_in_the_audit_trail(ops, opened, control_session):
    ops.post(f"/incidents/{opened.id}/roles", data={"role": "lead", "role_lead": "ada"})
    ops.post(f"/incidents/{opened.id}/resolve", data={"resolution": "Back"})
    actions = control_session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["incident.open", "incident.role", "incident.resolve"]


def test_viewers_read_and_change_nothing(signed_in, opened):
    viewer = signed_in("viewer")
    assert "Save the update" not in viewer.get(f"/incidents/{opened.id}").text
    assert viewer.post(f"/incidents/{opened.id}/resolve", data={"resolution": "x"}).status_code == 403


def test_two_who_tell_at_once_are_both_heard(control_sources, opened, now):
    with control_sources.control.begin() as first:
        commands.tell(first, opened.id, Update("identified", "one", False), "a", now)
    with control_sources.control.begin() as second:
        commands.tell(second, opened.id, Update("monitoring", "two", False), "b", now)
        assert [text for kind, text, _ in said(second, opened.id) if kind == "update"][-2:] == ["one", "two"]


def test_machines_do_all_of_it_too(ops, control_session):
    made = ops.post(
        "/api/v1/incidents",
        json={
            "title": "Slow",
            "severity": "minor",
            "procedure": "performance",
            "components": {"browsing": "degraded"},
            "is_public": True,
            "public_text": "Slow pages",
        },
    )
    assert made.status_code == 201
    url = f"/api/v1/incidents/{made.json['id']}"
    assert ops.post(f"{url}/updates", json={"state": "identified", "text": "x"}).status_code == 201
    assert ops.put(f"{url}/roles/lead", json={"person": "bot"}).json["roles"] == {"lead": "bot"}
    assert ops.put(f"{url}/roles/king", json={"person": "bot"}).status_code == 404
    assert ops.post(f"{url}/resolve", json={"text": "faster"}).json["state"] == "resolved"
    whole = ops.get(url).json
    assert [one["kind"] for one in whole["updates"]][:2] == ["resolved", "role"]
    assert whole["steps"][0]["section"] == "Identify"
    assert ops.get("/api/v1/incidents").json["incidents"] == []
    assert len(ops.get("/api/v1/incidents?state=resolved").json["incidents"]) == 1
    assert ops.post("/api/v1/incidents", json={"title": "x", "components": 3}).status_code == 422
    assert ops.get("/api/v1/incidents/99999").status_code == 404


def test_a_program_does_what_the_page_of_an_incident_does(ops, now):
    body = {"title": "Slow", "severity": "minor", "procedure": "performance"}
    assert ops.post("/api/v1/incidents", json={**body, "is_public": True}).status_code == 422  # says nothing
    future = f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert ops.post("/api/v1/incidents", json={**body, "started_at": future}).status_code == 409
    made = ops.post("/api/v1/incidents", json=body)
    url = made.headers["Location"]
    changed = ops.patch(url, json={"severity": "major", "components": {"cart": "down"}, "revision": 1}).json
    assert (changed["severity"], changed["components"], changed["title"]) == (
        "major",
        {"cart": "down"},
        "Slow",
    )
    assert ops.patch(url, json={"title": "Late", "revision": 1}).status_code == 409
    assert ops.put(f"{url}/steps/0", json={"is_done": True}).json["done_by"] == "ops@house.test"
    assert ops.put(f"{url}/steps/0", json={"is_done": False}).json["done_at"] is None
    assert ops.put(f"{url}/steps/999", json={"is_done": True}).status_code == 404
    assert ops.post(f"{url}/acts", json={"act": "freeze-rollouts", "position": 0}).status_code == 200
    assert ops.get(url).json["steps"][0]["done_at"]
    assert ops.post(f"{url}/acts", json={"act": "dance"}).status_code == 422
    assert ops.post(f"{url}/acts", json={"act": "thaw-rollouts"}).status_code == 200
    review = {"cause": "A deploy", "lessons": "Look sooner", "revision": 2}
    assert ops.put(f"{url}/review", json=review).status_code == 409  # goes on
    ended = ops.post(f"{url}/resolve", json={"text": "Back"}).json
    assert (
        ops.put(f"{url}/review", json={**review, "revision": ended["revision"]}).json["cause"] == "A deploy"
    )
    asked = ops.post(f"{url}/actions", json={"text": "Alert", "owner": "ada", "due_on": "2026-02-14"})
    assert asked.status_code == 201
    assert ops.get("/api/v1/incident-actions").json["actions"] == [asked.json]
    assert ops.patch(asked.headers["Location"], json={"is_done": True}).json["done_at"]
    assert ops.get("/api/v1/incident-actions").json["actions"] == []


def test_incidents_that_are_over_are_read_page_by_page(ops):
    body = {"title": "Slow", "severity": "minor", "procedure": "failure"}
    for _ in range(3):
        url = ops.post("/api/v1/incidents", json=body).headers["Location"]
        ops.post(f"{url}/resolve", json={"text": "Back"})
    first = ops.get("/api/v1/incidents?state=resolved&limit=2").json
    rest = ops.get(f"/api/v1/incidents?state=resolved&limit=2&cursor={first['next_cursor']}").json
    found = [one["id"] for one in first["incidents"] + rest["incidents"]]
    assert (len(found), found, rest["next_cursor"]) == (3, sorted(found, reverse=True), None)


def test_the_command_line_opens_and_ends_one(control_app, control_session, capsys):
    from app import cli

    assert cli.run(control_app, ["incidents", "open", "Down", "--severity", "critical"]) == 0
    made = control_session.scalars(select(Incident)).one()
    assert f"/incidents/{made.id}" in capsys.readouterr().out
    assert (
        cli.run(control_app, ["incidents", "update", str(made.id), "Looking", "--state", "identified"]) == 0
    )
    assert cli.run(control_app, ["incidents", "list"]) == 0
    assert "Down" in capsys.readouterr().out
    assert cli.run(control_app, ["incidents", "resolve", str(made.id), "Up"]) == 0
    assert cli.run(control_app, ["incidents", "resolve", str(made.id), "Up"]) == 1
    assert incident.STATES["resolved"]


def test_the_first_page_says_what_goes_on_until_it_is_over(ops, opened):
    assert 'hx-get="/incidents/banner"' in ops.get("/").text
    assert "Checkout fails" in ops.get("/incidents/banner").text
    ops.post(f"/incidents/{opened.id}/resolve", data={"resolution": "Back"})
    assert ops.get("/incidents/banner").text.strip() == ""
