"""Own roles, grants with a scope, a second admin, and the page that says who may what."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts import access_queries, grant_commands, role_commands, roles
from app.accounts.models import PersonRow, SessionRow
from app.accounts.role_models import GrantRow, RoleRow
from app.audit.models import AuditEntry
from app.cli import run
from app.errors import Conflict, Forbidden, Refused
from app.factory import create_app
from app.guards import PERMISSIONS, ROLES, SCOPED_BY
from tests.people import sign_in


@pytest.fixture
def house(now, control_app, signed_in, control_session):
    """Ada (viewer), Bo (admin), and one flag."""
    clients = {"ada": signed_in("viewer"), "bo": signed_in("admin")}
    made = clients["bo"].post("/api/v1/flags", json={"name": "new-checkout"})
    assert made.status_code == 201
    return clients


@pytest.fixture
def person(control_session):
    def find(role):
        return control_session.scalars(select(PersonRow).where(PersonRow.email == f"{role}@house.test")).one()

    return find


def grant(session, person, role, now, environment=None, locale=None, ends_at=None, who="bo@house.test"):
    row = grant_commands.grant(session, person.id, role, environment, locale, ends_at, now, who)
    session.commit()
    return row


def switch(client, environment):
    return client.post(f"/api/v1/flags/new-checkout/environments/{environment}/on").status_code


def test_ops_in_one_environment_are_nobody_in_another(house, person, control_session, now):
    assert switch(house["ada"], "development") == 403
    row = grant(control_session, person("viewer"), "ops", now, environment="development")
    assert switch(house["ada"], "development") == 200
    assert switch(house["ada"], "production") == 403
    copied = house["ada"].post(
        "/api/v1/flags/new-checkout/environments/production/copy", json={"from": "development"}
    )
    assert copied.status_code == 403
    grant_commands.withdraw(control_session, row.id, now, "bo@house.test")
    control_session.commit()
    assert switch(house["ada"], "development") == 403


@pytest.mark.parametrize("form", ["development", "production"])
def test_a_page_is_asked_for_the_environment_that_it_writes(house, person, control_session, now, form):
    """The form's field counts before the address and the rail: for the guard just as for the view."""
    grant(control_session, person("viewer"), "ops", now, environment="development")
    other = "production" if form == "development" else "development"
    house["ada"].set_cookie("scope_environment", other)
    answer = house["ada"].post(
        f"/flags/new-checkout/switch?environment={other}", data={"environment": form, "enabled": "on"}
    )
    assert answer.status_code == (303 if form == "development" else 403)


def test_changes_that_wait_are_those_of_their_environment(house, person, control_session, now):
    ada, bo = house["ada"], house["bo"]
    change = [{"flag": "new-checkout", "enabled": True}]
    there = bo.post(
        "/api/v1/change-requests",
        json={"title": "t", "environment": "production", "changes": change, "send": True},
    ).json["id"]
    grant(control_session, person("viewer"), "ops", now, environment="development")
    for action in ("apply", "approve", "cancel", "comments", "send", "rebase"):
        assert ada.post(f"/api/v1/change-requests/{there}/{action}", json={"text": "x"}).status_code == 403, (
            action
        )
    made = {"title": "t", "environment": "production", "changes": change}
    assert ada.post("/api/v1/change-requests", json=made).status_code == 403
    assert ada.post("/api/v1/change-requests", json=made | {"environment": "development"}).status_code == 201
    planned = {"flag": "new-checkout", "enabled": True, "apply_at": (now + timedelta(days=1)).isoformat()}
    assert (
        ada.post("/api/v1/scheduled-changes", json=planned | {"environment": "production"}).status_code == 403
    )
    assert ada.post("/api/v1/flags/import?environment=development", json={"version": 1}).status_code == 403


def test_what_was_done_elsewhere_is_not_undone_from_here(house, person, control_session, now):
    switch(house["bo"], "production")
    entry = control_session.scalar(select(AuditEntry.id).where(AuditEntry.action == "flag.switch"))
    grant(control_session, person("viewer"), "ops", now, environment="development")
    for path in (f"/flags/new-checkout/undo/{entry}", f"/api/v1/flags/new-checkout/undo/{entry}"):
        answer = house["ada"].post(path, data={"environment": "development"})
        assert answer.status_code == 403, path


def test_a_translator_of_one_locale_writes_there_alone(house, person, control_session, now):
    grant(control_session, person("viewer"), "translator", now, locale="de")
    with house["ada"].application.test_request_context():
        from app import guards
        from app.locales import rights

        guards.g.person, guards.g.token = (
            access_queries.person_of(control_session, "viewer@house.test", now),
            None,
        )
        assert rights.held(control_session, "de") == {"translate", "review", "publish"}
        assert rights.held(control_session, "fr") == frozenset()


def test_a_grant_ends_by_itself(house, person, control_session, now):
    grant(control_session, person("viewer"), "ops", now, ends_at=now + timedelta(seconds=30))
    assert switch(house["ada"], "production") == 200
    row = control_session.scalars(select(GrantRow)).one()
    row.ends_at = now - timedelta(seconds=1)
    control_session.commit()
    assert switch(house["ada"], "production") == 403


def test_pages_offer_what_may_be_done_in_the_place_that_is_shown(house, person, control_session, now):
    grant(control_session, person("viewer"), "ops", now, environment="development")
    here = house["ada"].get("/flags/new-checkout?environment=development").text
    there = house["ada"].get("/flags/new-checkout?environment=production").text
    assert "/flags/new-checkout/percent" in here
    assert "/flags/new-checkout/percent" not in there
    assert "/flags/new-checkout/details" not in here


@pytest.mark.parametrize(
    ("role", "environment", "locale", "days", "field"),
    [
        ("none", None, None, 1, "role"),
        ("viewer", "staging", None, 1, "role"),
        ("translator", "staging", None, 1, "role"),
        ("ops", "staging", "de", 1, "locale"),
        ("ops", None, None, -1, "ends_at"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    house, person, control_session, now, role, environment, locale, days, field
):
    with pytest.raises(Refused) as refused:
        grant(control_session, person("viewer"), role, now, environment, locale, now + timedelta(days=days))
    assert field in refused.value.fields


def test_an_own_role_is_copied_edited_held_and_deleted(house, person, control_session):
    ada, bo = house["ada"], house["bo"]
    assert 'value="flags.write" checked' in bo.get("/accounts/roles/-/new?from=ops").text
    made = {"name": "Release crew", "permissions": ["rollouts.write"], "about": "Releases."}
    assert bo.post("/accounts/roles/", data=made).status_code == 303
    row = control_session.scalars(select(RoleRow)).one()
    assert (row.key, row.permissions, row.version) == ("release-crew", ["view", "rollouts.write"], 1)

    ada_id = person("viewer").id
    bo.post(f"/accounts/people/{ada_id}/role", data={"role": "release-crew"})
    assert "Release crew" in ada.get("/").text
    assert ada.post("/api/v1/rollouts/freeze", json={"reason": "x"}).status_code == 200
    changed = {"name": "Release crew", "permissions": ["flags.write"], "version": "1"}
    assert bo.post("/accounts/roles/release-crew", data=changed).status_code == 303
    assert ada.post("/api/v1/rollouts/thaw").status_code == 403
    assert switch(ada, "production") == 200
    assert bo.post("/accounts/roles/release-crew", data=changed).status_code == 409

    assert bo.delete("/api/v1/roles/release-crew").status_code == 409
    assert bo.delete("/api/v1/roles/release-crew?instead=viewer").status_code == 204
    control_session.expire_all()
    assert person("viewer").role == "viewer"
    actions = set(control_session.scalars(select(AuditEntry.action)))
    assert {"role.create", "role.change", "role.delete"} <= actions


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": "", "permissions": ["flags.write"]}, "name"),
        ({"name": "x", "permissions": []}, "permissions"),
        ({"name": "x", "permissions": ["all"]}, "permissions"),
        ({"name": "Ops", "key": "crew", "permissions": ["flags.write"]}, "name"),
        ({"name": "x", "permissions": ["flags.write"], "key": "admin"}, "key"),
        ({"name": "x", "permissions": ["flags.write"], "key": "../x"}, "key"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(house, wanted, field):
    answer = house["bo"].post("/accounts/roles/", data=wanted, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text


def test_built_in_roles_are_never_changed(house):
    wanted = {"name": "Ops", "permissions": ["flags.write"]}
    assert house["bo"].put("/api/v1/roles/ops", json=wanted).status_code == 404
    assert house["bo"].delete("/api/v1/roles/ops").status_code == 404


def test_every_permission_is_told_in_words():
    told = [one.key for area in roles.AREAS for one in area.permissions]
    assert sorted(told) == sorted(PERMISSIONS)
    assert set(roles.SENTENCES) == set(ROLES)


class TestSecondAdmin:
    @pytest.fixture
    def strict(self, now, control_config):
        app = create_app(replace(control_config, admin_needs_two=True))
        yield app
        app.extensions["flags_serving"].stop()
        app.extensions["sources"].close()

    @pytest.fixture
    def clients(self, strict, control_session):
        bo, eve = sign_in(strict, "admin"), sign_in(strict, "ops")
        control_session.execute(PersonRow.__table__.update().values(role="admin"))
        control_session.commit()
        return bo, eve, sign_in(strict, "viewer")

    def test_another_admin_has_to_agree(self, clients, person, control_session):
        bo, eve, ada = clients
        ada_id = person("viewer").id
        assert bo.post(f"/accounts/people/{ada_id}/role", data={"role": "admin"}).status_code == 303
        waiting = control_session.scalars(select(GrantRow)).one()
        assert ada.get("/accounts/").status_code == 403
        assert "viewer@house.test becomes Admin" in bo.get("/accounts/access/").text
        assert bo.post(f"/api/v1/grants/{waiting.id}/approve").status_code == 403
        assert eve.post(f"/api/v1/grants/{waiting.id}/approve").status_code == 204
        assert ada.get("/accounts/").status_code == 200

    def test_a_grant_of_it_waits_as_well_and_counts_for_nothing_until_then(self, clients, person):
        bo, eve, ada = clients
        made = bo.post("/api/v1/grants", json={"person": "viewer@house.test", "role": "admin"})
        assert (made.status_code, made.json["waits"]) == (201, True)
        assert ada.get("/accounts/").status_code == 403
        assert eve.post(f"/accounts/access/grants/{made.json['id']}/approve").status_code == 303
        assert ada.get("/accounts/").status_code == 200

    def test_no_way_leads_around_it(self, clients, person, strict, control_session, now):
        bo, _eve, _ada = clients
        own = {"name": "Sly", "permissions": ["accounts.manage"]}
        assert bo.post("/api/v1/roles", json=own).status_code == 409
        added = {"email": "new@house.test", "role": "admin", "name": "", "locale": "en"}
        assert bo.post("/accounts/people", data=added).status_code == 422
        assert bo.post("/accounts/invitations", data=added).status_code == 422
        token = {"kind": "api", "environment": "production", "name": "x", "role": "admin"}
        assert bo.post("/api/v1/tokens", json=token).status_code == 409
        assert control_session.scalar(select(GrantRow)) is None

    def test_the_command_line_still_makes_the_first(self, strict, control_session, capsys):
        assert run(strict, ["people", "add", "first@house.test", "--role", "admin"]) == 0


def test_nobody_approves_their_own_change_anywhere(house, person, control_session, now):
    """Flags, words and roles: who wrote it is refused, in each of the three."""
    bo = house["bo"]
    bo.patch("/api/v1/environments/production", json={"requires_approval": True, "approvals_needed": 1})
    change = {"title": "t", "environment": "production", "send": True}
    change["changes"] = [{"flag": "new-checkout", "enabled": True}]
    number = bo.post("/api/v1/change-requests", json=change).json["id"]
    assert bo.post(f"/api/v1/change-requests/{number}/approve").status_code == 403

    from app.locales.states import may_approve

    assert not may_approve(True, "bo@house.test", "bo@house.test")

    waiting = grant_commands.ask_for_main(control_session, person("viewer"), "admin", now, "bo@house.test")
    with pytest.raises(Forbidden):
        grant_commands.approve(control_session, waiting.id, now, "bo@house.test")
    with pytest.raises(Forbidden):
        grant_commands.approve(control_session, waiting.id, now, "viewer@house.test")
    with pytest.raises(Forbidden):
        grant_commands.approve(control_session, waiting.id, now, "token:ci")
    with pytest.raises(Conflict):
        grant_commands.ask_for_main(control_session, person("viewer"), "admin", now, "eve@house.test")


def test_the_page_the_api_and_the_command_line_answer_both_questions(
    house, control_app, person, control_session, now, capsys
):
    grant(
        control_session, person("viewer"), "ops", now, environment="staging", ends_at=now + timedelta(days=9)
    )
    bo = house["bo"]
    asked = "permission=flags.write&environment=staging"
    page = bo.get(f"/accounts/access/?{asked}").text
    assert "viewer@house.test" in page
    assert "in staging" in page
    found = bo.get(f"/api/v1/access?{asked}").json["holders"]
    assert {one["who"] for one in found if one["may"]} == {"admin@house.test", "viewer@house.test"}
    everywhere = bo.get("/api/v1/access?permission=flags.write").json["holders"]
    assert {one["who"]: one["may"] for one in everywhere} == {
        "admin@house.test": True,
        "viewer@house.test": False,
    }
    held = bo.get("/api/v1/access?person=viewer@house.test").json["permissions"]
    assert {one["permission"] for one in held} == {"view", "flags.write", "flags.approve", "rollouts.write"}
    rows = list(csv.DictReader(StringIO(bo.get(f"/accounts/access/access.csv?{asked}").text)))
    assert [(row["who"], row["role"], row["environment"]) for row in rows] == [
        ("admin@house.test", "admin", ""),
        ("viewer@house.test", "ops", "staging"),
    ]
    grant(
        control_session, person("viewer"), "ops", now, environment="preview", ends_at=now + timedelta(days=9)
    )
    what = bo.get("/accounts/access/?person=viewer@house.test").text
    assert "Run rollouts" in what
    assert "in preview, staging" in what
    assert bo.get("/api/v1/access").status_code == 409
    assert bo.get("/api/v1/access?person=no@house.test").status_code == 404
    assert run(control_app, ["access", "who", "flags.write", "--environment", "staging"]) == 0
    assert "viewer@house.test" in capsys.readouterr().out
    assert run(control_app, ["access", "what", "viewer@house.test"]) == 0
    assert "rollouts.write" in capsys.readouterr().out


PLACES = st.sampled_from([(None, None), ("production", None), ("staging", None), (None, "de"), (None, "fr")])
GIVEN = st.lists(st.tuples(st.sampled_from([*sorted(ROLES), "own-a", "own-b"]), PLACES), max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    main=st.sampled_from([*sorted(ROLES), "own-a"]), given_=GIVEN, own=st.sets(st.sampled_from(PERMISSIONS))
)
def test_the_pages_answer_is_what_the_guard_decides(house, control_session, now, main, given_, own):
    """For any roles and grants: of the person whose cookie it is, and of the page that tells of them."""
    session = control_session
    try:
        for key in ("own-a", "own-b"):
            draft = roles.Draft(key, "", tuple(sorted({"view", *(own if key == "own-a" else ())})))
            role_commands.create(session, key, draft, now, "test")
        ada = session.scalars(select(PersonRow).where(PersonRow.email == "viewer@house.test")).one()
        ada.role = main
        for role, (environment, locale) in given_:
            try:
                with session.begin_nested():
                    grant_commands.grant(session, ada.id, role, environment, locale, None, now, "test")
            except Refused:
                pass  # a role with nothing for such a place
        session.flush()
        check_one(session, ada, now)
    finally:
        session.rollback()


def check_one(session, ada, now):
    from app.accounts import queries
    from app.accounts.credentials import fingerprint

    session.add(
        SessionRow(
            cookie_hash=fingerprint("cookie-of-this-test"),
            person_id=ada.id,
            created_at=now,
            seen_at=now,
            agent="",
        )
    )
    session.flush()
    guarded = queries.signed_in(session, "cookie-of-this-test", now).person
    held = access_queries.what_may(guarded)
    for permission in PERMISSIONS:
        places = [(None, None)]
        if SCOPED_BY.get(permission) == "environment":
            places += [("production", None), ("staging", None), ("other", None)]
        if SCOPED_BY.get(permission) == "locale":
            places += [(None, "de"), (None, "fr"), (None, "xx")]
        for environment, locale in places:
            told = access_queries.who_may(session, permission, environment, locale, now)
            may = any(one.label == ada.email and one.may for one in told)
            assert may == guarded.may(permission, environment, locale), (permission, environment, locale)
        assert (permission in held) == guarded.may_somewhere(permission), permission
