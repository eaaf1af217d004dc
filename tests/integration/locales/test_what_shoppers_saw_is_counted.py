"""What the shop counts of its messages becomes progress, a list of what to do next, and alarms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from app.locales import commands
from app.locales.insight import jobs, queries
from app.locales.insight.models import MessageDay, MessageFailure, MessageSighting
from app.locales.models import Message, Translation
from app.locales.states import APPROVED
from app.series import store
from app.timeline.models import TimelineEntry
from tests.integration.locales.conftest import WHO

_SHOWN = text("""
    INSERT INTO message_impressions
        (hour, locale, release, bucket, message_key, shown, fell_back, failed, is_demo)
    VALUES (:hour, :locale, :release, 'stable', :key, :shown, :fell_back, :failed, :is_demo)
    ON CONFLICT (hour, message_key, locale, release, bucket) DO UPDATE
    SET shown = message_impressions.shown + :shown, fell_back = message_impressions.fell_back + :fell_back
""")
_SEEN = text("""
    INSERT INTO message_sightings (message_key, locale, endpoint, path, last_seen_at)
    VALUES (:key, :locale, :endpoint, :path, :at)
""")


@pytest.fixture
def shown(loaded, shop_session):
    """`shown("Cart", 5, now)`: the shop counted it so often in the hour of that moment."""

    def add(msgid: str, count: int, at: datetime, *, locale="de", fell_back=0, failed=0, release=0) -> None:
        key = loaded.scalars(select(Message.key).where(Message.msgid == msgid)).one()
        hour = at.replace(minute=0, second=0, microsecond=0)
        values = {"hour": hour, "locale": locale, "release": release, "key": key, "shown": count}
        shop_session.execute(_SHOWN, {**values, "fell_back": fell_back, "failed": failed, "is_demo": False})
        shop_session.commit()

    return add


@pytest.fixture
def seen(loaded, shop_session):
    def add(msgid: str, at: datetime, endpoint: str = "cart.show", path: str = "/de/cart") -> None:
        key = loaded.scalars(select(Message.key).where(Message.msgid == msgid)).one()
        shop_session.execute(
            _SEEN, {"key": key, "locale": "de", "endpoint": endpoint, "path": path, "at": at}
        )
        shop_session.commit()

    return add


@pytest.fixture
def fold(loaded, control_sources):
    def run(at: datetime) -> str:
        said = jobs.fold(loaded, at, control_sources)
        loaded.commit()
        loaded.expire_all()
        return said

    return run


def days(session) -> list[tuple[str, int, int]]:
    rows = session.scalars(select(MessageDay).order_by(MessageDay.day, MessageDay.shown))
    return [(row.locale, row.shown, row.fell_back) for row in rows]


def test_counts_are_folded_once_and_late_rows_come_in(loaded, shown, fold, now) -> None:
    shown("Cart", 5, now)
    shown("Cart", 2, now, release=3)
    shown("Checkout", 4, now, fell_back=4)
    assert fold(now) == "1 days read again, 0 sightings"
    assert days(loaded) == [("de", 4, 4), ("de", 7, 0)]
    assert fold(now) == "0 days read again, 0 sightings"
    shown("Cart", 1, now - timedelta(hours=2))  # late
    shown("Cart", 3, now - timedelta(days=2))
    assert fold(now + timedelta(minutes=1)) == "2 days read again, 0 sightings"
    assert days(loaded) == [("de", 3, 0), ("de", 4, 4), ("de", 8, 0)]


def test_rows_that_were_removed_go(loaded, shown, fold, shop_session, now) -> None:
    shown("Cart", 5, now)
    fold(now)
    shop_session.execute(text("DELETE FROM message_impressions"))
    shop_session.commit()
    fold(now)
    assert days(loaded) == []


def test_progress_is_told_by_strings_words_and_impressions(loaded, shown, fold, now) -> None:
    shown("Cart", 90, now)
    shown("Hello %(name)s", 10, now, fell_back=10)
    fold(now)
    german = next(row for row in queries.progress(loaded, now) if row.locale == "de")
    assert (german.strings, german.strings_approved, german.strings_begun) == (4, 2, 1)
    assert (german.words, german.words_approved) == (6, 3)  # Cart, Hello %(name)s, %(num)d plate, Checkout
    assert german.by_impressions == german.in_language == 0.9
    arabic = next(row for row in queries.progress(loaded, now) if row.locale == "ar")
    assert (arabic.by_impressions, arabic.in_language) == (None, None)
    point = store.latest(loaded, "locales.impressions_share", {"locale": "de"})
    assert point is not None
    assert point.value == 0.9
    assert store.latest(loaded, "locales.impressions_share", {"locale": "ar"}) is None
    assert store.latest(loaded, "locales.fell_back_today", {"locale": "de"}).value == 10


def test_what_was_read_most_often_in_the_source_comes_next(loaded, shown, fold, now, id_of) -> None:
    shown("Cart", 500, now)
    shown("Hello %(name)s", 10, now, fell_back=10)
    shown("Checkout", 40, now - timedelta(days=1), fell_back=40)
    fold(now)
    wanted = queries.worth_next(loaded, "de", now)
    assert [(row.msgid, row.fell_back) for row in wanted] == [("Checkout", 40), ("Hello %(name)s", 10)]
    commands.save(loaded, "de", id_of("Checkout"), ["Zur Kasse"], APPROVED, 1, WHO, now)
    wanted = queries.worth_next(loaded, "de", now)
    assert [(row.msgid, row.is_approved) for row in wanted] == [("Hello %(name)s", False), ("Checkout", True)]


def test_a_failure_is_listed_told_and_counted(loaded, shown, fold, now, id_of) -> None:
    shown("Cart", 8, now, failed=3, release=2)
    fold(now)
    fold(now)
    (failure,) = queries.failures(loaded, now)
    assert (failure.locale, failure.release, failure.failed, failure.id) == ("de", 2, 3, id_of("Cart"))
    entry = loaded.scalars(select(TimelineEntry).where(TimelineEntry.subject == "locale:de")).one()
    assert entry.title == "de: “Cart” could not be filled in"
    assert entry.url == f"/locales/de/strings/{id_of('Cart')}"
    assert store.latest(loaded, "locales.failures", {"locale": "de"}).value == 3
    assert store.latest(loaded, "locales.failures", {"locale": "ar"}).value == 0
    assert loaded.scalars(select(MessageFailure)).one().hour == now.astimezone(UTC)


def test_a_string_that_is_not_seen_while_its_page_is_is_dead(loaded, shown, seen, fold, now) -> None:
    for message in loaded.scalars(select(Message)):
        message.first_seen_at = now - timedelta(days=100)
    loaded.commit()
    assert queries.dead(loaded, now) is None  # nothing was counted yet
    shown("Cart", 1, now - timedelta(days=34))
    seen("Cart", now)
    seen("Checkout", now - timedelta(days=31))
    fold(now.replace(minute=0))
    found = queries.dead(loaded, now)
    assert [(row.msgid, row.last_seen_at is None) for row in found] == [
        ("Hello %(name)s", True),
        ("%(num)d plate", True),
        ("Checkout", False),
    ]
    for message in loaded.scalars(select(Message)):
        message.first_seen_at = now - timedelta(days=3)  # new strings are not dead
    assert queries.dead(loaded, now) == []


def test_the_newest_page_of_a_kind_is_kept(loaded, seen, fold, shop_session, now) -> None:
    seen("Cart", now - timedelta(hours=3))
    fold(now)
    shop_session.execute(
        text("UPDATE message_sightings SET path = '/de/cart?new', last_seen_at = :at"), {"at": now}
    )
    shop_session.commit()
    fold(now)
    assert loaded.scalars(select(MessageSighting)).one().path == "/de/cart?new"


def test_pages_and_api_say_the_same(loaded, shown, fold, signed_in, now, id_of) -> None:
    shown("Hello %(name)s", 12, now, fell_back=12)
    shown("Cart", 8, now, failed=3)
    fold(now)
    client = signed_in("translator")
    answer = client.get("/api/v1/locales/de/progress").json
    assert answer["worth_next"][0]["url"] == f"/locales/de/strings/{id_of('Hello %(name)s')}"
    assert (answer["fell_back"], answer["in_language"]) == (12, 0.4)
    assert answer["worth_next"][0]["fell_back"] == 12
    page = client.get("/locales/de/progress").text
    assert f"/locales/de/strings/{id_of('Hello %(name)s')}" in page
    assert "40" in page
    overview = client.get("/locales/progress").text
    assert "/locales/de/progress" in overview
    assert "outline=" in overview  # the pseudo-locales
    assert {row["locale"] for row in client.get("/api/v1/locales/progress").json["locales"]} == {
        "ar",
        "de",
        "en",
    }
    assert client.get("/api/v1/locales/failures").json["failures"][0]["failed"] == 3
    assert client.get("/api/v1/locales/dead").json["dead"] is None
    assert client.get("/locales/dead?days=7").status_code == 200
    assert client.get("/locales/xx/progress").status_code == 404


def test_a_pseudo_locale_is_a_catalog_of_all_messages(loaded, signed_in) -> None:
    from app.locales import catalog, pseudo

    client = signed_in("translator")
    made = catalog.read(client.get("/api/v1/locales/pseudo/en-XA.mo").data)
    assert {entry.msgid for entry in made.values()} >= {"Cart", "Checkout"}
    assert pseudo.accented("Cart") in {entry.forms[0] for entry in made.values()}
    assert client.get("/api/v1/locales/pseudo/de.mo").status_code == 404
    assert loaded.scalars(select(Translation).where(Translation.locale == "en-XA")).all() == []
