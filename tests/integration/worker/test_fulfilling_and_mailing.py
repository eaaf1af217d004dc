from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import httpx
import pytest
import sqlalchemy as sa

from storefront import flags, outbox
from storefront.outbox import OutboxEvent
from storefront.worker import Worker, make_worker, serve
from tests.shopping import LATE_AUTHORISATION, LATE_CARD, Shop, told


def eventually(holds: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.05)


@pytest.fixture
def worker(shop: Shop) -> Iterator[Worker]:
    """A worker that runs: relay, consumers, reconciler and gauges in threads."""
    worker = make_worker(shop.config)
    worker.start()
    yield worker
    worker.stop()
    worker.means.sessions.kw["bind"].dispose()


def buy(shop: Shop, locale: str = "en", card: str = "4242424242424242") -> int:
    browser = shop.browser(locale)
    browser.add(shop.shelve(), 2)
    browser.pay(card)
    return shop.orders()[-1].id


def status_of(shop: Shop, order_id: int) -> str:
    return next(order.status for order in shop.orders() if order.id == order_id)


def mails(shop: Shop) -> list[EmailMessage]:
    folder = shop.config.mail_dir
    found = [path.read_bytes() for path in sorted(folder.glob("*.eml"))] if folder.exists() else []
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in found]


def events(shop: Shop) -> list[OutboxEvent]:
    with shop.sessions() as session:
        return list(session.scalars(sa.select(OutboxEvent).order_by(OutboxEvent.id)))


def test_a_paid_order_is_confirmed_and_one_mail_says_so(shop: Shop, worker: Worker) -> None:
    order_id = buy(shop)
    eventually(lambda: len(mails(shop)) == 1)
    [order] = shop.orders()
    assert order.status == "confirmed"
    assert order.confirmed_at is not None
    [mail] = mails(shop)
    assert mail["To"] == "ada@example.org"
    assert order.number in mail["Subject"]
    text = mail.get_body(("plain",))
    assert text is not None
    for said in ("Kettle Ember", "€54.90", f"/en/orders/{order.number}?key={order.key}", "Herdweg 1"):
        assert said in text.get_content()
    assert status_of(shop, order_id) == "confirmed"
    eventually(lambda: all(event.handled_at for event in events(shop)))
    assert [event.tries for event in events(shop)] == [1, 1]


@pytest.mark.parametrize(("locale", "direction"), [("de", "ltr"), ("ar", "rtl")])
def test_the_mail_is_in_the_shoppers_language(
    shop: Shop, worker: Worker, locale: str, direction: str
) -> None:
    buy(shop, locale)
    eventually(lambda: len(mails(shop)) == 1)
    [mail] = mails(shop)
    html = mail.get_body(("html",))
    assert html is not None
    assert f'<html lang="{locale}" dir="{direction}">' in html.get_content()
    assert mail["Content-Language"] == locale


def test_a_charge_without_an_answer_is_settled_confirmed_and_mailed(shop: Shop, worker: Worker) -> None:
    captured = told("shop_payments_total", outcome="captured")
    order_id = buy(shop, card=LATE_CARD)
    eventually(lambda: status_of(shop, order_id) == "confirmed")
    eventually(lambda: len(mails(shop)) == 1)
    assert shop.gateway.captured() == [5_490]
    assert told("shop_payments_total", outcome="captured") == captured + 1


def test_a_sum_that_may_still_be_held_is_given_free(shop: Shop, worker: Worker) -> None:
    buy(shop, card=LATE_AUTHORISATION)
    eventually(lambda: shop.gateway.states() == ["voided"])


def test_a_capture_for_an_order_that_was_given_up_is_paid_back_and_told(shop: Shop, worker: Worker) -> None:
    order_id = buy(shop)
    eventually(lambda: status_of(shop, order_id) == "confirmed")
    with shop.sessions.begin() as session:
        session.execute(sa.text("UPDATE orders SET status = 'cancelled'"))
        payment_id = session.scalar(sa.text("SELECT id FROM payments"))
        payload = {"payment_id": payment_id, "order_id": order_id}
        outbox.add(session, "payment.refund", payload, datetime.now(UTC))
    eventually(lambda: status_of(shop, order_id) == "refunded")
    assert shop.gateway.states() == ["refunded"]
    eventually(lambda: len(mails(shop)) == 2)
    assert shop.orders()[0].refunded_cents == 5_490


def test_a_flood_of_duplicates_has_no_effect_but_depth(shop: Shop, worker: Worker) -> None:
    flags.fix({"fault-queue-flood": 100})
    try:
        order_id = buy(shop)
        eventually(lambda: status_of(shop, order_id) == "confirmed")
        eventually(lambda: len(mails(shop)) == 1)
    finally:
        flags.stop()
    eventually(lambda: all(event.handled_at for event in events(shop)))
    assert len(events(shop)) == 2
    assert len(mails(shop)) == 1


def test_what_waits_and_what_died_is_told(shop: Shop) -> None:
    worker = make_worker(shop.config)
    buy(shop)
    worker.gauges()
    assert told("shop_outbox_pending") == 1
    assert told("shop_dead_letters") == 0
    with shop.sessions.begin() as session:
        session.execute(sa.update(OutboxEvent).values(dead_at=sa.func.now()))
    worker.gauges()
    assert told("shop_outbox_pending") == 0
    assert told("shop_outbox_oldest_age_seconds") == 0
    assert told("shop_dead_letters") == 1


def test_the_queues_depth_is_told(shop: Shop) -> None:
    worker = make_worker(shop.config)
    from storefront import queues

    queues.declare(worker.broker, worker.consume)
    buy(shop)
    assert worker.relay() == 1
    assert worker.relay() == 0
    worker.gauges()
    assert told("shop_queue_depth", queue="fulfilment") == 1
    assert told("shop_queue_depth", queue="mail") == 0


def test_a_queue_that_lost_everything_loses_no_order(shop: Shop) -> None:
    lost = make_worker(shop.config)
    from storefront import queues

    queues.declare(lost.broker, lost.consume)
    order_id = buy(shop)
    lost.relay()
    lost.broker.flush_all()
    with shop.sessions.begin() as session:  # the lease has run out
        session.execute(sa.update(OutboxEvent).values(next_try_at=sa.func.now()))
    worker = make_worker(shop.config)
    worker.start()
    try:
        eventually(lambda: status_of(shop, order_id) == "confirmed")
    finally:
        worker.stop()


def test_an_event_that_fails_five_times_is_a_dead_letter_until_it_is_retried(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "WAIT_SECONDS", (0.05, 0.05, 0.05, 0.05))
    blocked = shop.config.mail_dir
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file where the folder should be")
    failed = told("shop_mails_total", outcome="failed")
    worker = make_worker(shop.config)
    worker.start()
    try:
        order_id = buy(shop)
        eventually(lambda: any(event.dead_at for event in events(shop)))
        assert status_of(shop, order_id) == "confirmed"
        with shop.sessions() as session:
            [dead] = outbox.dead_letters(session)
        assert (dead.kind, dead.tries) == ("order.confirmed", 5)
        assert "FileExistsError" in dead.error or "NotADirectoryError" in dead.error
        assert told("shop_mails_total", outcome="failed") == failed + 5
        blocked.unlink()
        with shop.sessions.begin() as session:
            assert outbox.retry(session, dead.event_id, datetime.now(UTC))
            assert not outbox.retry(session, dead.event_id, datetime.now(UTC))
        eventually(lambda: len(mails(shop)) == 1)
    finally:
        worker.stop()


def test_housekeeping_takes_old_keys_and_old_events_away(shop: Shop) -> None:
    buy(shop)
    worker = make_worker(shop.config)
    worker.housekeeping()
    with shop.sessions.begin() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM idempotency_keys")) == 1
        session.execute(sa.text("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'"))
        session.execute(sa.text("UPDATE outbox SET handled_at = now() - interval '8 days'"))
    worker.housekeeping()
    with shop.sessions() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM idempotency_keys")) == 0
    assert events(shop) == []
    assert len(shop.orders()) == 1


def test_a_loop_that_fails_begins_again(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    worker = make_worker(replace(shop.config, broker_url="redis://127.0.0.1:9/0"))
    rounds = []

    def relay() -> None:
        rounds.append(1)
        if len(rounds) < 4:
            raise ConnectionError("no queue")
        worker.stopping.set()

    worker._again_and_again(0.01, relay)
    assert len(rounds) == 4
    assert caplog.text.count("relay does not work for now") == 1


def test_metrics_and_health_are_served(shop: Shop, worker: Worker) -> None:
    server = serve(worker, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        eventually(lambda: "shop_queue_depth" in httpx.get(f"{base}/metrics").text)
        assert httpx.get(f"{base}/healthz").json() == {"status": "alive"}
        assert httpx.get(f"{base}/nothing").status_code == 404
        worker.rounds["relay"] = -1_000_000.0
        worker.stopping.set()
        time.sleep(0.4)
        worker.rounds["relay"] = -1_000_000.0
        assert httpx.get(f"{base}/healthz").status_code == 503
    finally:
        server.shutdown()
        server.server_close()
