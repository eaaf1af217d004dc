"""People, invitations and one's own account by API, held to what is declared."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
import time_machine

from app import clock
from app.accounts import commands, confirm, identity
from tests.integration.accounts.conftest import PASSWORD, browser, sign_in
from tests.integration.accounts.mails import link

NEW = "seven quiet herons by the lake"


@pytest.fixture
def ada(house, add):
    add("ada@example.org", "ops")
    client = browser(house)
    sign_in(client, "ada@example.org")
    return client


@pytest.fixture
def machine(house, control_session, now):
    """Calls the API with a token of a machine."""
    raw = commands.create_token(control_session, "api", "production", "script", "admin", now, "test")
    control_session.commit()
    client = house.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {raw}"
    return client


def test_a_machine_invites_sends_again_and_withdraws(machine, post, now):
    made = machine.post("/api/v1/invitations", json={"email": "Bo@example.org", "role": "ops"})
    assert (made.status_code, made.json["state"], made.json["email"]) == (201, "to be sent", "bo@example.org")
    where = made.headers["Location"]
    [first] = post.send(now)
    assert machine.get(where).json["state"] == "sent"
    assert machine.post(f"{where}/send").status_code == 202
    [second] = post.send(now)
    assert link(first) != link(second)
    assert [one["email"] for one in machine.get("/api/v1/invitations").json["invitations"]] == [
        "bo@example.org"
    ]
    assert machine.delete(where).status_code == 204
    assert machine.delete(where).status_code == 409
    assert machine.get(where).json["state"] == "withdrawn"
    assert machine.get("/api/v1/invitations").json["invitations"] == []


def test_no_answer_holds_a_link_or_a_fingerprint(machine):
    made = machine.post("/api/v1/invitations", json={"email": "bo@example.org", "role": "ops"})
    assert not {"link", "token", "link_hash", "password"} & set(made.json)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nonsense", "role": "ops"}, "email"),
        ({"email": "a@example.org", "role": "emperor"}, "role"),
        ({"email": "a@example.org", "role": "ops", "price": 1}, "price"),
        ({"email": "a\r\nBcc: b@example.org", "role": "ops"}, "email"),
    ],
)
def test_what_cannot_be_invited_says_which_field(machine, body, field):
    answer = machine.post("/api/v1/invitations", json=body)
    assert answer.status_code == (409 if field == "role" else 422)
    assert field in [error["field"] for error in answer.json["errors"]]


def test_a_machine_looks_after_people(machine, house):
    made = machine.post("/api/v1/people", json={"email": "bo@example.org", "role": "viewer", "name": "Bo"})
    assert made.status_code == 201
    where = made.headers["Location"]
    bo = browser(house)
    assert sign_in(bo, "bo@example.org", made.json["password"]).status_code == 303
    assert machine.get(where).json["has_made_password"] is True
    bo.post("/accounts/sign-in/password", data={"new_password": "seven quiet herons by the lake"})
    shown = machine.get(where).json
    assert (shown["sessions"], shown["has_made_password"]) == (1, False)
    [session] = machine.get(f"{where}/sessions").json["sessions"]
    assert machine.delete(f"{where}/sessions/{session['id']}").status_code == 204
    assert bo.get("/accounts/me").status_code == 303
    again = machine.post(f"{where}/password").json["password"]
    assert sign_in(browser(house), "bo@example.org", again).status_code == 303
    assert machine.post(f"{where}/password-link").status_code == 202
    assert machine.delete(f"{where}/sessions").status_code == 204
    assert machine.get(where).json["sessions"] == 0
    assert machine.put(f"{where}/active", json={"active": False}).json["is_active"] is False
    assert sign_in(browser(house), "bo@example.org", again).status_code == 422
    assert machine.delete(f"{where}/second-factor").status_code == 409
    assert machine.get("/api/v1/people/999999").status_code == 404
    assert [one["email"] for one in machine.get("/api/v1/people").json["people"]] == ["bo@example.org"]


def test_a_machine_says_who_must_have_a_second_factor(machine):
    assert machine.get("/api/v1/people/second-factor-rule").json == {"roles": []}
    answer = machine.put("/api/v1/people/second-factor-rule", json={"roles": ["*"]})
    assert answer.json == {"roles": ["*"]}
    assert machine.put("/api/v1/people/second-factor-rule", json={"roles": ["emperor"]}).status_code == 409


def test_a_machine_has_no_account_of_its_own(machine):
    assert machine.get("/api/v1/me").status_code == 403


def test_a_viewer_may_neither_see_nor_change_people(house, add):
    add("vi@example.org", "viewer")
    client = browser(house)
    sign_in(client, "vi@example.org")
    assert client.get("/api/v1/people").status_code == 403
    assert client.post("/api/v1/invitations", json={}).status_code == 403


def test_one_changes_name_language_and_password(ada, house):
    me = ada.patch("/api/v1/me", json={"name": "Ada L.", "locale": "de"}).json
    assert (me["name"], me["locale"], me["email"]) == ("Ada L.", "de", "ada@example.org")
    assert ada.patch("/api/v1/me", json={"locale": None}).json["locale"] is None
    assert ada.get("/api/v1/me").json["name"] == "Ada L."
    wrong = ada.put("/api/v1/me/password", json={"old_password": "nope", "new_password": "short"})
    assert {error["field"] for error in wrong.json["errors"]} == {"old_password", "new_password"}
    right = ada.put("/api/v1/me/password", json={"old_password": PASSWORD, "new_password": NEW})
    assert right.status_code == 204
    assert sign_in(browser(house), "ada@example.org", NEW).status_code == 303


def test_ones_sessions_are_listed_and_ended(ada, house, add):
    other = browser(house)
    sign_in(other, "ada@example.org")
    found = ada.get("/api/v1/me/sessions").json["sessions"]
    assert sorted(one["is_this_one"] for one in found) == [False, True]
    elsewhere = next(one["id"] for one in found if not one["is_this_one"])
    stranger = browser(house)
    add("eve@example.org", "admin")
    sign_in(stranger, "eve@example.org")
    assert stranger.delete(f"/api/v1/me/sessions/{elsewhere}").status_code == 404
    assert ada.delete(f"/api/v1/me/sessions/{elsewhere}").status_code == 204
    assert other.get("/api/v1/me").status_code == 401
    assert ada.delete("/api/v1/me/sessions").status_code == 204
    assert ada.get("/api/v1/me").status_code == 200


def test_a_second_factor_by_api(ada, now):
    with time_machine.travel(clock.now(), tick=False):
        made = ada.post("/api/v1/me/second-factor")
        assert made.status_code == 201
        assert ada.get("/api/v1/me/second-factor").json["is_pending"] is True
        typed = {"code": pyotp.TOTP(made.json["seed"]).at(clock.now())}
        codes = ada.post("/api/v1/me/second-factor/confirmation", json=typed).json["recovery_codes"]
        assert len(codes) == 10
        assert ada.get("/api/v1/me").json["second_factor"]["recovery_codes_left"] == 10
        new = ada.post("/api/v1/me/recovery-codes").json["recovery_codes"]
        assert not set(new) & set(codes)
        assert ada.delete("/api/v1/me/second-factor").status_code == 204
        assert ada.delete("/api/v1/me/second-factor").status_code == 409


def test_what_is_dangerous_asks_by_a_type_of_its_own(ada, now):
    old = ada.get_cookie(identity.COOKIE).value
    with time_machine.travel(now + confirm.FRESH + timedelta(seconds=1)):
        asked = ada.post("/api/v1/me/second-factor")
        assert (asked.status_code, asked.json["type"]) == (403, "/problems/confirm")
        assert ada.get("/api/v1/me").json["confirmed_until"] is None
        assert ada.post("/api/v1/me/confirmation", json={"password": "nope"}).status_code == 409
        assert ada.post("/api/v1/me/confirmation", json={}).status_code == 409
        assert ada.post("/api/v1/me/confirmation", json={"password": PASSWORD}).status_code == 204
        assert ada.get_cookie(identity.COOKIE).value != old
        assert ada.post("/api/v1/me/second-factor").status_code == 201


def test_the_command_line_invites_and_rules(house, post, now, capsys, add):
    from app import cli

    add("root@example.org", "admin")
    assert cli.run(house, ["people", "invite", "bo@example.org", "--role", "ops", "--language", "de"]) == 0
    [mail] = post.send(now)
    assert (mail["To"], mail["Content-Language"]) == ("bo@example.org", "de")
    assert cli.run(house, ["people", "require-second-factor", "--role", "admin"]) == 0
    assert sign_in(browser(house), "root@example.org").location.startswith("/accounts/sign-in/set-up")
    assert cli.run(house, ["people", "list"]) == 0
    assert "root@example.org" in capsys.readouterr().out
    assert cli.run(house, ["people", "reset-second-factor", "root@example.org"]) == 0
    assert cli.run(house, ["people", "reset-second-factor", "nobody@example.org"]) == 1
    assert cli.run(house, ["people", "require-second-factor"]) == 0
    assert sign_in(browser(house), "root@example.org", next="/jobs/").location == "/jobs/"
