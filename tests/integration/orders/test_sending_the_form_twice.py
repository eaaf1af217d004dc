from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from storefront.orders.models import IdempotencyKey
from tests.shopping import DECLINED_CARD, Browser, Shop


@pytest.fixture
def browser(shop: Shop) -> Browser:
    browser = shop.browser()
    browser.add(shop.shelve(stock=50), 2)
    return browser


def test_the_same_key_and_form_get_the_same_answer(shop: Shop, browser: Browser) -> None:
    first, second = browser.pay(key="k-1"), browser.pay(key="k-1")
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(shop.orders()) == 1
    assert len(shop.gateway.captured()) == 1


def test_the_hidden_field_is_a_key_too(shop: Shop, browser: Browser) -> None:
    key = browser.hidden("/checkout", "idempotency_key")
    assert browser.pay(idempotency_key=key).status_code == 303
    assert browser.pay(idempotency_key=key).headers["Idempotent-Replayed"] == "true"
    assert len(shop.orders()) == 1


def test_the_same_key_with_another_form_is_refused(shop: Shop, browser: Browser) -> None:
    browser.pay(key="k-1")
    answer = browser.pay(key="k-1", name="Somebody Else")
    assert answer.status_code == 422
    assert "already sent" in answer.text
    assert len(shop.orders()) == 1


def test_a_key_longer_than_255_characters_is_refused(shop: Shop, browser: Browser) -> None:
    assert browser.pay(key="k" * 256).status_code == 422
    assert shop.orders() == []
    assert browser.pay(key="k" * 255).status_code == 303


def test_a_declined_card_is_answered_the_same_again_and_a_new_key_may_pay(
    shop: Shop, browser: Browser
) -> None:
    assert browser.pay(DECLINED_CARD, key="k-1").status_code == 402
    again = browser.pay(DECLINED_CARD, key="k-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (402, "true")
    assert len(shop.orders()) == 1
    assert browser.pay(key="k-2").status_code == 303


def test_our_own_failure_is_not_stored(shop: Shop, browser: Browser) -> None:
    shop.gateway.stop()
    assert browser.pay(key="k-1").status_code == 503
    shop.gateway.start()
    answer = browser.pay(key="k-1")
    assert answer.status_code == 303
    assert "Idempotent-Replayed" not in answer.headers


def test_a_key_is_one_visitors_own(shop: Shop, browser: Browser) -> None:
    browser.pay(key="k-1")
    other = shop.browser()
    other.add(shop.shelve())
    assert "Idempotent-Replayed" not in other.pay(key="k-1").headers
    assert len(shop.orders()) == 2


def test_after_24_hours_a_key_is_new(now: datetime, shop: Shop, browser: Browser) -> None:
    browser.pay(key="k-1")
    with shop.sessions.begin() as session:
        session.execute(sa.update(IdempotencyKey).values(created_at=now - timedelta(hours=24, seconds=60)))
    browser.add(shop.shelve())
    assert "Idempotent-Replayed" not in browser.pay(key="k-1").headers
    assert len(shop.orders()) == 2


def test_without_a_key_each_form_is_an_order(shop: Shop, browser: Browser) -> None:
    assert browser.pay().status_code == 303
    assert browser.pay().status_code == 409  # the cart is empty
    assert len(shop.orders()) == 1
