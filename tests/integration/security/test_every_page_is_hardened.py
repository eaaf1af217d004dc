"""Every address that answers a GET, as an admin and as a shopper: its headers and what its HTML holds."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app as control
from app.ui.assets import BUNDLES
from app.ui.rooms import ROOMS
from storefront.factory import create_app as storefront
from tests.people import sign_in

HTTPS = "https://house.test"
A_YEAR_SECONDS = 31_536_000
EXACT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {"default-src 'none'", "script-src 'self'", "style-src 'self'"}
POLICY |= {"base-uri 'none'", "frame-ancestors 'none'"}
STREAMS = {"/events", "/api/client/streaming"}  # they never end
# The public status, and flags for browsers of other sites, which show a token.
OPEN_TO_OTHERS = {"/status", "/status.json", "/api/frontend"}
REFERRERS = ("no-referrer", "same-origin", "strict-origin-when-cross-origin")
DATA = {"application/json", "application/ld+json", "importmap", "speculationrules"}


class Page(HTMLParser):
    """What a strict policy would refuse, and forms that would be refused."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._form: dict[str, str | None] | None = None
        self._has_token = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.faults += [f"{name} on <{tag}>" for name in found if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in found and found.get("type") not in DATA):
            self.faults.append(f"<{tag}> within the page")
        for name in ("href", "src", "action"):
            if (found.get(name) or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"javascript: in <{tag}>")
        is_new_window = found.get("target") == "_blank"
        if tag == "a" and is_new_window and "noopener" not in (found.get("rel") or ""):
            self.faults.append(f"a window that may move this one: {found.get('href')}")
        if tag == "form":
            self._form, self._has_token = found, False
        if tag == "input" and found.get("name") == "csrf_token" and found.get("value"):
            self._has_token = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            if (self._form.get("method") or "get").lower() == "post" and not self._has_token:
                self.faults.append(f"a form without its token: {self._form.get('action')}")
            self._form = None


def addresses(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule in STREAMS or rule.arguments - {"locale"}:
            continue
        yield rule.rule.replace("<locale:locale>", "en").replace("<locale>", "en")


def faults(client: FlaskClient, address: str) -> Iterator[str]:
    answer = client.get(address)
    headers = answer.headers
    for name, value in EXACT.items():
        if headers.get(name) != value and not (
            name.endswith("Resource-Policy") and address in OPEN_TO_OTHERS
        ):
            yield f"{name}: {headers.get(name)}"
    policy = headers.get("Content-Security-Policy", "")
    if "unsafe" in policy or not set(policy.split("; ")) >= POLICY:
        yield f"policy: {policy}"
    if headers.get("Referrer-Policy") not in REFERRERS:
        yield f"Referrer-Policy: {headers.get('Referrer-Policy')}"
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        yield "no Permissions-Policy"
    if (headers.get("Access-Control-Allow-Origin") == "*") != (address in OPEN_TO_OTHERS):
        yield f"other origins: {headers.get('Access-Control-Allow-Origin')}"
    if answer.status_code >= 500 and answer.status_code != 503:
        yield f"answers {answer.status_code}"
    if answer.mimetype == "text/html":
        page = Page()
        page.feed(answer.text)
        yield from page.faults


def of_all(app: Flask, client: FlaskClient) -> dict[str, list[str]]:
    walked = sorted(set(addresses(app)))
    assert len(walked) > 20
    return {address: found for address in walked if (found := list(faults(client, address)))}


@pytest.mark.no_cover
def test_each_page_of_the_control_plane(control_app):
    client = sign_in(control_app, "admin")
    assert of_all(control_app, client) == {}


def test_each_page_of_the_shop(shop_app):
    assert of_all(shop_app, shop_app.test_client()) == {}


@pytest.mark.parametrize(
    ("name", "make", "addresses"),
    [
        ("control_config", control, ("/accounts/sign-in", "/status", "/healthz", "/static/none.css")),
        ("shop_config", storefront, ("/en/", "/en/cart", "/healthz", "/static/none.css")),
    ],
)
def test_over_https_each_answer_asks_for_https_for_a_year(request, name, make, addresses):
    app = make(dataclasses.replace(request.getfixturevalue(name), secure_cookies=True))
    for address in addresses:
        told = app.test_client().get(address, base_url=HTTPS).headers["Strict-Transport-Security"]
        assert int(re.search(r"max-age=(\d+)", told)[1]) >= A_YEAR_SECONDS, address
        assert "includeSubDomains" in told, address


def test_no_page_of_the_control_plane_is_kept_by_a_browser(control_app):
    client = sign_in(control_app, "admin")
    for address in ("/", "/accounts/me", "/accounts/", "/audit/", "/flags/", "/kpi/"):
        answer = client.get(address)
        if answer.status_code == 200:
            assert answer.headers["Cache-Control"] == "no-store", address


@pytest.mark.parametrize("address", ["/en/cart", "/en/account/sign-in", "/en/checkout"])
def test_no_private_page_of_the_shop_is_kept_by_a_browser(shop_app, address):
    assert shop_app.test_client().get(address).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("app_name", ["control_app", "shop_app"])
def test_trace_is_not_answered(request, app_name):
    answer = request.getfixturevalue(app_name).test_client().open("/healthz", method="TRACE")
    assert answer.status_code == 405


@pytest.mark.parametrize(
    ("app_name", "address"),
    [
        ("control_app", "/accounts/sign-in"),
        ("shop_app", "/en/account/sign-in"),
        ("shop_app", "/en/account/sign-up"),
    ],
)
def test_a_password_is_typed_unseen_and_may_be_pasted(request, app_name, address):
    app = request.getfixturevalue(app_name)
    if app_name == "control_app":
        sign_in(app, "admin")  # where nobody is, there is no form
    page = app.test_client().get(address).text
    field = re.search(r'<input[^>]*name="password"[^>]*>', page)
    assert field is not None
    assert 'type="password"' in field[0]
    assert re.search(r'autocomplete="(current|new)-password"', field[0])
    assert "onpaste" not in page


@pytest.mark.no_cover
def test_each_page_of_the_control_plane_offers_to_sign_out(control_app):
    client = sign_in(control_app, "admin")
    for room in ROOMS:
        assert 'action="/accounts/sign-out"' in client.get(room.path).text, room.path


def test_a_sign_out_asks_the_browser_to_forget(control_app, shop_app):
    shop_app.config["WTF_CSRF_ENABLED"] = False
    leaving = (
        (sign_in(control_app, "viewer"), "/accounts/sign-out"),
        (shop_app.test_client(), "/en/account/sign-out"),
    )
    for client, address in leaving:
        answer = client.post(address)
        assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"cache", "storage"')


def test_pages_of_one_person_are_wiped_where_they_lie_open(control_app, shop_app):
    assert "js/leaving.js" in BUNDLES["backroom.js"]
    client = shop_app.test_client()
    for address, is_private in (("/en/account/sign-in", True), ("/en/privacy", True), ("/en/", False)):
        assert ("js/leaving.js" in client.get(address).text) is is_private, address
