"""By address and by account alike, with the same words and the same work for who is not known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import commands, credentials, identity, queries, throttle
from app.accounts.models import PersonRow
from app.audit.models import AuditEntry
from tests.integration.accounts.conftest import PASSWORD, audited, browser, sign_in, unknown

GUESS = "guess guess guess"


class Counting:
    """The real hasher, counted."""

    def __init__(self, hasher) -> None:
        self.hasher, self.verified = hasher, 0

    def verify(self, *arguments):
        self.verified += 1
        return self.hasher.verify(*arguments)

    def hash(self, *arguments):
        return self.hasher.hash(*arguments)

    def check_needs_rehash(self, kept):
        return self.hasher.check_needs_rehash(kept)


@pytest.fixture
def hasher(monkeypatch) -> Counting:
    counting = Counting(credentials.HASHER)
    monkeypatch.setattr(credentials, "HASHER", counting)
    return counting


def test_one_hash_is_made_whoever_asks(house, add, hasher, control_session, now):
    add("ada@example.org")
    kept_out = add("out@example.org")
    commands.set_active(control_session, kept_out, False, now, "test")
    add("none@example.org")
    queries.by_email(control_session, "none@example.org").password_hash = ""
    control_session.commit()
    answers = set()
    for email in ("ada@example.org", "out@example.org", "none@example.org", unknown()):
        before = hasher.verified
        answer = sign_in(browser(house), email, GUESS)
        answers.add((answer.status_code, answer.text.count("The address or the password is not right.")))
        assert hasher.verified == before + 1
    assert len(answers) == 1


def test_the_same_statements_are_run_for_known_and_unknown_people(house, add):
    from sqlalchemy import event

    from app.db import engine_of

    add("ada@example.org")
    counted = []
    engine = engine_of(house.extensions["sources"].control)
    event.listen(engine, "before_cursor_execute", lambda *a: counted[-1].append(" ".join(a[2].split()[:3])))
    for email in ("ada@example.org", "eve@example.org"):
        counted.append([])
        sign_in(browser(house), email, GUESS)
    assert counted[0] == counted[1] != []


def test_each_further_try_waits_longer(redis, monkeypatch):
    waits = []
    for _ in range(throttle.TRIES_PER_ACCOUNT + 6):
        tried = throttle.try_password(redis, "192.0.2.1", "ada@example.org")
        if tried.wait_seconds == 0:
            continue
        waits.append(tried.wait_seconds)
        for key in redis.keys("*tries:account*"):
            redis.hset(key, "until", 0)  # the wait is over
            assert redis.ttl(key) > throttle.WINDOW_SECONDS
    assert waits == [30, 60, 120]
    assert [throttle.delay_seconds(over) for over in (0, 1, 4, 5, 50)] == [30, 60, 480, 900, 900]


def test_nobody_is_locked_out_of_a_browser_that_the_account_knows(house, add):
    add("ada@example.org")
    mine = browser(house)
    sign_in(mine, "ada@example.org")
    mine.post("/accounts/sign-out")
    mine_again = browser(house)
    mine_again.set_cookie(identity.BROWSER_COOKIE, mine.get_cookie(identity.BROWSER_COOKIE).value)
    stranger = browser(house)
    for _ in range(throttle.TRIES_PER_ACCOUNT):
        sign_in(stranger, "ada@example.org", GUESS)
    assert sign_in(stranger, "ada@example.org").status_code == 429
    assert sign_in(mine_again, "ada@example.org").status_code == 303


def test_a_known_browser_has_tries_of_its_own_and_no_more(house, add):
    add("ada@example.org")
    mine = browser(house)
    sign_in(mine, "ada@example.org")
    mine.post("/accounts/sign-out")
    client = browser(house)
    client.set_cookie(identity.BROWSER_COOKIE, mine.get_cookie(identity.BROWSER_COOKIE).value)
    answers = [sign_in(client, "ada@example.org", GUESS).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


@pytest.mark.parametrize("cookie", ["made-up", "x" * 43])
def test_a_browser_cookie_of_ones_own_making_helps_nobody(house, add, cookie):
    add("ada@example.org")
    client = browser(house)
    client.set_cookie(identity.BROWSER_COOKIE, cookie)
    answers = [sign_in(client, "ada@example.org", GUESS).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert sign_in(browser(house), "ada@example.org").status_code == 429


def test_case_blanks_and_forwarded_addresses_are_no_way_around(house, add):
    add("ada@example.org")
    ways = ["ada@example.org", "ADA@example.org", " Ada@Example.ORG ", "\tada@example.org\n"]
    answers = []
    for n in range(11):
        headers = {"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"}
        data = {"email": ways[n % 4], "password": GUESS}
        answers.append(browser(house).post("/accounts/sign-in", data=data, headers=headers).status_code)
    assert answers == [422] * 10 + [429]


def test_a_slash_more_is_another_page_and_no_way_around(house):
    for way in ("/accounts/sign-in/", "//accounts/sign-in", "/accounts//sign-in", "/ACCOUNTS/sign-in"):
        answer = browser(house).post(way, data={"email": "eve@example.org", "password": GUESS})
        assert answer.status_code in (303, 308, 403, 404, 405), way
        assert answer.status_code != 422


def test_a_whole_ipv6_network_counts_as_one_address(house, monkeypatch):
    monkeypatch.setattr(throttle, "TRIES_PER_ADDRESS", 5)
    client = browser(house)
    answers = []
    for n in range(7):
        where = {"REMOTE_ADDR": f"2001:db8:1:2::{n:x}"}
        data = {"email": unknown(), "password": GUESS}
        answers.append(client.post("/accounts/sign-in", data=data, environ_overrides=where).status_code)
    assert answers == [422] * 5 + [429] * 2
    other = client.post("/accounts/sign-in", data=data, environ_overrides={"REMOTE_ADDR": "2001:db8:9::1"})
    assert other.status_code == 422


def test_the_trail_says_who_was_tried_and_never_what_was_typed(house, add, control_session):
    add("ada@example.org")
    sign_in(browser(house), "ada@example.org", GUESS)
    sign_in(browser(house), "my secret passphrase", GUESS)
    sign_in(browser(house), "my secret passphrase", GUESS)
    known, first, second = audited(control_session, "person.sign-in.refused")
    assert (known.subject, known.who) == ("person:ada@example.org", "nobody")
    assert known.address == "127.0.0.1"
    assert first.subject == second.subject
    kept = " ".join(str(vars(entry)) for entry in control_session.scalars(select(AuditEntry)))
    assert "passphrase" not in kept
    assert GUESS not in kept


def test_the_owner_is_told_of_many_tries_and_of_a_new_browser(house, add, post, now):
    add("ada@example.org")
    for _ in range(throttle.TRIES_PER_ACCOUNT + 2):
        sign_in(browser(house), "ada@example.org", GUESS)
        sign_in(browser(house), "eve@example.org", GUESS)
    told = post.send(now)
    assert [(mail["To"], "tries passwords" in mail["Subject"]) for mail in told] == [
        ("ada@example.org", True)
    ]
    throttle.forget(house.extensions["sources"].redis, "ada@example.org")
    first = browser(house)
    sign_in(first, "ada@example.org")
    assert post.send(now) == []  # the very first sign-in is no news
    sign_in(browser(house), "ada@example.org")
    assert ["new browser" in mail["Subject"] for mail in post.send(now)] == [True]
    first.post("/accounts/sign-out")
    again = browser(house)
    again.set_cookie(identity.BROWSER_COOKIE, first.get_cookie(identity.BROWSER_COOKIE).value)
    sign_in(again, "ada@example.org")
    assert post.send(now) == []


def test_a_hash_of_older_parameters_is_made_anew_at_the_sign_in(house, add, control_session):
    from argon2 import PasswordHasher

    add("ada@example.org")
    person = queries.by_email(control_session, "ada@example.org")
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    person.password_hash = old
    control_session.commit()
    assert sign_in(browser(house), "ada@example.org").status_code == 303
    control_session.expire_all()
    new = control_session.scalar(select(PersonRow.password_hash))
    assert new != old
    assert not credentials.is_outdated(new)
    assert sign_in(browser(house), "ada@example.org").status_code == 303


def test_a_session_starts_with_a_cookie_that_nobody_knew(house, add):
    add("ada@example.org")
    client = browser(house)
    for name in (identity.COOKIE, identity.HALF_COOKIE, identity.BROWSER_COOKIE):
        client.set_cookie(name, "planted")
    sign_in(client, "ada@example.org")
    assert client.get_cookie(identity.COOKIE).value != "planted"
    assert client.get_cookie(identity.BROWSER_COOKIE).value != "planted"
    assert client.get_cookie(identity.HALF_COOKIE) is None


def test_over_https_the_cookies_belong_to_this_host_alone(control_config, add):
    from dataclasses import replace

    from app.factory import create_app

    add("ada@example.org")
    app = create_app(replace(control_config, secure_cookies=True))
    client = app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_REFERER": "https://localhost/"}
    page = client.get("/accounts/sign-in", base_url="https://localhost").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {"email": "ada@example.org", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/accounts/sign-in", data=data, base_url="https://localhost")
    assert answer.status_code == 303
    set_ = {c.partition("=")[0]: c for c in answer.headers.getlist("Set-Cookie")}
    for name in ("__Host-control_session", "__Host-control_browser"):
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(set_[name].split("; ")), set_[name]
        assert "Domain" not in set_[name]
    assert client.get("/accounts/me", base_url="https://localhost").status_code == 200
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-control"
    app.extensions["sources"].close()


def test_old_browsers_are_forgotten(house, add, control_session, now):
    from app.accounts import sign_in as signing_in
    from app.accounts.sign_in_models import KnownBrowserRow

    add("ada@example.org")
    for _ in range(3):
        sign_in(browser(house), "ada@example.org")
    assert len(control_session.scalars(select(KnownBrowserRow)).all()) == 3
    signing_in.prune(control_session, now + signing_in.BROWSER_LASTS + timedelta(days=1))
    assert control_session.scalars(select(KnownBrowserRow)).all() == []
