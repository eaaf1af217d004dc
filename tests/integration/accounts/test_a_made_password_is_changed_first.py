"""A password that somebody else made ends: then it opens the page to choose one's own, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import cli
from app.accounts import commands, factor_commands, identity, queries
from tests.integration.accounts.conftest import PASSWORD, audited, browser, sign_in
from tests.integration.accounts.mails import path
from tests.people import send_csrf_token

BO = "bo@example.org"
OWN = "harbour moon kettle"
CHOOSE = "/accounts/sign-in/password"


@pytest.fixture
def made(control_session, now) -> str:
    password = commands.new_password()
    commands.add_person(control_session, BO, "ops", password, now, "test", ends_at=now)
    control_session.commit()
    return password


@pytest.fixture
def bo(house, made) -> FlaskClient:
    """Half way in."""
    client = browser(house)
    answer = sign_in(client, BO, made, next="/jobs/")
    assert answer.location == f"{CHOOSE}?next=/jobs/"
    return client


def choose(client: FlaskClient, new: str = OWN):
    answer = client.post(CHOOSE, data={"new_password": new, "next": "/jobs/"})
    if answer.status_code == 303:
        send_csrf_token(client.application, client)
    return answer


def ask(house: Flask, password: str):
    body = {"email": BO, "password": password}
    return house.test_client().post("/api/v1/auth/tokens", json=body)


def test_with_it_no_page_opens_until_one_of_ones_own_is_chosen(bo, house, made, control_session):
    assert bo.get("/jobs/").status_code == 303
    assert bo.get("/api/v1/me").status_code == 401
    assert BO in bo.get(CHOOSE).text
    assert choose(bo).location == "/jobs/"
    assert bo.get("/jobs/").status_code == 200
    assert sign_in(browser(house), BO, made).status_code == 422
    assert sign_in(browser(house), BO, OWN).location == "/"
    assert audited(control_session, "person.password")[-1].after == {"by": "first sign-in"}


@pytest.mark.parametrize("new", ["short", "password123456", "bo@example.org"])
def test_one_that_would_be_guessed_is_refused_and_it_may_be_tried_again(bo, new):
    answer = choose(bo, new)
    assert (answer.status_code, "field-new_password" in answer.text) == (422, True)
    assert choose(bo).status_code == 303


def test_the_made_one_is_not_kept(bo, made):
    answer = choose(bo, made)
    assert answer.status_code == 422
    assert "Choose one of your own" in answer.text


def test_whoever_else_began_with_the_made_one_goes_no_further(house, bo, made):
    other = browser(house)
    assert sign_in(other, BO, made).location.startswith(CHOOSE)
    choose(bo)
    assert choose(other, "seven quiet herons by the lake").location.startswith("/accounts/sign-in?")
    assert sign_in(browser(house), BO, OWN).location == "/"


def test_a_stranger_or_somebody_too_late_begins_anew(house, bo, now):
    for answer in (browser(house).get(CHOOSE), choose(browser(house))):
        assert answer.location.startswith("/accounts/sign-in?")
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        assert choose(bo).location.startswith("/accounts/sign-in?")


def test_the_api_says_so(house, made):
    answer = ask(house, made)
    assert answer.status_code == 403
    assert "choose one of your own" in answer.json["detail"]


def test_where_there_is_a_second_factor_its_code_comes_first(house, made, control_session, now):
    person = queries.by_email(control_session, BO)
    before = now - timedelta(minutes=5)
    seed = factor_commands.begin(control_session, person.id)
    factor_commands.confirm(control_session, person, pyotp.TOTP(seed).at(before), before)
    control_session.commit()
    client = browser(house)
    assert sign_in(client, BO, made).location.startswith("/accounts/sign-in/code")
    assert choose(client).location.startswith("/accounts/sign-in?"), "half a sign-in chooses nothing"
    later = now + timedelta(minutes=2)
    with time_machine.travel(later, tick=False):
        answer = client.post("/accounts/sign-in/code", data={"code": pyotp.TOTP(seed).at(later)})
    assert answer.location.startswith(CHOOSE)
    send_csrf_token(house, client)
    assert client.get_cookie(identity.COOKIE) is None
    assert client.get("/accounts/sign-in/code").status_code == 303
    assert choose(client).location == "/jobs/"
    assert client.get("/jobs/").status_code == 200


def test_one_that_an_admin_made_anew_is_changed_as_well(house, add, admin):
    person = add(BO)
    page = admin.post(f"/accounts/people/{person}/password").text
    password = re.search(r'<code id="secret">([^<]+)</code>', page)[1]
    assert "has to choose a password" in admin.get("/accounts/").text
    listed = admin.get(f"/api/v1/people/{person}").json
    assert listed["has_made_password"] is True
    client = browser(house)
    assert sign_in(client, BO, password).location.startswith(CHOOSE)
    choose(client)
    assert admin.get(f"/api/v1/people/{person}").json["has_made_password"] is False
    assert "has to choose a password" not in admin.get("/accounts/").text


def test_a_mailed_link_is_another_way_to_ones_own(house, made, post, now):
    browser(house).post("/accounts/forgotten", data={"email": BO})
    browser(house).post(path(post.send(now)[-1]), data={"new_password": OWN})
    assert sign_in(browser(house), BO, OWN).location == "/"


def test_one_that_the_terminal_printed_lasts_a_day(house, control_session, now, capsys):
    assert cli.run(house, ["people", "add", BO, "--role", "ops"]) == 0
    made = capsys.readouterr().out.strip()
    client = browser(house)
    assert sign_in(client, BO, made).location == "/"
    assert "Choose one of your own" in client.get("/accounts/me").text
    assert ask(house, made).status_code == 201
    with time_machine.travel(now + timedelta(hours=25), tick=False):
        assert sign_in(browser(house), BO, made).location.startswith(CHOOSE)
        assert ask(house, made).status_code == 403


def test_what_somebody_chose_for_herself_is_hers_at_once(house, add):
    add(BO)
    assert sign_in(browser(house), BO, PASSWORD).location == "/"
