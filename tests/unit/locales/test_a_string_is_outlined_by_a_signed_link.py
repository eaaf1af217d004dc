"""Signed links: what they grant, that nobody can make one up, and where the outline may stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.locales.catalog import message_key as key_of
from app.locales.releases import outlining
from storefront import impressions, outline, pseudo
from storefront.outline import BEGIN, END, outlined, read

SECRET = "a-secret-of-both-services"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = NOW + timedelta(hours=1)
KEY = key_of("", "Cart")


def test_both_services_name_messages_and_sign_links_alike() -> None:
    assert impressions.message_key("Cart") == KEY
    assert impressions.message_key("verb\x04Cart") == key_of("verb", "Cart")
    assert tuple(pseudo.LOCALES) == outlining.PSEUDO_LOCALES
    assert outlining.PREVIEW == outline.PREVIEW
    found = read(outlining.token(SECRET, "pt-BR", KEY, HOUR), SECRET, NOW.timestamp())
    assert found is not None
    assert (found.locale, found.key) == ("pt-BR", KEY)
    candidate = read(outlining.token(SECRET, "de", outlining.of_release(7), HOUR), SECRET, NOW.timestamp())
    assert candidate is not None
    assert (candidate.what, candidate.key) == ("release:7", "")


@pytest.mark.parametrize("token", ["", ".", "a.b", "ä.ä", "=" * 9, "x" * 5_000, "ZGV8eHwx.\udcff"])
def test_rubbish_is_no_link(token: str) -> None:
    assert read(token, SECRET, 0) is None


def test_a_link_ends_and_nobody_can_change_or_make_one() -> None:
    token = outlining.token(SECRET, "de", KEY, HOUR)
    assert read(token, SECRET, HOUR.timestamp() + 1) is None
    assert read(token, "another-secret-altogether", NOW.timestamp()) is None
    other = outlining.token("another-secret-altogether", "fr", KEY, HOUR)
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
