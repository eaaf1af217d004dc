"""Adding people, giving roles, keeping out, making passwords anew."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.accounts import commands, queries
from app.audit.models import AuditEntry
from app.errors import Conflict, NotFound, Refused
from tests.integration.accounts.conftest import PASSWORD, browser, sign_in


@pytest.fixture
def admin(house, add):
    add("admin@example.org", "admin")
    client = browser(house)
    sign_in(client, "admin@example.org")
    return client


def secret_of(page: str) -> str:
    return re.search(r'<code id="secret">([^<]+)</code>', page)[1]


def audited(session, action: str) -> list[AuditEntry]:
    session.expire_all()
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_new_person_gets_a_password_that_is_shown_once_and_leads_to_ones_own(admin, house, control_session):
    page = admin.post("/accounts/people", data={"email": "Bo@Example.org", "name": "Bo", "role": "ops"})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    password = secret_of(page.text)
    answer = sign_in(browser(house), "bo@example.org", password)
    assert answer.location.startswith("/accounts/sign-in/password")
    assert password not in admin.get("/accounts/").text
    (entry,) = audited(control_session, "person.add")[-1:]
    assert (entry.who, entry.subject, entry.after) == (
        "admin@example.org",
        "person:bo@example.org",
        {"role": "ops", "name": "Bo"},
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"email": "nonsense", "role": "ops"}, "Enter an e-mail address"),
        ({"email": "x@example.org", "role": "emperor"}, "Choose one of the roles"),
        ({"email": "x@example.org", "role": "ops", "name": "n" * 101}, "at most 100 characters"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(admin, data, words):
    answer = admin.post("/accounts/people", data=data)
    assert answer.status_code == 422
    assert words in answer.text


def test_one_address_is_one_person_however_it_is_typed(control_session, add, now):
    add("ada@example.org")
    with pytest.raises(Conflict):
        commands.add_person(control_session, "ADA@example.org ", "ops", PASSWORD, now, "test")


def test_a_short_password_is_refused(control_session, now):
    with pytest.raises(Refused) as refused:
        commands.add_person(control_session, "x@example.org", "ops", "short", now, "test")
    assert list(refused.value.fields) == ["password"]


def test_a_role_counts_from_the_next_page_on(admin, house, add, control_session):
    person = add("bo@example.org", "viewer")
    bo = browser(house)
    sign_in(bo, "bo@example.org")
    assert bo.get("/audit/").status_code == 403
    assert admin.post(f"/accounts/people/{person}/role", data={"role": "ops"}).status_code == 303
    assert bo.get("/audit/").status_code == 200
    (entry,) = audited(control_session, "person.role")
    assert (entry.before, entry.after) == ({"role": "viewer"}, {"role": "ops"})
    admin.post(f"/accounts/people/{person}/role", data={"role": "ops"})
    assert len(audited(control_session, "person.role")) == 1


def test_who_is_kept_out_is_signed_out_and_may_be_let_in_again(admin, house, add):
    person = add("bo@example.org")
    bo = browser(house)
    sign_in(bo, "bo@example.org")
    assert admin.post(f"/accounts/people/{person}/active", data={"active": "off"}).status_code == 303
    assert "may not sign in" in admin.get("/accounts/").text
    assert bo.get("/accounts/me").status_code == 303
    assert sign_in(browser(house), "bo@example.org").status_code == 422
    admin.post(f"/accounts/people/{person}/active", data={"active": "on"})
    assert sign_in(browser(house), "bo@example.org").status_code == 303


def test_the_last_admin_stays_one(admin, house, add, control_session):
    mine = queries.by_email(control_session, "admin@example.org").id
    refused = admin.post(f"/accounts/people/{mine}/role", data={"role": "viewer"})
    assert refused.status_code == 422
    assert "last admin" in refused.text
    assert admin.post(f"/accounts/people/{mine}/active", data={"active": "off"}).status_code == 422
    add("second@example.org", "admin")
    assert admin.post(f"/accounts/people/{mine}/role", data={"role": "viewer"}).status_code == 303
    assert admin.get("/accounts/").status_code == 403


def test_a_password_made_anew_ends_every_session(admin, house, add):
    person = add("bo@example.org")
    bo = browser(house)
    sign_in(bo, "bo@example.org")
    password = secret_of(admin.post(f"/accounts/people/{person}/password").text)
    assert bo.get("/accounts/me").status_code == 303
    assert sign_in(browser(house), "bo@example.org").status_code == 422
    assert sign_in(browser(house), "bo@example.org", password).status_code == 303


def test_nobody_is_changed_who_does_not_exist(admin, control_session, now):
    assert admin.post("/accounts/people/999999/role", data={"role": "ops"}).status_code == 404
    assert admin.post("/accounts/people/999999/password").status_code == 404
    with pytest.raises(NotFound):
        commands.set_active(control_session, 999999, False, now, "test")


def test_names_are_shown_as_they_are_written(admin):
    admin.post(
        "/accounts/people",
        data={"email": "x@example.org", "role": "viewer", "name": "<script>alert(1)</script>{{7*7}}"},
    )
    page = admin.get("/accounts/").text
    assert "<script>alert(1)" not in page
    assert "{{7*7}}" in page
