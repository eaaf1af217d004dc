from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront import flags
from storefront.orders.models import Order
from storefront.orders.reconciling import reconcile
from storefront.orders.settling import settle
from storefront.outbox import OutboxEvent
from storefront.payments.charging import Charge, Outcome
from storefront.payments.models import Payment
from storefront.payments.sandbox_client import SandboxGateway
from tests.shopping import GOOD_CARD, LATE_AUTHORISATION, LATE_CARD, Browser, Shop, told


@pytest.fixture
def kettle(shop: Shop) -> int:
    return shop.shelve(stock=5)


@pytest.fixture
def browser(shop: Shop, kettle: int) -> Browser:
    browser = shop.browser()
    browser.add(kettle, 2)
    return browser


def look_again(shop: Shop, after: timedelta = timedelta(seconds=2)) -> list[tuple[Charge, object]]:
    """One round of the reconciler, as if `after` had passed."""
    gateway = SandboxGateway(shop.gateway.url, shop.gateway.secret)
    with shop.app.app_context():
        news = reconcile(shop.sessions, gateway, lambda: datetime.now(UTC) + after)
    gateway.close()
    return [(charge, settled) for charge, settled in news]


def kinds_of_events(session: Session) -> list[str]:
    return list(session.scalars(sa.select(OutboxEvent.kind).order_by(OutboxEvent.id)))


def test_an_unreachable_gateway_charges_nothing_and_keeps_the_cart(
    shop: Shop, browser: Browser, kettle: int
) -> None:
    shop.gateway.stop()
    before = told("shop_payments_total", outcome="error")
    answer = browser.pay()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Nothing was charged and your cart is safe" in answer.text
    assert shop.stock(kettle) == 5
    assert len(browser.cart_lines()) == 1
    assert [order.status for order in shop.orders()] == ["cancelled"]
    assert told("shop_payments_total", outcome="error") == before + 1


def test_charged_without_an_answer_is_being_confirmed_then_paid_once(
    shop: Shop, browser: Browser, kettle: int
) -> None:
    began = time.monotonic()
    answer = browser.pay(LATE_CARD)
    assert time.monotonic() - began < shop.gateway.late_seconds - 1
    assert answer.status_code == 303
    page = browser.client.get(answer.headers["Location"]).text
    assert "being confirmed" in page
    assert "not be charged twice" in page
    assert "data-poll=" in page
    assert browser.cart_lines() == []
    [(charge, _)] = look_again(shop)
    assert charge.outcome is Outcome.CAPTURED
    assert look_again(shop) == []
    [order] = shop.orders()
    assert order.status == "paid"
    assert shop.gateway.captured() == [order.total_cents]
    assert "Thank you" in browser.client.get(answer.headers["Location"]).text
    assert shop.stock(kettle) == 3


def test_the_form_sent_again_meanwhile_leads_to_the_same_order(shop: Shop, browser: Browser) -> None:
    first = browser.pay(LATE_CARD, key="k-1")
    again = browser.pay(LATE_CARD, key="k-1")
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(shop.gateway.captured()) == 1


def test_an_authorisation_without_an_answer_took_nothing_and_is_given_free(
    shop: Shop, browser: Browser, kettle: int
) -> None:
    assert browser.pay(LATE_AUTHORISATION).status_code == 503
    assert shop.gateway.captured() == []
    assert shop.stock(kettle) == 5
    with shop.sessions() as session:
        assert kinds_of_events(session) == ["payment.void"]


def test_an_order_whose_process_died_before_it_asked_the_gateway_is_given_up(
    shop: Shop, browser: Browser, kettle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("storefront.orders.buying.charge", killed)
    with pytest.raises(KeyboardInterrupt):
        browser.pay(key="k-1")
    assert shop.stock(kettle) == 3
    assert look_again(shop, timedelta(seconds=20)) == []
    [(charge, _)] = look_again(shop, timedelta(seconds=40))
    assert charge.outcome is Outcome.ERROR
    assert [order.status for order in shop.orders()] == ["cancelled"]
    assert shop.stock(kettle) == 5
    assert len(browser.cart_lines()) == 1
    assert shop.gateway.states() == ["voided"]


def test_an_order_whose_process_died_after_the_authorisation_is_captured_later(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SandboxGateway, "capture", killed)
    with pytest.raises(KeyboardInterrupt):
        browser.pay()
    monkeypatch.undo()
    look_again(shop, timedelta(seconds=20))
    [order] = shop.orders()
    assert order.status == "paid"
    assert shop.gateway.captured() == [order.total_cents]
    assert browser.cart_lines() == []


def test_a_database_that_goes_away_after_the_capture_leaves_the_order_pending_not_failed(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storefront.errors import Unavailable

    def gone(*_: object, **__: object) -> None:
        raise Unavailable("database")

    monkeypatch.setattr("storefront.orders.buying.settle", gone)
    answer = browser.pay()
    assert answer.status_code == 303
    assert "being confirmed" in browser.client.get(answer.headers["Location"]).text
    monkeypatch.undo()
    look_again(shop, timedelta(seconds=20))
    assert [order.status for order in shop.orders()] == ["paid"]


def test_a_payment_that_comes_to_nothing_after_all_puts_everything_back(
    shop: Shop, browser: Browser, kettle: int
) -> None:
    browser.pay(LATE_CARD)
    assert browser.cart_lines() == []
    shop.gateway.forget_captures()
    look_again(shop)
    [order] = shop.orders()
    assert order.status == "cancelled"
    assert shop.stock(kettle) == 5
    assert [quantity for _, quantity in browser.cart_lines()] == [2]
    with shop.sessions() as session:
        assert kinds_of_events(session) == ["order.cancelled"]
    page = browser.get(f"/orders/{order.number}?key={order.key}").text
    assert "not charged" in page
    assert "data-poll=" not in page


def test_a_capture_for_an_order_that_was_given_up_is_paid_back(shop: Shop, browser: Browser) -> None:
    browser.pay(LATE_CARD)
    with shop.sessions.begin() as session:
        session.execute(sa.update(Order).values(status="cancelled"))
    look_again(shop)
    with shop.sessions() as session:
        assert kinds_of_events(session) == ["payment.refund"]


def test_a_payment_that_the_gateway_has_refunded_by_itself_is_shown_as_such(
    shop: Shop, browser: Browser
) -> None:
    browser.pay(LATE_CARD)
    shop.gateway.refund_all()
    look_again(shop)
    [order] = shop.orders()
    assert (order.status, order.refunded_cents) == ("refunded", order.total_cents)


def test_an_outcome_is_settled_once_whoever_brings_it(shop: Shop, browser: Browser) -> None:
    browser.pay()
    [order] = shop.orders()
    with shop.sessions.begin() as session:
        payment_id = session.scalars(sa.select(Payment.id)).one()
        settled = settle(session, order.id, payment_id, Charge(Outcome.DECLINED), datetime.now(UTC))
    assert (settled.is_news, settled.status) == (False, "paid")
    assert [order.status for order in shop.orders()] == ["paid"]


def test_one_payment_in_trouble_does_not_stop_the_others(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = shop.browser()
    other.add(shop.shelve())
    shop.gateway.late_seconds = 0.1
    monkeypatch.setattr("storefront.payments.sandbox_client.ANSWER_SECONDS", 0.05)
    for each in (browser, other):
        each.pay(LATE_CARD)
    with shop.sessions.begin() as session:
        session.execute(sa.update(Payment).values(outcome="timeout", next_check_at=sa.func.now()))
        session.execute(sa.update(Order).values(status="pending", paid_at=None))
    first, _ = shop.orders()
    rightly = settle

    def troubled(session: Session, order_id: int, *rest: object, **more: object) -> object:
        if order_id == first.id:
            raise RuntimeError("a row that cannot be")
        return rightly(session, order_id, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("storefront.orders.reconciling.settle", troubled)
    assert len(look_again(shop)) == 1


@pytest.fixture
def faulty() -> object:
    yield flags.fix
    flags.stop()


def test_the_flag_for_an_unreachable_gateway_makes_it_so(
    shop: Shop, browser: Browser, faulty: object
) -> None:
    flags.fix({"fault-payment-unreachable": 100})
    assert browser.pay().status_code == 503
    assert shop.gateway.states() == []
    flags.fix({"fault-payment-unreachable": 0})
    assert browser.pay().status_code == 303


def test_the_flag_for_lost_answers_counts_errors(shop: Shop, browser: Browser, faulty: object) -> None:
    before = told("shop_payments_total", outcome="error")
    flags.fix({"fault-payment-errors": 100})
    assert browser.pay().status_code == 503
    assert told("shop_payments_total", outcome="error") == before + 1
    flags.fix({"fault-payment-errors": 0})
    assert browser.pay(GOOD_CARD).status_code == 303


def test_the_flag_for_carts_that_stay_full_leaves_them_and_no_error(
    shop: Shop, browser: Browser, faulty: object
) -> None:
    emptied = told("shop_carts_emptied_total")
    flags.fix({"fault-cart-not-emptied": 100})
    assert browser.pay().status_code == 303
    assert len(browser.cart_lines()) == 1
    assert told("shop_carts_emptied_total") == emptied
    flags.fix({"fault-cart-not-emptied": 0})
    browser.add(shop.shelve())
    assert browser.pay().status_code == 303
    assert browser.cart_lines() == []
    assert told("shop_carts_emptied_total") == emptied + 1


def test_the_flag_for_the_new_checkout_shows_the_express_layout(
    shop: Shop, browser: Browser, faulty: object
) -> None:
    assert "one-column" not in browser.get("/checkout").text
    flags.fix({"new-checkout": 100})
    page = browser.get("/checkout").text
    assert "one-column" in page
    assert page.index('id="summary"') < page.index('id="email"')
    assert browser.pay().status_code == 303


def test_the_flag_that_breaks_the_new_checkout_hurts_only_those_who_have_it(
    shop: Shop, browser: Browser, faulty: object
) -> None:
    flags.fix({"fault-new-checkout": 100})
    assert [browser.pay(name="").status_code for _ in range(4)] == [422] * 4
    flags.fix({"fault-new-checkout": 100, "new-checkout": 100})
    assert sorted(browser.pay(name="").status_code for _ in range(4)) == [422, 422, 500, 500]
