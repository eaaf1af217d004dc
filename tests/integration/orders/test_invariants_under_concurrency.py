"""What must hold whoever presses what at the same time: threads against a real app, Postgres and gateway.

stock is never negative · one idempotency key, one order · what is captured is what was priced · an order that
was acknowledged is never lost · of the last item one order, all others 409
"""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from werkzeug.test import TestResponse

from storefront.orders.models import Order
from storefront.orders.reconciling import reconcile
from storefront.payments.models import Payment
from storefront.payments.sandbox_client import SandboxGateway
from tests.shopping import DECLINED_CARD, GOOD_CARD, LATE_CARD, Browser, Shop

T = TypeVar("T")
SHOPPERS = 12


def all_at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Run the acts in threads that all begin in the same moment."""
    ready = threading.Barrier(len(acts))

    def act_when_ready(act: Callable[[], T]) -> T:
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act_when_ready, acts))


def press(browser: Browser, card: str = GOOD_CARD, key: str | None = None) -> TestResponse:
    """Place the order; where a busy machine says "in a moment" (nothing was placed), press again."""
    for _ in range(5):
        answer = browser.pay(card, key)
        if answer.status_code != 503:
            break
    return answer


def shoppers_with(shop: Shop, variant_id: int, quantity: int = 1, count: int = SHOPPERS) -> list[Browser]:
    browsers = [shop.browser() for _ in range(count)]
    for browser in browsers:
        assert browser.add(variant_id, quantity).status_code == 303
    return browsers


def statuses(shop: Shop) -> Counter[str]:
    return Counter(order.status for order in shop.orders())


def settle_all(shop: Shop) -> None:
    gateway = SandboxGateway(shop.gateway.url, shop.gateway.secret)
    with shop.app.app_context():
        for minutes in (1, 2, 3):
            later = timedelta(minutes=minutes)
            reconcile(shop.sessions, gateway, lambda later=later: datetime.now(UTC) + later)
    gateway.close()


def check_money(shop: Shop) -> None:
    """Every sum taken belongs to one order, and is that order's total."""
    with shop.sessions() as session:
        paid = session.execute(
            sa.select(Order.total_cents, Payment.amount_cents, Payment.key)
            .join(Payment, Payment.order_id == Order.id)
            .where(Order.paid_at.is_not(None))
        ).all()
    assert all(row.total_cents == row.amount_cents for row in paid)
    taken = shop.gateway.captured_by_key()
    assert taken == {row.key: row.total_cents for row in paid}


def test_of_the_last_item_there_is_one_order_and_all_others_are_told(shop: Shop) -> None:
    kettle = shop.shelve(stock=1)
    browsers = shoppers_with(shop, kettle)
    answers = all_at_once([lambda browser=browser: press(browser) for browser in browsers])
    assert Counter(answer.status_code for answer in answers) == {303: 1, 409: SHOPPERS - 1}
    assert shop.stock(kettle) == 0
    assert statuses(shop) == {"paid": 1}
    check_money(shop)


def test_stock_is_never_negative_and_never_lost(shop: Shop) -> None:
    kettle, stock = shop.shelve(stock=9), 9
    browsers = shoppers_with(shop, kettle, quantity=2)
    cards = [GOOD_CARD, DECLINED_CARD, GOOD_CARD] * (SHOPPERS // 3)
    answers = all_at_once(
        [
            lambda browser=browser, card=card: press(browser, card)
            for browser, card in zip(browsers, cards, strict=True)
        ]
    )
    assert {answer.status_code for answer in answers} <= {303, 402, 409}
    sold = 2 * statuses(shop)["paid"]
    assert shop.stock(kettle) == stock - sold >= 0
    check_money(shop)


def test_baskets_with_the_same_things_in_any_order_do_not_block_each_other(shop: Shop) -> None:
    things = [shop.shelve(stock=50, name=f"Thing {number}") for number in range(4)]
    browsers = [shop.browser() for _ in range(8)]
    for number, browser in enumerate(browsers):
        for thing in things if number % 2 else reversed(things):
            browser.add(thing)
    answers = all_at_once([lambda browser=browser: press(browser) for browser in browsers])
    assert [answer.status_code for answer in answers] == [303] * 8
    assert [shop.stock(thing) for thing in things] == [42] * 4


def test_one_key_is_one_order_however_often_it_is_pressed(shop: Shop) -> None:
    kettle = shop.shelve(stock=50)
    browser = shop.browser()
    browser.add(kettle, 2)
    windows = [shop.same_visitor(browser) for _ in range(SHOPPERS)]
    answers = all_at_once([lambda window=window: press(window, key="one-key") for window in windows])
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert statuses(shop) == {"paid": 1}
    assert shop.stock(kettle) == 48
    check_money(shop)


def test_one_cart_is_one_order_even_under_many_keys(shop: Shop) -> None:
    browser = shop.browser()
    browser.add(shop.shelve(stock=50), 2)
    windows = [shop.same_visitor(browser) for _ in range(SHOPPERS)]
    answers = all_at_once([lambda window=window: press(window) for window in windows])
    assert Counter(answer.status_code for answer in answers) == {303: 1, 409: SHOPPERS - 1}
    assert statuses(shop) == {"paid": 1}
    check_money(shop)


def test_what_is_put_into_the_cart_while_it_is_paid_is_not_charged_and_stays(shop: Shop) -> None:
    kettle, pan = shop.shelve(stock=50, price_cents=2_500), shop.shelve(stock=50, price_cents=9_900)
    for _ in range(4):
        browser = shop.browser()
        browser.add(kettle)
        window = shop.same_visitor(browser)
        paid, _added = all_at_once(
            [lambda browser=browser: press(browser), lambda window=window: window.add(pan)]
        )
        assert paid.status_code == 303
    for order in shop.orders():
        assert order.total_cents in (2_990, 12_400)
    left = shop.stock(pan)
    in_orders = sum(order.total_cents == 12_400 for order in shop.orders())
    assert left == 50 - in_orders
    check_money(shop)


def test_a_price_that_changes_while_it_is_paid_is_charged_as_it_was_priced(shop: Shop) -> None:
    from storefront.products.commands import set_price

    kettle = shop.shelve(stock=50, price_cents=2_500)
    browsers = shoppers_with(shop, kettle)

    def reprice() -> None:
        for price_cents in range(2_600, 3_600, 100):
            with shop.app.app_context(), shop.sessions.begin() as session:
                set_price(session, kettle, price_cents)

    all_at_once([*[lambda browser=browser: press(browser) for browser in browsers], reprice])
    assert len(shop.orders()) == SHOPPERS
    check_money(shop)


def test_no_acknowledged_order_is_lost_whatever_the_gateway_does(shop: Shop) -> None:
    kettle, dice = shop.shelve(stock=100), random.Random(7)
    browsers = shoppers_with(shop, kettle)
    cards = [dice.choice((GOOD_CARD, GOOD_CARD, LATE_CARD, DECLINED_CARD)) for _ in browsers]

    def unsettle() -> None:
        threading.Event().wait(0.15)
        shop.gateway.stop()
        threading.Event().wait(0.5)
        shop.gateway.start()

    acts = [
        lambda browser=browser, card=card: browser.pay(card)
        for browser, card in zip(browsers, cards, strict=True)
    ]
    answers = [answer for answer in all_at_once([*acts, unsettle]) if answer is not None]
    assert {answer.status_code for answer in answers} <= {303, 402, 503}
    settle_all(shop)
    acknowledged = [
        re.search(r"HL-\d+", answer.headers["Location"]) for answer in answers if answer.status_code == 303
    ]
    settled = {order.number: order.status for order in shop.orders()}
    assert all(found and settled[found[0]] in ("paid", "cancelled") for found in acknowledged)
    assert "pending" not in settled.values()
    assert shop.stock(kettle) == 100 - statuses(shop)["paid"]
    check_money(shop)


def test_two_reconcilers_settle_a_payment_once(shop: Shop) -> None:
    browsers = shoppers_with(shop, shop.shelve(stock=50), count=4)
    all_at_once([lambda browser=browser: browser.pay(LATE_CARD) for browser in browsers])
    all_at_once([lambda: settle_all(shop) for _ in range(3)])
    assert statuses(shop) == {"paid": 4}
    with shop.sessions() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM outbox WHERE kind = 'order.paid'")) == 4
    check_money(shop)
