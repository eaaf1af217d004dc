"""Releases never change; a pointer moves, and moves back byte for byte."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditEntry
from app.errors import Conflict, NotFound, Refused
from app.locales import catalog, commands
from app.locales.models import Translation
from app.locales.releases import commands as releases
from app.locales.releases import queries
from app.locales.releases.models import ReleaseMove
from app.locales.states import APPROVED, DRAFT
from app.timeline.models import TimelineEntry
from tests.integration.locales.conftest import WHO


@pytest.fixture
def desk(signed_in, loaded):
    return signed_in("translator")


@pytest.fixture
def edit(loaded, id_of, now):
    def write(msgid: str, *forms: str, state: str = APPROVED) -> None:
        row = loaded.get(Translation, (id_of(msgid), "de"))
        commands.save(loaded, "de", id_of(msgid), list(forms), state, row.revision if row else 0, WHO, now)
        loaded.commit()

    return write


def live(session) -> bytes:
    session.rollback()
    return queries.live_catalog(session, "de").catalog


def test_an_edit_is_shown_as_a_change_before_it_is_published(desk, edit) -> None:
    assert "Nothing waits to be published" in desk.get("/locales/de/publish").text
    edit("Cart", "Korb")
    page = desk.get("/locales/de/publish").text
    assert "<del>Warenkorb</del>" in page
    assert "<ins>Korb</ins>" in page
    assert "1 string changes" in page
    assert "1 string" in desk.get("/locales/").text


def test_publishing_makes_a_numbered_release_and_says_so_everywhere(desk, edit, loaded, redis) -> None:
    edit("Cart", "Korb")
    nudges = redis.pubsub(ignore_subscribe_messages=True)
    nudges.subscribe("backroom:catalogs")
    nudges.get_message(timeout=1)
    assert desk.post("/locales/de/publish", data={"note": "Shorter"}).status_code == 303
    assert told(nudges) == "de"
    release = queries.live(loaded, "de")
    assert (release.number, release.strings, release.note, release.created_by) == (1, 2, "Shorter", WHO)
    words = catalog.read(live(loaded))
    assert sorted(entry.forms[0] for entry in words.values()) == ["%(num)d Teller", "Korb"]
    audited = loaded.scalars(select(AuditEntry).where(AuditEntry.action == "locales.publish")).one()
    assert (audited.before, audited.after) == ({"release": 0}, {"release": 1})
    entry = loaded.scalars(select(TimelineEntry)).one()
    assert (entry.kind, entry.title, entry.url) == ("release", "de: release 1", "/locales/de/releases")
    page = desk.get("/locales/de/releases").text
    assert "Shorter" in page
    assert release.sha256[:12] in page


def told(nudges) -> str | None:
    for _ in range(20):
        if message := nudges.get_message(timeout=0.2):
            return str(message["data"])
        time.sleep(0.01)
    return None


def test_what_waits_for_its_review_is_not_released(edit, loaded, now) -> None:
    edit("Checkout", "Bezahlen", state=DRAFT)
    edit("Cart", "Korb")
    releases.publish(loaded, "de", "", WHO, now)
    assert {entry.msgid for entry in catalog.read(queries.live_catalog(loaded, "de").catalog).values()} == {
        "Cart",
        "%(num)d plate",
    }


def test_a_string_that_would_break_a_page_stops_the_release_and_is_named(desk, edit, loaded, id_of) -> None:
    edit("Cart", "Korb")
    loaded.execute(
        text("UPDATE translations SET approved_forms = ARRAY['Korb %(x)s'] WHERE message_id = :id"),
        {"id": id_of("Cart")},
    )
    loaded.commit()
    assert "1 string would break a page" in desk.get("/locales/de/publish").text
    answer = desk.post("/locales/de/publish", data={"note": ""})
    assert answer.status_code == 422
    assert "Cart" in answer.text
    assert "%(x)s" in answer.text
    assert queries.live(loaded, "de") is None


def test_many_broken_strings_are_counted_not_listed(loaded, now) -> None:
    for number in range(8):
        loaded.execute(
            text(
                "INSERT INTO messages (key, context, msgid, flags, locations, comments, first_seen_at)"
                " VALUES (:key, '', :key, '[]', '[]', '[]', now())"
            ),
            {"key": f"m{number}"},
        )
    loaded.execute(
        text(
            "INSERT INTO translations (message_id, locale, forms, state, approved_forms, revision, author,"
            " updated_at) SELECT id, 'de', '{<b>}', 'approved', '{<b>}', 1, 'x', now()"
            " FROM messages WHERE msgid LIKE 'm_'"
        )
    )
    with pytest.raises(Refused, match="and 3 more"):
        releases.publish(loaded, "de", "", WHO, now)
    loaded.rollback()


def test_publishing_the_same_words_again_is_refused(edit, loaded, now) -> None:
    with pytest.raises(Refused, match="Nothing differs"):
        releases.publish(loaded, "de", "", WHO, now)
    edit("Cart", "Korb")
    releases.publish(loaded, "de", "", WHO, now)
    with pytest.raises(Refused, match="Nothing differs"):
        releases.publish(loaded, "de", "", WHO, now)
    with pytest.raises(Refused) as refused:
        releases.publish(loaded, "de", "x" * 501, WHO, now)
    assert set(refused.value.fields) == {"note"}
    with pytest.raises(NotFound):
        releases.publish(loaded, "xx", "", WHO, now)


def test_going_back_shows_the_earlier_release_byte_for_byte(desk, edit, loaded) -> None:
    edit("Cart", "Korb")
    desk.post("/locales/de/publish")
    first = live(loaded)
    edit("Cart", "Einkaufswagen")
    desk.post("/locales/de/publish")
    assert live(loaded) != first
    assert desk.post("/locales/de/releases/1/live").status_code == 303
    assert live(loaded) == first
    assert desk.post("/locales/de/releases/1/live").status_code == 409
    assert desk.post("/locales/de/releases/7/live").status_code == 404
    assert "1 string changes" in desk.get("/locales/de/publish").text
    assert desk.post("/locales/de/releases/0/live").status_code == 303
    assert queries.live_catalog(loaded, "de") is None
    moves = loaded.scalars(select(ReleaseMove).order_by(ReleaseMove.id)).all()
    assert [(move.from_number, move.to_number) for move in moves] == [(None, 1), (1, 2), (2, 1), (1, None)]
    titles = list(loaded.scalars(select(TimelineEntry.title).order_by(TimelineEntry.id)))
    assert titles[2:] == ["de: back to release 1", "de: back to the words that ship"]


def test_what_ships_cannot_be_taken_back_twice(loaded, now) -> None:
    with pytest.raises(Conflict):
        releases.make_live(loaded, "de", 0, WHO, now)


def test_the_database_refuses_to_change_a_release(edit, loaded, now) -> None:
    edit("Cart", "Korb")
    releases.publish(loaded, "de", "", WHO, now)
    with pytest.raises(DBAPIError, match="immutable"):
        loaded.execute(text("UPDATE releases SET catalog = 'x'"))
    loaded.rollback()


def test_a_dead_redis_does_not_stop_a_release(services, desk, edit, loaded) -> None:
    edit("Cart", "Korb")
    services.stop("redis")
    try:
        assert desk.post("/locales/de/publish").status_code == 303
    finally:
        services.start_redis()
    assert queries.live(loaded, "de").number == 1


def test_machines_read_where_each_locale_stands(desk, edit) -> None:
    edit("Cart", "Korb")
    found = {row["code"]: row for row in desk.get("/api/v1/locales").json["locales"]}
    assert set(found) == {"en", "de", "ar"}
    assert (found["de"]["translated"], found["de"]["waiting"], found["de"]["release"]) == (3, 1, None)
