"""Passwords, keys, links and sessions that somebody tries who does not have them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storefront.privacy import mails
from storefront.users import passwords, throttle
from storefront.users.models import User

ADA = {"name": "Ada", "email": "ada@example.org", "password": "copper ladle seven"}
FORMS = (
    "/cart/add",
    "/cart/update",
    "/cart/remove",
    "/checkout",
    "/account/sign-in",
    "/account/sign-up",
    "/account/sign-out",
    "/account/password",
    "/account/forgotten",
    "/account/new-password",
    "/account/sessions/1/end",
    "/preferences",
    "/privacy/erase",
    "/privacy/link",
    "/privacy/guest/erase",
)


@pytest.fixture(autouse=True)
def nothing_counted_yet(shop):
    shop.app.extensions["cache"].redis.flushall()
    throttle._local.counts.clear()


def sign_up(shop, number: int, address: str = "198.51.100.1"):
    form = {**ADA, "email": f"shopper{number}@example.org"}
    browser = shop.browser()
    return browser.client.post("/en/account/sign-up", data=form, environ_base={"REMOTE_ADDR": address})


def test_many_people_may_make_an_account_at_the_same_time(shop):
    many = throttle.LIMITS["account"][0] + 4
    answers = [sign_up(shop, number, f"198.51.100.{number}").status_code for number in range(many)]
    assert answers == [303] * many


def test_one_address_makes_no_accounts_without_end(shop, monkeypatch):
    monkeypatch.setitem(throttle.LIMITS, "address", (3, 3))
    assert [sign_up(shop, number).status_code for number in range(5)] == [303] * 3 + [429] * 2


def test_one_network_is_one_sender_however_many_addresses_it_has(shop, monkeypatch):
    monkeypatch.setitem(throttle.LIMITS, "address", (3, 3))
    tries = []
    for number in range(5):
        form = {"email": f"nobody{number}@example.org", "password": "guess number 1"}
        where = {"REMOTE_ADDR": f"2001:db8:1:2::{number + 1}"}
        tries.append(
            shop.browser().client.post("/en/account/sign-in", data=form, environ_base=where).status_code
        )
    assert tries == [422] * 3 + [429] * 2


def test_no_spelling_of_an_account_or_an_address_has_tries_of_its_own(shop):
    form = {"email": "ada@example.org", "password": "guess number 1"}
    for _ in range(throttle.LIMITS["account"][0]):
        shop.browser().post("/account/sign-in", form)
    client = shop.app.test_client()
    for spelling in ("ADA@example.org", " ada@EXAMPLE.org "):
        for path in (
            "/en/account/sign-in",
            "/EN/account/sign-in",
            "/de/account/sign-in",
        ):
            answer = client.post(path, data={**form, "email": spelling}, follow_redirects=True)
            assert answer.status_code in (404, 429), (path, spelling)


def test_a_stranger_is_answered_with_the_same_words_after_the_same_work(shop, monkeypatch):
    shop.browser().post("/account/sign-up", ADA)
    hashed, verified = passwords._hasher, []

    class Counting:
        def verify(self, *about):
            verified.append(about[0][:20])
            return hashed.verify(*about)

        def hash(self, password):
            return hashed.hash(password)

    passwords._nobody()
    monkeypatch.setattr(passwords, "_hasher", Counting())
    pages = []
    for email in ("ada@example.org", "nobody@example.org"):
        page = shop.browser().post("/account/sign-in", {"email": email, "password": "guess number 1"})
        pages.append((page.status_code, re.sub(r'value="[^"]*"', "", page.text)))
    assert pages[0][0] == pages[1][0] == 422
    assert verified[0] == verified[1], "the same kind of hash, once each"
    assert len(verified) == 2


def test_no_form_is_taken_with_the_token_of_another_browser(shop):
    shop.app.config["WTF_CSRF_ENABLED"] = True
    other, own = shop.browser(), shop.browser()
    stolen = other.hidden("/account/sign-in", "csrf_token")
    own.hidden("/account/sign-in", "csrf_token")
    for path in FORMS:
        for token in ({}, {"csrf_token": stolen}, {"csrf_token": "x"}):
            assert own.post(path, dict(token)).status_code == 403, path


def test_private_pages_are_kept_nowhere_and_framed_nowhere(shop):
    for path in ("/cart", "/orders/HL-1", "/account/sign-in", "/account/forgotten", "/privacy", "/checkout"):
        told = shop.browser().get(path).headers
        assert told["Cache-Control"] == "no-store", path
        assert told["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in told["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in told


class TestLinksOfMails:
    def test_a_link_that_was_changed_or_made_up_opens_nothing(self, shop):
        with shop.app.test_request_context():
            good = mails.token_of("ada@example.org")
        body, stamp, mark = good.split(".")
        for token in (
            "",
            "x",
            body,
            f"{body}.{stamp}.x",
            f"{body}.{stamp[::-1]}.{mark}",
            "a" * 9_000,
        ):
            for path in ("/privacy/guest", "/privacy/guest/my-data.json"):
                assert shop.browser().get(f"{path}?token={token}").status_code == 403
            assert shop.browser().post("/privacy/guest/erase", {"token": token}).status_code == 403
        assert shop.browser().get(f"/privacy/guest?token={good}").status_code == 200

    def test_a_link_is_good_for_an_hour(self, shop, monkeypatch):
        with shop.app.test_request_context():
            token = mails.token_of("ada@example.org")
        monkeypatch.setattr(mails, "GOOD_SECONDS", -int(timedelta(seconds=1).total_seconds()))
        assert shop.browser().get(f"/privacy/guest?token={token}").status_code == 403

    def test_a_link_of_one_address_says_nothing_of_another(self, shop):
        browser = shop.browser()
        browser.add(shop.shelve())
        browser.pay()
        with shop.app.test_request_context():
            other = mails.token_of("bob@example.org")
        page = shop.browser().get(f"/privacy/guest?token={other}")
        assert "ada@example.org" not in page.text
        assert shop.orders()[0].number not in page.text

    def test_nothing_is_erased_without_the_password(self, shop):
        browser = shop.browser()
        browser.post("/account/sign-up", ADA)
        for form in ({}, {"password": ""}, {"password": "guess number 1"}):
            assert browser.post("/privacy/erase", form).status_code == 422
        with shop.sessions() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 1

    def test_asking_for_a_link_tells_nobody_what_was_ordered(self, shop):
        browser = shop.browser()
        browser.add(shop.shelve())
        browser.pay()
        number = shop.orders()[0].number
        told = {
            (answer.status_code, answer.headers["Location"])
            for form in (
                {"number": number, "email": "ada@example.org"},
                {"number": number, "email": "bob@example.org"},
                {"number": "HL-0", "email": "ada@example.org"},
            )
            for answer in [shop.browser().post("/privacy/link", form)]
        }
        assert told == {(303, "/en/privacy/sent")}
