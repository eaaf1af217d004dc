"""Signed links: what they grant, that nobody can make one up, and where the outline may stand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from app.locales.assist import outline as links
from app.locales.catalog import message_key as key_of
from storefront import impressions, outline, pseudo
from storefront.outline import BEGIN, END, outlined, read

SECRET = "a-secret-of-both-services"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = key_of("", "Cart")


def test_both_services_name_messages_and_sign_links_alike() -> None:
    assert impressions.message_key("Cart") == KEY
    assert impressions.message_key("verb\x04Cart") == key_of("verb", "Cart")
    assert (links.ARGUMENT, links.PREVIEW) == (outline.ARGUMENT, outline.PREVIEW)
    found = read(links.token("pt-BR", KEY, SECRET, NOW), SECRET, NOW.timestamp())
    assert found is not None
    assert (found.locale, found.key) == ("pt-BR", KEY)
    candidate = read(links.token("de", "release:7", SECRET, NOW), SECRET, NOW.timestamp())
    assert candidate is not None
    assert (candidate.what, candidate.key) == ("release:7", "")


@pytest.mark.parametrize("token", ["", ".", "a.b", "ä.ä", "=" * 9, "x" * 5_000, "ZGV8eHwx.\udcff"])
def test_rubbish_is_no_link(token: str) -> None:
    assert read(token, SECRET, 0) is None


def test_a_link_ends_and_nobody_can_change_or_make_one() -> None:
    token = links.token("de", KEY, SECRET, NOW)
    assert read(token, SECRET, (NOW + links.LASTS).timestamp() + 1) is None
    assert read(token, "another-secret-altogether", NOW.timestamp()) is None
    other = links.token("fr", KEY, "another-secret-altogether", NOW)
    assert read(f"{other.split('.')[0]}.{token.split('.')[1]}", SECRET, NOW.timestamp()) is None


def test_the_outline_stands_around_text_and_on_tags_that_hold_it() -> None:
    html = (
        f"<html><head><title>{BEGIN}Cart{END}</title></head><body><p>{BEGIN}Cart{END} of <b>Ada</b></p>"
        f'<input placeholder="{BEGIN}Cart{END}"><p>{BEGIN}<b>Go</b> on{END}</p></body></html>'
    )
    app = Flask("shop")
    app.add_url_rule("/static/<filename>", "ui.static", lambda filename: "")
    with app.test_request_context():
        page = outlined(html)
    assert BEGIN not in page
    assert END not in page
    assert "<title>Cart</title>" in page
    assert '<p><mark class="outlined" data-outlined>Cart</mark> of <b>Ada</b></p>' in page
    assert '<input placeholder="Cart" data-outlined>' in page
    assert '<p><mark class="outlined" data-outlined><b>Go</b> on</mark></p>' in page


def test_pseudo_locales_keep_placeholders_and_tags() -> None:
    shown = pseudo.accented("Hello %(name)s, <b>buy</b> %% &amp; go")
    assert "%(name)s" in shown
    assert "<b>" in shown
    assert "%%" in shown
    assert "&amp;" in shown
    assert len(pseudo.accented("x" * 100)) >= 130
    assert "%(name)s" in pseudo.mirrored("Hello %(name)s")
