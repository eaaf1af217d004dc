"""Error budget policies: steps, freezes and who lifts them."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.errors import Refused
from app.series import store
from app.slo import commands, policies, queries, rows, status
from app.slo.bucket import measured, starts
from app.slo.jobs import follow_policies
from app.slo.reading import read
from app.timeline.models import TimelineEntry

OPS = "ops@house.test"


@pytest.fixture
def search(control_session, now):
    made = read(
        {
            "key": "search",
            "name": "Search",
            "objective": 0.9,
            "good": "a",
            "total": "b",
            "owner": "owner@house.test",
        }
    )
    return commands.create(control_session, made, OPS, now)


@pytest.fixture
def spend(control_session, control_sources, search, now):
    """`spend(0.6)`: so much of the budget is gone, and the policy is followed."""

    def make(share, at=now):
        buckets = [measured(one, 100 - 10 * share, 100) for one in starts(now - timedelta(hours=2), now)]
        rows.save(control_session, search, buckets)
        status.refresh(control_session, search, at)
        return follow_policies(control_session, at, control_sources)

    return make


def frozen(session):
    return store.latest(session, "slo.freeze", {"slo": "search"}).value


def told(session):
    found = session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "note"))
    return [entry.title for entry in found]


def test_each_step_is_told_once_and_nothing_left_freezes(control_session, spend, now, search):
    assert "0 steps taken" in spend(0.1)
    assert "1 steps taken" in spend(0.6)
    assert "0 steps taken" in spend(0.7)
    assert frozen(control_session) == 0
    assert "1 freeze rollouts" in spend(1.2, now + timedelta(minutes=1))
    assert told(control_session) == [
        "Search: 40.0 % of the error budget left",
        "Search: -20.0 % of the error budget left",
    ]
    assert store.latest(control_session, "slo.policy_step", {"slo": "search"}).value == 3
    assert "0 freeze" in spend(0.6, now + timedelta(minutes=2))


def test_the_owner_gets_a_mail(control_session, control_config, spend):
    spend(1.5)
    (file,) = control_config.mail_dir.glob("*.eml")
    mail = message_from_bytes(file.read_bytes())
    assert mail["To"] == "owner@house.test"
    assert "-50.0 %" in mail["Subject"]


def test_a_gap_in_the_data_lifts_no_freeze(control_session, control_sources, spend, search, now):
    spend(1.2)
    later = now + timedelta(days=40)
    status.refresh(control_session, search, later)
    assert queries.status(control_session, search).budget_left is None
    follow_policies(control_session, later, control_sources)
    assert frozen(control_session) == 1


def test_somebody_lifts_a_freeze_with_a_reason_and_an_end(
    control_session, control_sources, spend, search, now
):
    spend(1.2)
    policies.override(control_session, "search", "The fix must go out", now + timedelta(hours=2), OPS, now)
    assert frozen(control_session) == 0
    follow_policies(control_session, now + timedelta(hours=1), control_sources)
    assert frozen(control_session) == 0
    follow_policies(control_session, now + timedelta(hours=3), control_sources)
    assert frozen(control_session) == 1
    entry = control_session.scalars(select(AuditEntry).where(AuditEntry.action == "slo.override")).one()
    assert (entry.who, entry.after["reason"]) == (OPS, "The fix must go out")
    assert "Freeze lifted: Search" in told(control_session)


def test_an_override_can_be_ended(control_session, control_sources, spend, search, now):
    spend(1.2)
    policies.override(control_session, "search", "Fix", now + timedelta(hours=2), OPS, now)
    assert policies.end_override(control_session, "search", OPS, now + timedelta(minutes=1)) == 1
    follow_policies(control_session, now + timedelta(minutes=2), control_sources)
    assert frozen(control_session) == 1


@pytest.mark.parametrize(("reason", "hours"), [("", 1), ("x", 0), ("x", -1), ("x", 24 * 31), ("x" * 1001, 1)])
def test_an_override_without_reason_or_end_is_refused(control_session, search, now, reason, hours):
    with pytest.raises(Refused):
        policies.override(control_session, "search", reason, now + timedelta(hours=hours), OPS, now)


def test_the_api_tells_and_lifts(signed_in, control_session, spend, now):
    spend(1.2)
    control_session.commit()
    ops = signed_in("ops")
    assert ops.get("/api/v1/slos/search/policy").json["is_frozen"] is True
    until = (now + timedelta(hours=1)).isoformat()
    made = ops.post("/api/v1/slos/search/override", json={"reason": "Fix", "until": until})
    assert made.status_code == 201
    found = ops.get("/api/v1/slos/search/policy").json
    assert (found["is_frozen"], found["override"]["who"]) == (False, OPS)
    assert ops.delete("/api/v1/slos/search/override").status_code == 204
    assert ops.get("/api/v1/slos/search/policy").json["is_frozen"] is True
    assert ops.post("/api/v1/slos/search/override", json={"reason": "Fix"}).status_code == 422
    assert signed_in("viewer").post("/api/v1/slos/search/override", json={}).status_code == 403
