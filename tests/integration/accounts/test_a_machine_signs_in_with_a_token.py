"""Tokens: made on the page or by command, shown once, noted when used, revoked."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.accounts import commands
from app.accounts.models import TokenRow
from app.audit.models import AuditEntry
from app.errors import NotFound, Refused
from tests.integration.accounts.conftest import browser, sign_in


@pytest.fixture
def make(control_session, now):
    def make_one(kind: str, role: str | None = None, name: str = "script") -> str:
        raw = commands.create_token(control_session, kind, "production", name, role, now, "test")
        control_session.commit()
        return raw

    return make_one


@pytest.fixture
def admin(house, add):
    add("admin@example.org", "admin")
    client = browser(house)
    sign_in(client, "admin@example.org")
    return client


def call(house, raw: str, path: str = "/api/v1/jobs"):
    return house.test_client().get(path, headers={"Authorization": f"Bearer {raw}"})


def test_a_token_from_the_page_is_shown_once_and_works(admin, house):
    form = {"name": "warehouse", "kind": "api", "environment": "production", "role": "viewer"}
    page = admin.post("/accounts/tokens/", data=form)
    raw = re.search(r'<code id="secret">([^<]+)</code>', page.text)[1]
    assert page.headers["Cache-Control"] == "no-store"
    assert call(house, raw).status_code == 200
    listed = admin.get("/accounts/tokens/").text
    assert raw not in listed
    assert "warehouse" in listed


def test_a_token_may_what_its_role_may(house, make):
    raw = make("api", "viewer")
    assert call(house, raw).status_code == 200
    assert call(house, raw, "/api/v1/audit").status_code == 403
    assert call(house, make("api", "ops", "second"), "/api/v1/audit").status_code == 200


def test_a_write_with_a_token_needs_no_form_token(house, make):
    raw = make("api", "ops")
    answer = house.test_client().post(
        "/api/v1/jobs/jobs.prune/run", headers={"Authorization": f"Bearer {raw}"}
    )
    assert answer.status_code == 202


@pytest.mark.parametrize("kind", ["client", "frontend"])
def test_a_token_of_an_sdk_opens_no_page_of_people(house, make, kind):
    assert call(house, make(kind)).status_code in (401, 403)


def test_a_made_up_token_is_refused_in_json(house, make):
    answer = call(house, "backroom_" + "0" * 64)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


def test_a_revoked_token_is_refused_at_once_and_the_trail_says_who(admin, house, make, control_session):
    raw = make("api", "viewer")
    token = control_session.scalar(select(TokenRow.id))
    assert admin.post(f"/accounts/tokens/{token}/revoke").status_code == 303
    assert call(house, raw).status_code == 401
    assert "revoked" in admin.get("/accounts/tokens/").text
    admin.post(f"/accounts/tokens/{token}/revoke")
    entries = control_session.scalars(select(AuditEntry).where(AuditEntry.action == "token.revoke")).all()
    assert [(entry.who, entry.subject) for entry in entries] == [("admin@example.org", "token:script")]


def test_the_last_use_is_noted(house, make, control_session):
    raw = make("api", "viewer")
    call(house, raw)
    first = control_session.scalar(select(TokenRow.used_at))
    assert first is not None
    call(house, raw)
    control_session.rollback()
    assert control_session.scalar(select(TokenRow.used_at)) == first


@pytest.mark.parametrize(
    ("kind", "environment", "name", "role", "field"),
    [
        ("master", "production", "x", None, "kind"),
        ("client", "Production!", "x", None, "environment"),
        ("client", "production", " ", None, "name"),
        ("api", "production", "x", None, "role"),
        ("api", "production", "x", "emperor", "role"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(control_session, now, kind, environment, name, role, field):
    with pytest.raises(Refused) as refused:
        commands.create_token(control_session, kind, environment, name, role, now, "test")
    assert list(refused.value.fields) == [field]


def test_only_what_exists_can_be_revoked(control_session, now):
    with pytest.raises(NotFound):
        commands.revoke_token(control_session, 999999, now, "test")


def test_ended_sessions_are_forgotten_by_the_job(control_session, control_sources, now):
    from app.accounts.jobs import prune

    assert prune(control_session, now, control_sources) == "0 ended sessions forgotten"
