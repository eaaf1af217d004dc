"""What is kept of people who run the shop: handed out, and erased but for the audit trail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import clock
from app.accounts import personal_data
from app.accounts.invitation_models import InvitationRow
from app.accounts.models import PersonRow, SessionRow
from app.audit.models import AuditEntry
from app.db import Base

OPS = "ops@house.test"


@pytest.fixture
def ops_did_something(signed_in, control_session):
    client = signed_in("ops")
    made = client.post("/api/v1/environments", json={"name": "staging-two", "kind": "development"})
    client.post("/timeline/", data={"title": "A deploy", "kind": "deploy"})
    assert made.status_code < 500
    return control_session.scalar(select(PersonRow.id).where(PersonRow.email == OPS))


def rows_naming(session, email) -> set[str]:
    """Tables with this address in any column."""
    return {
        name
        for name in Base.metadata.tables
        if session.scalar(
            text(f'SELECT count(*) FROM "{name}" AS one WHERE one::text ILIKE :email'),
            {"email": f"%{email}%"},
        )
    }


def test_everybody_takes_along_what_is_kept_of_them(signed_in, ops_did_something):
    told = signed_in("ops").get("/accounts/me/data.json")
    assert told.headers["Content-Disposition"].startswith("attachment")
    body = told.get_json()
    assert body["person"]["email"] == OPS
    assert body["kept"]["sessions"]
    assert "cookie_hash" not in told.text
    assert "password_hash" not in told.text
    assert signed_in("ops").get("/api/v1/me/personal-data").get_json()["person"] == body["person"]
    for address in ("/accounts/{}/data", "/api/v1/people/{}/personal-data"):
        assert signed_in("ops").get(address.format(ops_did_something)).status_code == 403


def test_an_admin_erases_somebody_and_the_trail_alone_remembers(
    signed_in, control_session, ops_did_something
):
    admin = signed_in("admin")
    page = admin.get(f"/accounts/{ops_did_something}/data")
    assert "Erase this person" in page.text
    assert admin.post(f"/accounts/{ops_did_something}/erase").status_code == 303
    control_session.expire_all()
    person = control_session.get_one(PersonRow, ops_did_something)
    assert (person.email, person.name, person.is_active) == (f"erased-{person.id}", "", False)
    assert not control_session.scalars(select(SessionRow).where(SessionRow.person_id == person.id)).all()
    assert rows_naming(control_session, OPS) <= {"audit_entries", "happenings", "events", "timeline_entries"}
    erased = control_session.scalar(select(AuditEntry).where(AuditEntry.action == "person.erase"))
    assert erased.subject == f"person:{OPS}"
    assert (
        admin.delete(f"/api/v1/people/{person.id}/personal-data").status_code == 204
    )  # changes nothing more


def test_the_last_admin_and_oneself_are_refused(signed_in, control_session):
    admin = signed_in("admin")
    mine = control_session.scalar(select(PersonRow.id).where(PersonRow.email == "admin@house.test"))
    assert admin.post(f"/accounts/{mine}/erase").status_code == 422
    control_session.rollback()
    with pytest.raises(Exception, match="last admin"):
        personal_data.erase(control_session, mine, "cli:root", clock.now())


def test_invitations_that_ended_long_ago_are_forgotten(control_session, now):
    for days, name in ((100, "old"), (10, "new")):
        at = now - timedelta(days=days)
        control_session.add(
            InvitationRow(
                email=f"{name}@house.test",
                name=name,
                role="viewer",
                locale="en",
                created_at=at,
                created_by="admin@house.test",
                expires_at=at + timedelta(days=3),
                withdrawn_at=at,
            )
        )
    control_session.flush()
    assert personal_data.prune_invitations(control_session, now) == 1
    assert control_session.scalars(select(InvitationRow.name)).all() == ["new"]
    control_session.rollback()
