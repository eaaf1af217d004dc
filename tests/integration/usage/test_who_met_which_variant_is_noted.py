"""From a page that asks for a flag to one row a shopper, variant and day."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from storefront import db, exposures, flags
from storefront.exposures import Exposure, Writer
from storefront.shopper import Shopper
from tests.shopping import Shop, told

SHOPPER = Shopper("visitor", "session", None, "ar", "AE", "tablet")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NOWHERE = "postgresql+psycopg://shop:shop@127.0.0.1:9/shop"


@pytest.fixture
def rows(shop_sessions: sessionmaker[Session]) -> Any:
    def read() -> list[Exposure]:
        with shop_sessions() as session:
            return list(session.scalars(sa.select(Exposure).order_by(Exposure.first_at)))

    return read


@pytest.fixture
def writer(shop_sessions: sessionmaker[Session]) -> Iterator[Writer]:
    writer = Writer(shop_sessions, every_seconds=0.02)
    yield writer
    writer.stop()


def note(writer: Writer, at: datetime = NOON, variant: str = "on", failed: bool = False) -> None:
    writer.note("new-checkout", variant, SHOPPER, at, 0.25, failed=failed)


def test_a_shopper_who_meets_a_flag_on_several_pages_is_one_row(shop: Shop, rows: Any) -> None:
    flags.fix({"new-checkout": 50})
    variant = shop.shelve()
    browser = shop.browser("de", **{"User-Agent": "Mozilla/5.0 (iPhone) Mobile"})
    before = datetime.now(UTC)

    browser.get("/")
    browser.add(variant)
    browser.get("/checkout")
    browser.get("/checkout")
    browser.pay()
    shop.app.extensions["exposures"].stop()
    flags.stop()

    (row,) = rows()
    assert (row.flag, row.day, row.is_demo) == ("new-checkout", row.first_at.date(), False)
    assert row.variant in ("on", "off")
    assert (row.locale, row.device) == ("de", "mobile")
    assert row.pages >= 3
    assert row.failed_pages == 0
    assert 0 < row.seconds < 60
    assert before <= row.first_at


def test_an_order_on_the_page_of_the_first_meeting_lies_after_it(
    shop: Shop, shop_sessions, rows: Any
) -> None:
    """The moment is that of the page's begin, so what the page itself does counts."""
    flags.fix({"new-checkout": 50})
    browser = shop.browser()
    browser.add(shop.shelve())
    browser.get("/checkout")
    browser.pay()
    shop.app.extensions["exposures"].stop()
    flags.stop()
    with shop_sessions() as session:
        placed_at = session.scalar(sa.text("SELECT placed_at FROM orders"))
    assert rows()[0].first_at < placed_at


def test_a_flag_that_everybody_gets_makes_no_row(shop: Shop, rows: Any) -> None:
    flags.fix({"new-checkout": 100})
    browser = shop.browser()
    browser.add(shop.shelve())
    browser.get("/checkout")
    shop.app.extensions["exposures"].stop()
    flags.stop()
    assert rows() == []


def test_pages_add_up_over_writes_and_the_earliest_moment_stays(writer: Writer, rows: Any) -> None:
    note(writer, NOON)
    writer.stop()
    note(writer, NOON - timedelta(hours=1), failed=True)
    note(writer, NOON + timedelta(hours=1))
    writer.stop()
    (row,) = rows()
    assert (row.first_at, row.pages, row.failed_pages, row.seconds) == (NOON - timedelta(hours=1), 3, 1, 0.75)


def test_another_variant_and_another_day_are_rows_of_their_own(writer: Writer, rows: Any) -> None:
    note(writer)
    note(writer, variant="off")
    note(writer, NOON + timedelta(days=1))
    writer.stop()
    assert [(row.variant, row.day.day) for row in rows()] == [("on", 4), ("off", 4), ("on", 5)] or [
        (row.variant, row.day.day) for row in rows()
    ] == [("off", 4), ("on", 4), ("on", 5)]


def test_sums_wait_while_the_database_is_away(writer: Writer, rows: Any) -> None:
    there, writer.sessions = writer.sessions, db.connect(NOWHERE)
    note(writer)
    for _ in range(100):
        if writer._is_away:
            break
        time.sleep(0.05)
    assert writer._is_away
    note(writer, NOON + timedelta(minutes=1))
    writer.sessions = there
    writer.stop()
    (row,) = rows()
    assert (row.first_at, row.pages) == (NOON, 2)


def test_memory_is_bounded_and_what_is_dropped_is_counted(shop_sessions: sessionmaker[Session]) -> None:
    writer = Writer(shop_sessions, capacity=1, every_seconds=60)
    before = told("shop_exposures_dropped_total")
    note(writer)
    note(writer)  # the same key has its place
    note(writer, variant="off")
    assert told("shop_exposures_dropped_total") == before + 1
    writer.stop()


def test_one_shopper_that_no_table_can_hold_does_not_keep_the_others_back(writer: Writer, rows: Any) -> None:
    before = told("shop_exposures_dropped_total")
    writer.every_seconds = 60  # all in one batch
    writer.note("new-checkout\x00", "on", SHOPPER, NOON, 0.1, failed=False)
    note(writer)
    writer.stop()
    assert told("shop_exposures_dropped_total") == before + 1
    assert len(rows()) == 1


def test_old_rows_go(writer: Writer, shop_sessions: sessionmaker[Session], rows: Any) -> None:
    note(writer, NOON)
    note(writer, NOON - timedelta(days=exposures.KEEP_DAYS + 1))
    writer.stop()
    with shop_sessions.begin() as session:
        exposures.forget_old(session, NOON.date())
    assert [row.first_at for row in rows()] == [NOON]
