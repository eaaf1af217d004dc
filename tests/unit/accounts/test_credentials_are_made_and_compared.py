"""Passwords, cookies and tokens as such."""

from __future__ import annotations

import math
import re

import pytest

from app.accounts import credentials
from app.accounts.browsers import browser_name
from app.accounts.throttle import network


def test_only_the_right_password_fits():
    kept = credentials.hash_password("a long enough password")
    assert kept.startswith("$argon2id$")
    assert credentials.fits("a long enough password", kept)
    assert not credentials.fits("another password", kept)
    assert not credentials.fits("anything", None)
    assert not credentials.fits("anything", "not a hash")


@pytest.mark.parametrize("password", ["short", "x" * 201, "somebody@example.org"])
def test_weak_passwords_are_refused(password, babel_context):
    assert str(credentials.wrong_password(password, "somebody@example.org"))


def test_a_made_password_is_strong_and_readable():
    made = credentials.new_password()
    assert re.fullmatch(r"([a-z2-9]{4}-){6}[a-z2-9]{4}", made)
    assert len(made.replace("-", "")) * math.log2(31) >= 128
    assert credentials.wrong_password(made, "x@example.org") is None
    assert made != credentials.new_password()


@pytest.mark.parametrize(
    ("email", "wrong"),
    [
        ("ada@example.org", False),
        ("a.b+c@sub.example.co.uk", False),
        ("ada", True),
        ("ada@example", True),
        ("a b@example.org", True),
        ("<script>@example.org", True),
        ("a\r\nBcc: x@example.org", True),
        ("a" * 250 + "@example.org", True),
    ],
)
def test_an_address_looks_like_one(email, wrong):
    assert (credentials.wrong_email(email) is not None) is wrong


def test_tokens_are_written_as_sdks_expect_them():
    assert re.fullmatch(r"\*:production\.[0-9a-f]{64}", credentials.new_token("client", "production"))
    assert re.fullmatch(r"backroom_[0-9a-f]{64}", credentials.new_token("api", "production"))


def test_a_hint_tells_tokens_apart_and_opens_nothing():
    assert credentials.hint_of("*:production.0123456789") == "*:production.0123…"
    assert credentials.hint_of("backroom_0123456789") == "backroom_0123…"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("not an address", "not an address"),
    ],
)
def test_one_customers_addresses_count_as_one(address, counted):
    assert network(address) == counted


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari · iPhone",
        ),
        ("something of one's own", "something of one's own"),
        ("", ""),
    ],
)
def test_browsers_have_names(agent, name):
    assert browser_name(agent) == name
