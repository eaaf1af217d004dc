"""From a page to a row in the month's partition, and what happens when the database is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from storefront import db, flags, usage
from storefront.shopper import Shopper
from storefront.usage import UsageEvent, Writer
from tests.shopping import Shop, told

SHOPPER = Shopper("visitor", "session", None, "ar", "AE", "tablet")
NOWHERE = "postgresql+psycopg://shop:shop@127.0.0.1:9/shop"


@pytest.fixture
def events(shop_sessions: sessionmaker[Session]) -> Any:
    def read() -> list[UsageEvent]:
        with shop_sessions() as session:
            return list(session.scalars(sa.select(UsageEvent).order_by(UsageEvent.at)))

    return read


@pytest.fixture
def writer(shop_sessions: sessionmaker[Session]) -> Iterator[Writer]:
    writer = Writer(shop_sessions, every_seconds=0.02)
    yield writer
    writer.stop()


def _event(at: datetime | None = None) -> dict[str, Any]:
    return usage._event("search", SHOPPER, {"query": "kettel"}, at or datetime.now(UTC))


def test_a_visit_to_the_shop_becomes_rows_that_name_who_where_and_what(shop: Shop, events: Any) -> None:
    flags.fix({"new-checkout": 50})
    variant = shop.shelve()
    browser = shop.browser("de", **{"User-Agent": "Mozilla/5.0 (iPhone) Mobile"})

    browser.get("/")
    browser.get("/products/kettle-ember-1")
    browser.add(variant)
    browser.get("/checkout")
    browser.pay()
    shop.app.extensions["usage"].stop()
    flags.stop()

    rows = events()
    assert [row.kind for row in rows] == [
        "page_view", "product_view", "cart_add", "checkout_start", "order_complete",
    ]  # fmt: skip
    assert len({row.session_id for row in rows}) == len({row.visitor_id for row in rows}) == 1
    assert {(row.locale, row.country, row.device, row.is_demo) for row in rows} == {
        ("de", "DE", "mobile", False)
    }
    assert rows[1].path == "/de/products/kettle-ember-1"
    assert rows[4].flags.keys() == {"new-checkout"}
    assert rows[0].flags == {}


def test_a_kind_that_nobody_knows_is_a_mistake_in_the_code(shop: Shop) -> None:
    with shop.app.app_context(), pytest.raises(ValueError, match="unknown kind"):
        usage.record("page_vew", SHOPPER)


def test_events_are_written_while_the_shop_runs(writer: Writer, events: Any) -> None:
    for _ in range(3):
        writer.put(_event())

    assert _until(lambda: len(events()) == 3)


def test_the_last_events_are_written_at_the_stop(shop_sessions: sessionmaker[Session], events: Any) -> None:
    writer = Writer(shop_sessions, every_seconds=600)
    for _ in range(1200):  # more than two batches
        writer.put(_event())

    writer.stop()

    assert len(events()) == 1200


def test_a_stopped_writer_starts_again_with_the_next_event(writer: Writer, events: Any) -> None:
    writer.put(_event())
    writer.stop()
    writer.put(_event())
    writer.stop()
    writer.stop()

    assert len(events()) == 2


def test_a_batch_that_was_written_before_is_not_written_twice(writer: Writer, events: Any) -> None:
    event = _event()

    assert writer._write([event])
    assert writer._write([event, _event()])

    assert len(events()) == 2


def test_a_full_queue_drops_what_comes_next_and_counts_it(shop_sessions: sessionmaker[Session]) -> None:
    before = told("shop_usage_events_dropped_total")
    writer = Writer(shop_sessions, capacity=5, every_seconds=600)

    for _ in range(8):
        writer.put(_event())

    assert told("shop_usage_events_dropped_total") == before + 3
    writer.stop()


def test_while_the_database_is_away_events_wait_and_nobody_else_does(
    shop_sessions: sessionmaker[Session], events: Any
) -> None:
    writer = Writer(db.connect(NOWHERE), every_seconds=0.02)
    began = time.monotonic()
    for _ in range(700):
        writer.put(_event())
    assert time.monotonic() - began < 1
    assert _until(lambda: writer._is_away)
    assert events() == []

    writer.sessions = shop_sessions  # it is back

    assert _until(lambda: len(events()) == 700)
    writer.stop()


def test_what_cannot_be_written_before_the_stop_is_counted() -> None:
    before = told("shop_usage_events_dropped_total")
    writer = Writer(db.connect(NOWHERE), every_seconds=600)
    for _ in range(4):
        writer.put(_event())

    writer.stop()

    assert told("shop_usage_events_dropped_total") == before + 4


def test_a_month_without_a_partition_gets_one(writer: Writer, events: Any) -> None:
    long_ago = datetime(2031, 5, 31, 23, 59, 59, tzinfo=UTC)

    assert writer._write([_event(long_ago), _event(long_ago + timedelta(seconds=2)), _event()])

    assert {event.at.month for event in events()} >= {5, 6}


@pytest.mark.parametrize("broken", [{"session_id": None}, {"detail": {"query": "a\0b"}}, {"path": "\0"}])
def test_an_event_that_no_table_can_hold_is_dropped_and_the_others_are_kept(
    writer: Writer, events: Any, broken: dict[str, Any]
) -> None:
    before = told("shop_usage_events_dropped_total")

    assert writer._write([_event(), {**_event(), **broken}, _event(), _event(), _event()])

    assert len(events()) == 4
    assert told("shop_usage_events_dropped_total") == before + 1


def test_next_months_are_made_ahead_and_only_once(shop_session: Session) -> None:
    for _ in range(2):
        usage.make_partitions(shop_session, date(2032, 11, 30))
    shop_session.commit()

    made = shop_session.scalars(
        sa.text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'usage_events'::regclass")
    )
    assert {"usage_events_y2032m11", "usage_events_y2032m12", "usage_events_y2033m01"} <= set(made)


def test_a_month_is_a_month_of_utc(shop_session: Session) -> None:
    shop_session.execute(sa.text("SET timezone = 'Asia/Riyadh'"))
    shop_session.execute(sa.text("SELECT make_usage_partition('2034-02-10')"))
    bounds = shop_session.execute(
        sa.text("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'usage_events_y2034m02'")
    ).scalar_one()
    shop_session.rollback()

    assert bounds == "FOR VALUES FROM ('2034-02-01 03:00:00+03') TO ('2034-03-01 03:00:00+03')"


def _until(true: Any, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
