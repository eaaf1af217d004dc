"""Sign-in, sessions and sign-out, as a browser and as somebody who should not get in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app.accounts import identity, queries, throttle
from app.accounts.commands import prune
from tests.integration.accounts.conftest import PASSWORD, browser, sign_in, unknown


def test_with_nobody_added_the_page_says_how_to_add_the_first(house):
    page = house.test_client().get("/accounts/sign-in").text
    assert "./run backroom people add" in page
    assert 'type="password"' not in page


def test_the_right_password_opens_the_house_and_comes_back_to_where_one_was(house, add):
    add("ada@example.org", "ops")
    client = browser(house)
    refused = client.get("/jobs/?page=2")
    assert refused.status_code == 303
    assert refused.location == "/accounts/sign-in?next=/jobs/?page%3D2"
    answer = sign_in(client, " ADA@Example.org ", next="/jobs/")
    assert (answer.status_code, answer.location) == (303, "/jobs/")
    assert client.get("/jobs/").status_code == 200
    assert client.get("/accounts/sign-in").location == "/"


def test_the_cookie_cannot_be_read_by_scripts_or_sent_from_elsewhere(house, add):
    add("ada@example.org")
    cookie = next(
        c
        for c in sign_in(browser(house), "ada@example.org").headers.getlist("Set-Cookie")
        if c.startswith(identity.COOKIE)
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "there", ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "/a\r\nX: y", ""]
)
def test_sign_in_leads_nowhere_else(house, add, there):
    add("ada@example.org")
    assert sign_in(browser(house), "ada@example.org", next=there).location == "/"


def test_unknown_people_and_wrong_passwords_get_the_same_answer(house, add):
    add("ada@example.org")
    wrong = sign_in(browser(house), "ada@example.org", "not the password")
    stranger = sign_in(browser(house), "eve@example.org", "not the password")
    assert wrong.status_code == stranger.status_code == 422
    assert "The address or the password is not right." in wrong.text
    assert wrong.text.count("not right") == stranger.text.count("not right")


def test_a_cookie_is_worth_nothing_after_sign_out(house, add):
    add("ada@example.org")
    client = browser(house)
    sign_in(client, "ada@example.org")
    kept = client.get_cookie(identity.COOKIE).value
    assert client.post("/accounts/sign-out").status_code == 303
    thief = house.test_client()
    thief.set_cookie(identity.COOKIE, kept)
    assert thief.get("/accounts/me").status_code == 303


def test_a_cookie_planted_before_the_sign_in_is_replaced(house, add):
    add("ada@example.org")
    client = browser(house)
    client.set_cookie(identity.COOKIE, "planted")
    sign_in(client, "ada@example.org")
    assert client.get_cookie(identity.COOKIE).value != "planted"


def test_a_session_ends_after_half_a_day_of_rest_and_after_two_weeks_in_any_case(
    house, add, now, control_session
):
    add("ada@example.org")
    client = browser(house)
    sign_in(client, "ada@example.org")
    with time_machine.travel(now + queries.IDLE - timedelta(minutes=5)):
        assert client.get("/accounts/me").status_code == 200
    with time_machine.travel(now + queries.IDLE + timedelta(hours=1)):
        assert client.get("/accounts/me").status_code == 200  # seen in between
    with time_machine.travel(now + queries.IDLE * 3):
        assert client.get("/accounts/me").status_code == 303
    assert prune(control_session, now + queries.LONGEST + timedelta(seconds=60)) == 1


def test_who_tries_too_often_waits_and_the_right_password_does_not_help(house, add):
    add("ada@example.org")
    client = browser(house)
    for _ in range(throttle.TRIES_PER_ACCOUNT):
        assert sign_in(client, "ada@example.org", "guess guess guess").status_code == 422
    slowed = sign_in(client, "Ada@example.org")
    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["Retry-After"]) <= throttle.WINDOW_SECONDS
    assert "Too many tries" in slowed.text


def test_a_right_password_lets_the_account_start_anew(house, add):
    add("ada@example.org")
    client = browser(house)
    for _ in range(3):
        for _ in range(throttle.TRIES_PER_ACCOUNT - 1):
            sign_in(client, "ada@example.org", "guess guess guess")
        assert sign_in(client, "ada@example.org").status_code == 303
        client.post("/accounts/sign-out")
        client = browser(house)


def test_one_address_cannot_try_many_accounts(house, monkeypatch):
    monkeypatch.setattr(throttle, "TRIES_PER_ADDRESS", 5)
    client = browser(house)
    answers = [sign_in(client, unknown(), "guess guess guess").status_code for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2


def test_with_redis_down_guessing_is_slowed_all_the_more(house, add, services):
    add("ada@example.org")
    services.stop("redis")
    try:
        client = browser(house)
        answers = [sign_in(client, "ada@example.org", "guess guess guess").status_code for _ in range(7)]
        assert answers == [422] * 5 + [429] * 2
        assert sign_in(browser(house), "ada@example.org").status_code == 429
    finally:
        services.start_redis()


def test_who_may_no_longer_sign_in_is_out_at_once(house, add, control_session, now):
    from app.accounts import commands

    add("admin@example.org", "admin")
    person = add("ada@example.org")
    client = browser(house)
    sign_in(client, "ada@example.org")
    commands.set_active(control_session, person, False, now, "admin@example.org")
    control_session.commit()
    assert client.get("/accounts/me").status_code == 303
    assert sign_in(client, "ada@example.org").status_code == 422


def test_with_the_database_down_nobody_gets_in(house, add, control_config):
    from dataclasses import replace

    from app.factory import create_app

    broken = create_app(
        replace(control_config, control_database_url="postgresql+psycopg://nobody@127.0.0.1:9/none")
    )
    client = browser(broken)
    client.set_cookie(identity.COOKIE, "anything")
    assert client.get("/accounts/me").status_code == 503
    assert sign_in(client, "ada@example.org", PASSWORD).status_code == 503
    assert client.get("/static/mark.svg").status_code == 200


def test_a_form_without_its_token_is_refused(house, add):
    add("ada@example.org")
    answer = house.test_client().post(
        "/accounts/sign-in", data={"email": "ada@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 403
