from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from storefront import dead_letters, outbox
from storefront.payments.models import Payment
from storefront.worker import make_worker
from tests.shopping import DECLINED_CARD, GOOD_CARD, Shop, told

NOW = datetime.now(UTC)


@pytest.fixture
def command(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(dead_letters, "storefront_config", lambda: shop.config)
    return dead_letters.main


def dead_event(shop: Shop) -> str:
    with shop.sessions.begin() as session:
        event_id = outbox.add(session, "order.paid", {"order_id": 1}, NOW)
        outbox.failed(session, outbox.Event(event_id, "order.paid", {}, outbox.MOST_TRIES), "no luck", NOW)
    return str(event_id)


def test_dead_letters_are_listed_with_what_went_wrong(
    shop: Shop, command: object, capsys: pytest.CaptureFixture[str]
) -> None:
    event = dead_event(shop)
    assert dead_letters.main(["list"]) == 0
    said = capsys.readouterr().out
    assert event in said
    assert "no luck" in said


@pytest.mark.parametrize(("action", "left"), [("retry", 1), ("drop", 0)])
def test_one_is_retried_or_dropped_once(shop: Shop, command: object, action: str, left: int) -> None:
    event = dead_event(shop)
    assert dead_letters.main([action, event]) == 0
    assert dead_letters.main([action, event]) == 1
    with shop.sessions() as session:
        assert outbox.dead_letters(session) == []
        assert outbox.waiting(session).pending == left


def test_what_is_no_dead_letter_is_said(
    shop: Shop, command: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dead_letters.main(["drop", str(uuid4())]) == 1
    assert "is not a dead letter" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        dead_letters.main(["retry"])


def payment_of(session: Session) -> int:
    return session.query(Payment.id).order_by(Payment.id.desc()).limit(1).scalar()


@pytest.mark.parametrize(
    ("card", "kind", "state"),
    [(DECLINED_CARD, "payment.refund", "declined"), (GOOD_CARD, "payment.void", "refunded")],
)
def test_a_refund_that_is_refused_is_tried_again_and_a_void_that_came_too_late_refunds(
    shop: Shop, card: str, kind: str, state: str
) -> None:
    browser = shop.browser()
    browser.add(shop.shelve())
    browser.pay(card)
    with shop.sessions.begin() as session:
        payload = {"payment_id": payment_of(session), "order_id": shop.orders()[0].id}
        event_id = outbox.add(session, kind, payload, NOW)
    refunds = told("shop_payments_total", outcome="refunded")
    worker = make_worker(shop.config)
    worker.consume(str(event_id))
    worker.consume(str(event_id))
    assert shop.gateway.states() == [state]
    assert told("shop_payments_total", outcome="refunded") == refunds
    with shop.sessions() as session:
        waits = {event.event_id: event.error for event in session.query(outbox.OutboxEvent)}
        assert waits[event_id].startswith("NoAnswer" if kind == "payment.refund" else "")
