"""Over HTTPS every cookie of either service is `__Host-`, Secure, HttpOnly and SameSite."""

from __future__ import annotations

import dataclasses

import pytest

from app.factory import create_app as control
from storefront.factory import create_app as storefront

HTTPS = "https://house.test"


def given(answer) -> dict[str, str]:
    return {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


@pytest.mark.parametrize(
    ("name", "make", "paths"),
    [
        ("control_config", control, ("/accounts/sign-in",)),
        ("shop_config", storefront, ("/en/", "/de/cart", "/en/account/sign-in", "/en/nothing")),
    ],
)
def test_each_cookie_is_bound_to_this_host(request, name, make, paths):
    app = make(dataclasses.replace(request.getfixturevalue(name), secure_cookies=True))
    for path in paths:
        cookies = given(app.test_client().get(path, base_url=HTTPS))
        for cookie, line in cookies.items():
            assert cookie.startswith("__Host-"), line
            assert all(word in line for word in ("Secure", "HttpOnly", "Path=/", "SameSite=")), line
            assert "Domain=" not in line


def test_a_shopper_keeps_their_choices_over_https(shop_config):
    client = storefront(dataclasses.replace(shop_config, secure_cookies=True)).test_client()
    client.get("/de/cart", base_url=HTTPS)
    assert client.get("/", base_url=HTTPS).headers["Location"].endswith("/de/")
