from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from storefront import db
from storefront.errors import Unavailable
from storefront.factory import create_app
from storefront.orders import buying
from tests.shopping import Browser, Shop


@pytest.fixture
def browser(shop: Shop) -> Browser:
    browser = shop.browser()
    browser.add(shop.shelve(stock=5), 2)
    return browser


def broken(*, invalidated: bool) -> Unavailable:
    cause = OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=invalidated)
    error = Unavailable("database")
    error.__cause__ = cause
    return error


class Breaking:
    """Transactions that break when they end, as often as the test says: before or after the commit."""

    def __init__(self, times: int, *, after_commit: bool, invalidated: bool = True) -> None:
        self.times, self.after_commit, self.invalidated = times, after_commit, invalidated

    @contextmanager
    def __call__(self, sessions: sessionmaker[Session]) -> Iterator[Session]:
        with db.transaction(sessions) as session:
            yield session
            if self.times and not self.after_commit:
                self.times -= 1
                raise broken(invalidated=self.invalidated)
        if self.times:
            self.times -= 1
            raise broken(invalidated=self.invalidated)


@pytest.mark.parametrize("after_commit", [True, False])
def test_a_connection_that_breaks_in_the_commit_makes_one_order_not_two_and_not_none(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch, after_commit: bool
) -> None:
    monkeypatch.setattr(buying, "transaction", Breaking(1, after_commit=after_commit))
    answer = browser.pay(key="k-1")
    assert answer.status_code == 303
    assert "Idempotent-Replayed" not in answer.headers
    [order] = shop.orders()
    assert order.status == "paid"
    assert shop.gateway.captured() == [order.total_cents]
    assert browser.cart_lines() == []


def test_a_database_that_is_too_slow_is_not_asked_twice(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking = Breaking(5, after_commit=False, invalidated=False)
    monkeypatch.setattr(buying, "transaction", breaking)
    answer = browser.pay()
    assert answer.status_code == 503
    assert breaking.times == 4
    assert "cart is safe" in answer.text
    assert answer.headers["Retry-After"]
    assert shop.orders() == []
    monkeypatch.undo()
    assert browser.pay().status_code == 303


def test_without_a_database_every_page_says_so_and_nothing_is_charged(shop: Shop, browser: Browser) -> None:
    nowhere = shop.config.shop_database_url.rpartition("@")[0] + "@127.0.0.1:9/shop"
    browser.client.application = create_app(replace(shop.config, shop_database_url=nowhere))
    browser.client.application.config["WTF_CSRF_ENABLED"] = False
    for answer in (browser.get("/cart"), browser.get("/checkout"), browser.pay(), browser.pay(name="")):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "cart is safe" in answer.text
    assert shop.gateway.captured() == []
    browser.client.application = shop.app
    assert len(browser.cart_lines()) == 1


def test_a_database_that_goes_away_after_the_order_leaves_the_order_standing(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise Unavailable("database")

    monkeypatch.setattr("storefront.orders.views.begin", gone)
    assert browser.pay().status_code == 303
    monkeypatch.undo()
    assert [order.status for order in shop.orders()] == ["paid"]


def test_without_redis_the_shop_sells(shop: Shop, browser: Browser) -> None:
    browser.client.application = create_app(replace(shop.config, redis_url="redis://127.0.0.1:9/0"))
    browser.client.application.config["WTF_CSRF_ENABLED"] = False
    assert browser.pay().status_code == 303
    assert [order.status for order in shop.orders()] == ["paid"]
