"""One's own name, language, theme, password and sessions."""

from __future__ import annotations

import pytest

from app.accounts import identity
from tests.integration.accounts.conftest import PASSWORD, browser, sign_in

NEW = "quite another password"


@pytest.fixture
def ada(house, add):
    add("ada@example.org")
    client = browser(house)
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux) Firefox/128.0"
    sign_in(client, "ada@example.org")
    return client


def test_the_page_is_in_the_chosen_language_and_theme(ada):
    ada.set_cookie("theme", "light")
    answer = ada.post("/accounts/me", data={"name": "Ada", "locale": "de", "theme": "dark"})
    assert answer.status_code == 303
    page = ada.get("/accounts/me").text
    assert '<html lang="de" dir="ltr" data-theme="dark">' in page
    assert "<h1>Ada</h1>" in page
    ada.post("/accounts/me", data={"name": "Ada", "locale": "", "theme": ""})
    assert '<html lang="en" dir="ltr">' in ada.get("/accounts/me").text


@pytest.mark.parametrize(
    "data", [{"locale": "xx"}, {"theme": "neon"}, {"name": "n" * 101}, {"locale": "../../etc/passwd"}]
)
def test_what_is_not_on_offer_is_refused(ada, data):
    assert ada.post("/accounts/me", data=data).status_code == 422


def test_a_wrong_field_is_told_beside_it_and_the_rest_stays(ada):
    answer = ada.post("/accounts/me", data={"theme": "neon"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.headers["HX-Reswap"] == "none"
    assert 'id="error-theme"' in answer.text
    assert 'hx-swap-oob="true"' in answer.text


def test_a_changed_password_signs_the_others_out_and_not_oneself(ada, house):
    other = browser(house)
    sign_in(other, "ada@example.org")
    wrong = ada.post("/accounts/me/password", data={"old_password": "nope", "new_password": "short"})
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.text
    assert "12 characters or more" in wrong.text
    right = ada.post("/accounts/me/password", data={"old_password": PASSWORD, "new_password": NEW})
    assert right.status_code == 303
    assert ada.get("/accounts/me").status_code == 200
    assert other.get("/accounts/me").status_code == 303
    assert sign_in(browser(house), "ada@example.org", NEW).status_code == 303


def test_ones_sessions_are_listed_and_the_others_can_be_ended(ada, house):
    other = browser(house)
    sign_in(other, "ada@example.org")
    page = ada.get("/accounts/me").text
    assert "Firefox · Linux" in page
    assert page.count("this one") == 1
    assert ada.post("/accounts/me/sessions/end").status_code == 303
    assert other.get("/accounts/me").status_code == 303
    assert ada.get("/accounts/me").status_code == 200


def test_a_session_is_kept_as_a_fingerprint_only(ada, control_session):
    from sqlalchemy import select

    from app.accounts.models import SessionRow

    cookie = ada.get_cookie(identity.COOKIE).value
    assert cookie not in control_session.scalar(select(SessionRow.cookie_hash))


def test_an_api_token_has_no_account_of_its_own(house, control_session, now):
    from app.accounts import commands

    raw = commands.create_token(control_session, "api", "production", "script", "admin", now, "test")
    control_session.commit()
    client = house.test_client()
    assert client.get("/accounts/me", headers={"Authorization": f"Bearer {raw}"}).status_code == 403
