from __future__ import annotations

import re

import pytest

from storefront.errors import Conflict, NotFound, Refused, Unavailable
from tests.catalogued import drafts

PAGES = ["/en/", "/de/products", "/ar/search?q=x", "/en/account/sign-in", "/en/nothing", "/healthz"]


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_tells_the_browser_what_to_refuse(client, address):
    headers = client.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/en/", "/en/products", f"/en/products/{drafts()[0].slug}"])
def test_no_page_has_script_or_style_of_its_own(client, address):
    page = client.get(address).text
    assert " style=" not in page
    assert not re.search(r"\son\w+=", page)
    assert not re.search(r"<script(?![^>]*(?:src=|application/ld\+json))", page)


def test_cookies_are_out_of_reach_of_scripts(client):
    cookies = client.get("/en/").headers.getlist("Set-Cookie")
    for name in ("visitor", "visit"):
        cookie = next(cookie for cookie in cookies if cookie.startswith(f"{name}="))
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_a_forged_visitor_gets_a_new_name(client):
    client.set_cookie("visitor", "somebody-else")
    client.get("/en/")
    assert client.get_cookie("visitor").value != "somebody-else"


def test_a_visitor_stays_the_same_from_page_to_page(client, catalogue_app):
    from storefront.shopper import current_shopper

    with client:
        client.get("/en/")
        first = current_shopper()
        client.get("/de/products")
        second = current_shopper()
    assert (first.visitor_id, first.session_id) == (second.visitor_id, second.session_id)


def test_a_form_without_its_token_changes_nothing(client):
    page = client.post("/en/account/sign-up", data={"name": "x"})
    assert page.status_code == 403
    assert "Nothing was changed" in page.text


def test_a_form_with_its_token_is_read(client):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/en/account/sign-up").text)[1]
    assert client.post("/en/account/sign-up", data={"name": "x", "csrf_token": token}).status_code == 422


def test_too_large_a_body_is_refused(client):
    page = client.post("/en/account/sign-in", data={"email": "x" * 200_000})
    assert page.status_code == 413


def test_a_wrong_method_is_no_surprise(client):
    assert client.post("/en/").status_code in (403, 405)


def test_static_files_are_kept_for_a_year_by_their_mark(client):
    address = re.search(r'href="(/static/css/shop\.css\?v=\w+)"', client.get("/en/").text)[1]
    answer = client.get(address)
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_the_shop_can_be_put_on_a_home_screen(client):
    assert client.get("/manifest.webmanifest").json["name"] == "Hearth & Ladle"


@pytest.fixture
def failing(catalogue_app):
    """A page that raises what the test puts into the box."""
    box: list[Exception] = []

    def page() -> str:
        raise box[0]

    catalogue_app.add_url_rule("/<locale:locale>/failing", "failing", page)
    return box, catalogue_app.test_client()


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Refused("That cannot be.", {"city": "Name a city."}), 422, "Name a city."),
        (Conflict("Somebody was faster."), 409, "Somebody was faster."),
        (NotFound("gone"), 404, "We could not find this page"),
        (Unavailable("gateway"), 503, "Your cart is safe"),
        (ZeroDivisionError("secret detail"), 500, "Something went wrong on our side"),
    ],
)
def test_every_error_becomes_a_page_that_says_what_to_do(failing, error, status, words):
    box, client = failing
    box.append(error)
    page = client.get("/en/failing")
    assert page.status_code == status
    assert words in page.text
    assert "secret detail" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_script_gets_one_line_instead_of_a_page(failing):
    box, client = failing
    box.append(Conflict("Somebody was faster."))
    answer = client.get("/en/failing", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_an_error_page_is_shown_even_when_its_frame_is_broken(failing, catalogue_app):
    box, client = failing
    box.append(ZeroDivisionError())

    def broken() -> None:
        raise RuntimeError("no navigation")

    catalogue_app.jinja_env.globals["shelves"] = broken
    page = client.get("/en/failing")
    assert page.status_code == 500
    assert "<h1>Something went wrong on our side</h1>" in page.text
