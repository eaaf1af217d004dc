from __future__ import annotations

import pytest
import sqlalchemy as sa

from storefront.users import throttle
from storefront.users.models import User, UserSession

ADA = {"name": "Ada Example", "email": "ada@example.org", "password": "copper ladle seven"}


@pytest.fixture
def client(shop_app):
    shop_app.config["WTF_CSRF_ENABLED"] = False
    yield shop_app.test_client()
    shop_app.extensions["usage"].stop()


@pytest.fixture
def sessions(shop_app):
    return shop_app.extensions["sessions"]


def test_signing_up_opens_the_account(client):
    assert client.post("/en/account/sign-up", data=ADA).headers["Location"] == "/en/account"
    page = client.get("/en/account")
    assert "Ada Example" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_form_says_what_is_wrong_beside_each_field_and_keeps_the_rest(client):
    page = client.post("/en/account/sign-up", data={**ADA, "email": "ada", "password": "short"})
    assert page.status_code == 422
    assert 'id="error-email"' in page.text
    assert 'id="error-password"' in page.text
    assert 'value="Ada Example"' in page.text
    assert "short" not in page.text


def test_an_address_has_one_account(client):
    client.post("/en/account/sign-up", data=ADA)
    page = client.post("/en/account/sign-up", data={**ADA, "email": "ADA@example.org"})
    assert page.status_code == 422
    assert "This address has an account" in page.text


def test_a_name_with_markup_is_shown_as_text(client):
    client.post("/en/account/sign-up", data={**ADA, "name": "<b>Ada</b>"})
    assert "<b>Ada</b>" not in client.get("/en/account").text


def test_only_hashes_are_kept(client, sessions):
    client.post("/en/account/sign-up", data=ADA)
    with sessions() as session:
        user = session.scalars(sa.select(User)).one()
        kept = session.scalars(sa.select(UserSession.token_hash)).one()
    assert user.password_hash.startswith("$argon2id$")
    assert kept != client.get_cookie("signed_in").value


def test_signing_in_needs_the_right_password(client):
    client.post("/en/account/sign-up", data=ADA)
    client.post("/en/account/sign-out")
    page = client.post("/en/account/sign-in", data={**ADA, "password": "copper ladle eight"})
    assert page.status_code == 422
    assert client.post("/en/account/sign-in", data=ADA).status_code == 303
    assert client.get("/en/account").status_code == 200


def test_an_unknown_address_gets_the_same_words_as_a_wrong_password(client):
    client.post("/en/account/sign-up", data=ADA)
    client.post("/en/account/sign-out")
    wrong = client.post("/en/account/sign-in", data={**ADA, "password": "copper ladle eight"})
    unknown = client.post("/en/account/sign-in", data={**ADA, "email": "bob@example.org"})
    words = "Email address or password is wrong."
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert words in wrong.text
    assert words in unknown.text


def test_a_cookie_is_worth_nothing_after_signing_out(client, shop_app):
    client.post("/en/account/sign-up", data=ADA)
    token = client.get_cookie("signed_in").value
    client.get("/en/account")
    client.post("/en/account/sign-out")
    thief = shop_app.test_client()
    thief.set_cookie("signed_in", token)
    assert thief.get("/en/account").status_code == 303


def test_signing_out_everywhere_ends_the_other_browser_too(client, shop_app):
    client.post("/en/account/sign-up", data=ADA)
    phone = shop_app.test_client()
    phone.post("/en/account/sign-in", data=ADA)
    assert phone.get("/en/account").status_code == 200
    client.post("/en/account/sign-out", data={"everywhere": "1"})
    assert phone.get("/en/account").status_code == 303


def test_a_sign_in_never_takes_over_a_token_that_was_there(client):
    client.set_cookie("signed_in", "planted-by-somebody")
    client.post("/en/account/sign-up", data=ADA)
    assert client.get_cookie("signed_in").value != "planted-by-somebody"


@pytest.mark.parametrize("token", ["rubbish", "x" * 5000, "' OR 1=1--"])
def test_a_made_up_cookie_opens_nothing(client, token):
    client.set_cookie("signed_in", token)
    assert client.get("/en/account").status_code == 303


def test_guessing_is_slowed_down_whether_the_account_exists_or_not(client, now):
    for _ in range(throttle.LIMITS["account"][0]):
        client.post("/en/account/sign-in", data={**ADA, "password": "guess number 1"})
    page = client.post("/en/account/sign-in", data=ADA)
    assert page.status_code == 429
    assert "Too many tries" in page.text
    other = client.post("/en/account/sign-in", data={**ADA, "email": "bob@example.org"})
    assert other.status_code == 422


def test_an_ended_session_is_over(client, sessions, redis):
    client.post("/en/account/sign-up", data=ADA)
    with sessions.begin() as session:
        session.execute(sa.update(UserSession).values(expires_at=sa.text("now() - interval '1 day'")))
    redis.flushall()
    assert client.get("/en/account").status_code == 303


def test_what_comes_along_at_sign_in_happens_in_the_same_transaction(client, shop_app, sessions):
    def refuse(_session, _visitor_id, _user_id):
        raise RuntimeError("nothing comes along")

    shop_app.extensions["at_sign_in"].append(refuse)
    assert client.post("/en/account/sign-up", data=ADA).status_code == 500
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0
