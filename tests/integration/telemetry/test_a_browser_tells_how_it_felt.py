"""The web vitals' beacon, as the browser sends it."""

from __future__ import annotations

import pytest

from tests.shopping import Shop, told

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 15; Mobile) Chrome/140.0 Mobile Safari/537.36"}


def test_three_numbers_of_a_phone_are_kept_apart_from_those_of_desktops(shop: Shop) -> None:
    shop.app.config["WTF_CSRF_ENABLED"] = True  # a beacon has no token
    before = _counts("mobile"), _counts("desktop")

    answer = shop.app.test_client().post("/vitals", json={"lcp": 2.1, "inp": 0.12, "cls": 0.3}, headers=PHONE)

    assert answer.status_code == 204
    assert [now - then for now, then in zip(_counts("mobile"), before[0], strict=True)] == [1, 1, 1]
    assert _counts("desktop") == before[1]
    assert told("shop_web_vitals_lcp_seconds_bucket", device="mobile", le="2.0") < _counts("mobile")[0]


def test_a_number_that_the_browser_did_not_know_counts_nowhere(shop: Shop) -> None:
    before = _counts("mobile")

    shop.app.test_client().post("/vitals", json={"lcp": 1.0, "inp": None, "cls": 0.0}, headers=PHONE)

    assert [now - then for now, then in zip(_counts("mobile"), before, strict=True)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"lcp": 1}', "text/plain"),
        (b'{"lcp": -1}', "application/json"),
        (b'{"lcp": 1, "x": "' + b"y" * 300 + b'"}', "application/json"),
        (b"lcp=1", "application/x-www-form-urlencoded"),
        (b"", "application/json"),
    ],
)
def test_nonsense_is_refused_and_not_counted(shop: Shop, body: bytes, content_type: str) -> None:
    before = _counts("desktop")

    answer = shop.app.test_client().post("/vitals", data=body, content_type=content_type)

    assert answer.status_code == 400
    assert _counts("desktop") == before


def test_each_page_brings_the_script_and_its_address(shop: Shop) -> None:
    assert 'data-vitals="/vitals"' in shop.browser("de").get("/").text


def _counts(device: str) -> list[float]:
    names = ("lcp_seconds", "inp_seconds", "cls")
    return [told(f"shop_web_vitals_{name}_count", device=device) for name in names]
