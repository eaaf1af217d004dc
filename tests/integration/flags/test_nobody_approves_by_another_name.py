"""Four eyes look through tokens: whoever made a token, or was shown its secret since, is who acts by it."""

from __future__ import annotations

import pytest

from app import clock
from app.accounts import queries, token_commands
from app.db import begin
from app.flags import environment_commands

PM, OPS = "product_manager@house.test", "ops@house.test"
REQUESTS = "/api/v1/change-requests"


@pytest.fixture
def needs(control_app, flag):
    """`needs(2)`: a flag where so many others have to agree, until the test is over."""
    flag("f", 10)

    def change(needed, requires=True):
        with control_app.app_context(), begin() as session:
            wanted = {"requires_approval": requires, "approvals_needed": needed}
            environment_commands.change(session, "production", wanted, clock.now(), "admin@house.test")

    yield change
    change(1, requires=False)


@pytest.fixture
def machine(control_app):
    """`machine("deploy", by)`: a client that acts by a token somebody made."""

    def made(name, by):
        with control_app.app_context(), begin() as session:
            raw = token_commands.create_token(session, "api", "production", name, "ops", clock.now(), by)
        client = control_app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {raw}"
        return client

    return made


def asked(client):
    change = {"flag": "f", "percent": 25}
    body = {"title": "More", "environment": "production", "changes": [change], "send": True}
    return client.post(REQUESTS, json=body).json["id"]


def approve(client, number):
    answer = client.post(f"{REQUESTS}/{number}/approve")
    return answer.json["state"] if answer.status_code == 200 else answer.status_code


def test_the_author_approves_by_no_token_of_their_own(needs, machine, signed_in):
    needs(1)
    pm, mine, others = signed_in("product_manager"), machine("mine", PM), machine("theirs", OPS)
    number = asked(pm)
    assert (approve(pm, number), approve(mine, number)) == (403, 403)
    assert approve(others, number) == "approved"


def test_nobody_approves_what_they_asked_for_by_a_token(needs, machine, signed_in):
    needs(1)
    pm, mine = signed_in("product_manager"), machine("mine", PM)
    number = asked(mine)
    assert approve(pm, number) == 403
    assert f"/flags/-/changes/{number}/approve" not in pm.get(f"/flags/-/changes/{number}").text
    assert approve(machine("another", PM), number) == 403
    assert approve(signed_in("ops"), number) == "approved"


def test_an_access_token_is_the_person(needs, control_app, control_session, signed_in):
    from app.accounts import access_token_commands
    from app.accounts.models import PersonRow, SessionRow

    needs(1)
    pm = signed_in("product_manager")
    number = asked(pm)
    person = control_session.query(PersonRow).filter_by(email=PM).one()
    session_id = control_session.query(SessionRow.id).filter_by(person_id=person.id).scalar()
    url = control_app.extensions["sources"].config.control_url
    pair = access_token_commands.issue(control_session, person.id, session_id, url, clock.now())
    control_session.commit()
    header = {"Authorization": f"Bearer {pair.access_token}"}
    answer = control_app.test_client().post(f"{REQUESTS}/{number}/approve", headers=header)
    assert (answer.status_code, answer.json["detail"]) == (
        403,
        "This is your own change. Somebody else has to approve it.",
    )


def test_who_exchanged_the_secret_holds_the_token_too(needs, machine, signed_in, control_app):
    needs(1)
    ops, number = signed_in("ops"), asked(machine("shared", PM))
    with control_app.app_context(), begin() as session:
        (line,) = queries.tokens(session, clock.now())
        token_commands.rotate_token(session, line.id, 24, clock.now(), OPS)
    assert approve(ops, number) == 403
    assert approve(signed_in("admin"), number) == "approved"


def test_a_person_and_their_token_are_one_voice_of_two(needs, machine, signed_in):
    needs(2)
    number, ops = asked(signed_in("product_manager")), signed_in("ops")
    assert approve(machine("theirs", OPS), number) == "in_review"
    assert approve(ops, number) == "in_review"
    assert approve(signed_in("admin"), number) == "approved"


def test_a_token_that_a_token_made_belongs_to_whoever_made_the_first(machine, signed_in, control_app):
    signed_in("product_manager"), signed_in("ops")
    machine("first", PM), machine("second", "token:first"), machine("other", OPS)
    machine("cli", "cli:root"), machine("another cli", "cli:root")
    with control_app.app_context(), begin() as session:
        mine = {PM, "token:first", "token:second"}
        assert queries.names_of(session, "token:second") == mine
        assert queries.names_of(session, PM) == mine
        assert queries.names_of(session, OPS) == {OPS, "token:other"}
        assert queries.names_of(session, "token:cli") == {"token:cli"}
        assert queries.names_of(session, "nobody@house.test") == {"nobody@house.test"}
