from __future__ import annotations

import pytest

from tests.shopping import Shop

NOT_A_QUANTITY = ["0", "-1", "1.5", "NaN", "1000000000", "١", str(2**31), ""]


def test_an_item_added_is_in_the_cart(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve(price_cents=2_500)
    answer = browser.add(kettle, 2)
    assert answer.status_code == 303
    page = browser.get("/cart").text
    assert "Kettle Ember" in page
    assert "€50.00" in page
    assert "€4.90" in page
    assert "€54.90" in page
