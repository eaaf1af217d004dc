"""Every page and every read of the API, asked with what nobody means: answered, never a failure of ours."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

import app as control_plane

ASKED = re.compile(r"""request\.args(?:\.get(?:list)?\(|\[)["'](\w+)["']""")
NAMES = sorted(
    {
        name
        for file in Path(control_plane.__path__[0]).rglob("*.py")
        for name in ASKED.findall(file.read_text("utf-8"))
    }
)
ODD = (
    "'; DROP TABLE people; --",
    "{{7*7}}%(x)s{0.__class__}",
    '"><img src=x onerror=alert(1)>',
    "../../../../etc/passwd",
    "x\r\nSet-Cookie: a=b",
    "\x00",
    "\u202e\u200b",
    "9999-12-31",
    "2026-02-29",
    "99999999999999999999",
    "-1",
    "NaN",
    "١",
    "(a+)+$[",
    "x" * 2_000,
)
ENDLESS = {"events.stream"}


def test_the_names_are_those_that_pages_ask_for():
    assert {"q", "from", "sort", "by", "cursor"} <= set(NAMES)


@pytest.mark.no_cover
def test_an_odd_word_in_every_place_of_an_address_fails_nothing(control_app, signed_in):
    client = signed_in("admin")
    for turn, rule in enumerate(routes(control_app)):
        url = f"{address(rule, ODD[turn % len(ODD)])}?{asked(turn)}"
        answer = client.get(url)
        here = f"{answer.status_code} {rule}"
        assert answer.status_code < 500 or answer.status_code == 503, here
        assert "<img src=x" not in answer.text, here
        assert not any("Set-Cookie: a=b" in str(value) for value in answer.headers.values()), here


def routes(app: Flask) -> list[str]:
    rules = app.url_map.iter_rules()
    return sorted({one.rule for one in rules if "GET" in (one.methods or ()) and one.endpoint not in ENDLESS})


def asked(turn: int) -> str:
    """Another word for each name, and others for the next route."""
    return "&".join(f"{name}={quote(ODD[(turn + at) % len(ODD)])}" for at, name in enumerate(NAMES, 1))


def address(rule: str, word: str) -> str:
    """With the word where a text may stand, and with 1 for a number."""

    def filled(place: re.Match[str]) -> str:
        return "1" if place[1] == "int" else quote(word, safe="")

    return re.sub(r"<(?:(\w+)(?:\([^>]*\))?:)?\w+>", filled, rule)
