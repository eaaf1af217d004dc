"""A link by mail, once, to the owner of the address alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app.accounts import password_links, throttle
from tests.integration.accounts.conftest import PASSWORD, audited, browser, sign_in, unknown
from tests.integration.accounts.mails import link, path, text

NEW = "seven quiet herons by the lake"


@pytest.fixture
def asked(house, add, post, now):
    """Where the mail leads to."""
    add("ada@example.org")
    browser(house).post("/accounts/forgotten", data={"email": " ADA@example.org"})
    [mail] = post.send(now)
    return path(mail)


def words(answer) -> str:
    return answer.text.partition("<main")[2].partition("</main>")[0]


def test_known_and_unknown_addresses_get_the_same_answer_and_only_one_gets_a_mail(house, add, post, now):
    add("ada@example.org")
    known = browser(house).post("/accounts/forgotten", data={"email": "ada@example.org"})
    strange = browser(house).post("/accounts/forgotten", data={"email": "eve@example.org"})
    assert known.status_code == strange.status_code == 200
    assert words(known).replace("ada@", "eve@") == words(strange)
    assert [mail["To"] for mail in post.send(now)] == ["ada@example.org"]


def test_the_same_is_done_in_the_request_for_both(house, add, control_session):
    """Whose address it is is looked up when the mail is written: asking cannot take longer for either."""
    from sqlalchemy import event

    from app.db import engine_of

    add("ada@example.org")
    engine = engine_of(house.extensions["sources"].control)
    counted = []
    event.listen(engine, "before_cursor_execute", lambda *a: counted[-1].append(a[2].split()[0]))
    for email in ("ada@example.org", "eve@example.org"):
        counted.append([])
        browser(house).post("/accounts/forgotten", data={"email": email})
    assert counted[0] == counted[1] != []


def test_the_link_sets_a_new_password_and_ends_every_session(house, asked, post, now, control_session):
    elsewhere = browser(house)
    sign_in(elsewhere, "ada@example.org")
    page = browser(house).get(asked)
    assert page.status_code == 200
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    done = browser(house).post(asked, data={"new_password": NEW})
    assert (done.status_code, done.location) == (303, "/accounts/sign-in")
    assert elsewhere.get("/accounts/me").status_code == 303
    assert sign_in(browser(house), "ada@example.org").status_code == 422
    assert sign_in(browser(house), "ada@example.org", NEW).status_code == 303
    assert [entry.after["by"] for entry in audited(control_session, "person.password")] == ["link"]
    assert "changed" in post.send(now)[0]["Subject"]


def test_a_link_is_refused_the_second_time_and_says_what_to_do(house, asked):
    browser(house).post(asked, data={"new_password": NEW})
    again = browser(house).post(asked, data={"new_password": PASSWORD})
    assert again.status_code == 410
    assert "Ask for a new link" in again.text
    assert sign_in(browser(house), "ada@example.org", NEW).status_code == 303


def test_a_link_ends_after_half_an_hour_and_when_a_newer_one_is_sent(house, asked, post, now):
    with time_machine.travel(now + password_links.LASTS + timedelta(seconds=1)):
        assert browser(house).get(asked).status_code == 410
    browser(house).post("/accounts/forgotten", data={"email": "ada@example.org"})
    [newer] = post.send(now)
    assert browser(house).get(asked).status_code == 410
    assert browser(house).get(path(newer)).status_code == 200


def test_a_refused_password_leaves_the_link_good(house, asked):
    weak = browser(house).post(asked, data={"new_password": "ada@example.org"})
    assert weak.status_code == 422
    assert "made of your name" in weak.text
    assert browser(house).post(asked, data={"new_password": NEW}).status_code == 303


def test_a_poisoned_host_changes_no_link(house, add, post, now):
    add("ada@example.org")
    client, evil = house.test_client(), {"base_url": "http://evil.test"}
    page = client.get("/accounts/forgotten", **evil).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {"email": "ada@example.org", "csrf_token": token}
    headers = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"}
    assert client.post("/accounts/forgotten", data=data, headers=headers, **evil).status_code == 200
    [mail] = post.send(now)
    assert link(mail).startswith("http://control.test/accounts/new-password/")
    assert "evil.test" not in text(mail)


def test_who_is_kept_out_gets_no_link(house, asked, post, now, control_session):
    from app.accounts import commands, queries

    commands.set_active(
        control_session, queries.by_email(control_session, "ada@example.org").id, False, now, "t"
    )
    control_session.commit()
    assert browser(house).get(asked).status_code == 410
    browser(house).post("/accounts/forgotten", data={"email": "ada@example.org"})
    assert post.send(now) == []


def test_mails_to_one_address_and_from_one_address_are_few(house, monkeypatch):
    client = browser(house)
    answers = [
        client.post("/accounts/forgotten", data={"email": f"{way}@example.org"}).status_code
        for way in ("eve", "EVE", "Eve", " eve")
    ]
    assert answers == [200] * 3 + [429]
    monkeypatch.setattr(throttle, "TRIES_PER_ADDRESS", 4)
    client = browser(house)
    answers = [client.post("/accounts/forgotten", data={"email": unknown()}).status_code for _ in range(2)]
    assert answers == [200, 429]


def test_a_link_lets_the_locked_owner_in(house, asked):
    for _ in range(throttle.TRIES_PER_ACCOUNT):
        sign_in(browser(house), "ada@example.org", "guess guess guess")
    assert sign_in(browser(house), "ada@example.org").status_code == 429
    browser(house).post(asked, data={"new_password": NEW})
    assert sign_in(browser(house), "ada@example.org", NEW).status_code == 303


def test_an_admin_sends_the_link_too(admin, add, post, now):
    person = add("bo@example.org")
    post.send(now)
    assert admin.post(f"/accounts/people/{person}/password-link").status_code == 303
    [mail] = post.send(now)
    assert mail["To"] == "bo@example.org"
    assert "/accounts/new-password/" in link(mail)
