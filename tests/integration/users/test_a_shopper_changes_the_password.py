"""The password page: the present one is asked for, other devices are out, the owner is told."""

from __future__ import annotations

import pytest

from storefront.users import throttle
from tests.integration.users.mails import mailed
from tests.shopping import Browser, Shop

ADA = {"name": "Ada Example", "email": "ada@example.org", "password": "copper ladle seven"}
CHANGE = {"present": ADA["password"], "new_password": "harbour moon kettle"}


@pytest.fixture
def ada(shop: Shop) -> Browser:
    browser = shop.browser()
    browser.post("/account/sign-up", ADA)
    return browser


def test_the_new_one_opens_the_account_and_the_old_one_does_not(shop, ada):
    answer = ada.post("/account/password", CHANGE)
    assert answer.headers["Location"] == "/en/account?changed=1"
    assert "all other devices are signed out" in ada.get("/account?changed=1").text
    for password, status in ((ADA["password"], 422), (CHANGE["new_password"], 303)):
        answer = shop.browser().post("/account/sign-in", {**ADA, "password": password})
        assert answer.status_code == status


def test_every_other_device_is_signed_out_and_this_one_gets_a_new_session(shop, ada):
    phone = shop.browser()
    phone.post("/account/sign-in", ADA)
    before = ada.client.get_cookie("signed_in").value
    assert phone.get("/account").status_code == 200
    ada.post("/account/password", CHANGE)
    assert phone.get("/account").status_code == 303
    assert ada.get("/account").status_code == 200
    assert ada.client.get_cookie("signed_in").value != before


def test_without_the_present_one_nothing_changes(shop, ada):
    page = ada.post("/account/password", {**CHANGE, "present": "guess number 1"})
    assert page.status_code == 422
    assert 'id="error-present"' in page.text
    assert "Wrong password" in ada.get("/account").text
    assert shop.browser().post("/account/sign-in", ADA).status_code == 303
    assert mailed(shop) == []


@pytest.mark.parametrize("new", ["", "short", "password123456", "ada@example.org", "Hearth & Ladle!"])
def test_one_that_would_be_guessed_is_refused_beside_its_field(shop, ada, new):
    page = ada.post("/account/password", {**CHANGE, "new_password": new})
    assert page.status_code == 422
    assert 'id="error-new_password"' in page.text
    assert shop.browser().post("/account/sign-in", ADA).status_code == 303


def test_the_same_rules_hold_for_a_new_account(shop):
    page = shop.browser().post("/account/sign-up", {**ADA, "password": "hearth-ladle-ada"})
    assert page.status_code == 422
    assert 'id="error-password"' in page.text


def test_the_owner_is_told_in_her_language(shop):
    browser = shop.browser("de")
    browser.post("/account/sign-up", ADA)
    browser.post("/account/password", CHANGE)
    (mail,) = mailed(shop)
    assert (mail["To"], mail["Content-Language"]) == (ADA["email"], "de")
    assert "Ihr Passwort wurde geändert" in mail["Subject"]
    assert CHANGE["new_password"] not in mail.as_string()


def test_guessing_the_present_one_is_slowed(shop, ada):
    for _ in range(throttle.LIMITS["account"][0]):
        ada.post("/account/password", {**CHANGE, "present": "guess number 1"})
    assert ada.post("/account/password", CHANGE).status_code == 429


def test_a_stranger_is_led_to_the_sign_in(shop):
    for answer in (shop.browser().get("/account/password"), shop.browser().post("/account/password", CHANGE)):
        assert answer.headers["Location"] == "/en/account/sign-in"
