"""Pages of the shop while releases come and go: one release a page, its parts too, counted exactly."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask, render_template_string
from flask_babel import gettext
from sqlalchemy import text

from app.locales.assist import outline as links
from app.locales.catalog import message_key
from storefront import telemetry, translations
from storefront.catalogs import Catalogs
from storefront.db import connect
from storefront.impressions import Batch, Sum
from storefront.wording import Candidate, Snapshot, published, shipped
from tests import words
from tests.conftest import SECRET

WORDS = [f"Word {number}" for number in range(40)]
PAGE = "{% for word in words %}{{ _(word) }}|{% endfor %}"


def release(number: int, **more: str) -> object:
    data = words.mo("de", {word: f"{word.removeprefix('Word ')}.{number}" for word in WORDS} | more)
    return published(shipped("de"), number, f'"{number}"', hashlib.sha256(data).hexdigest(), data)


@pytest.fixture
def shelf(shop_config, tmp_path, monkeypatch) -> Catalogs:
    """The catalogs of one process, swapped by hand."""
    found = Catalogs(shop_config, tmp_path)
    found.snapshot = found.snapshot.showing("de", release(1))
    monkeypatch.setattr(translations, "catalogs", lambda config: found)
    return found


@pytest.fixture
def app(shelf, shop_app: Flask) -> Iterator[Flask]:
    from storefront.factory import create_app
    from tests.ending import end_shop

    app = create_app(shop_app.extensions["config"])
    app.add_url_rule("/<locale:locale>/words", "words", lambda: render_template_string(PAGE, words=WORDS))
    app.add_url_rule(
        "/<locale:locale>/whole",
        "whole",
        lambda: render_template_string(
            "<html lang='de' dir=\"ltr\"><head></head><body>{{ _('Word 1') }}"
            "<input title=\"{{ _('Word 1') }}\"></body></html>"
        ),
    )
    app.add_url_rule("/<locale:locale>/none", "none", lambda: ("", 204))
    yield app
    end_shop(app)


def releases_on(page: str) -> set[str]:
    return {word.rpartition(".")[2] for word in page.split("|") if word}


def test_under_constant_publishing_no_page_mixes_releases(app, shelf) -> None:
    ready = [release(number) for number in range(1, 9)]
    stop = threading.Event()

    def publish() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            beside = Candidate(ready[(number + 1) % 8], number % 100, "salt") if number % 3 else None
            shelf.snapshot = shelf.snapshot.showing("de", ready[number % 8], beside)

    mixed: list[set[str]] = []
    shown: Counter[str] = Counter()

    def visit() -> None:
        client = app.test_client()
        for _ in range(60):
            answer = client.get("/de/words")
            found = releases_on(answer.text)
            part = client.get(
                "/de/words",
                headers={"HX-Request": "true", "Catalog-Release": answer.headers["Catalog-Release"]},
            )
            if "HX-Refresh" not in part.headers:
                found |= releases_on(part.text)
            shown.update(found)
            if found != {answer.headers["Catalog-Release"]}:
                mixed.append(found)

    publisher = threading.Thread(target=publish)
    visitors = [threading.Thread(target=visit) for _ in range(4)]
    publisher.start()
    for thread in visitors:
        thread.start()
    for thread in visitors:
        thread.join()
    stop.set()
    publisher.join()
    assert mixed == []
    assert len(shown) > 3  # releases did change meanwhile


def test_a_part_comes_in_the_words_of_its_page_or_the_page_is_loaded_anew(app, shelf) -> None:
    client = app.test_client()
    assert releases_on(client.get("/de/words").text) == {"1"}
    asks = {"HX-Request": "true", "Catalog-Release": "1"}
    shelf.snapshot = shelf.snapshot.showing("de", release(2))
    part = client.get("/de/words", headers=asks)
    assert (releases_on(part.text), part.headers["Catalog-Release"]) == ({"1"}, "1")
    assert releases_on(client.get("/de/words").text) == {"2"}
    for number in range(3, 12):
        shelf.snapshot = shelf.snapshot.showing("de", release(number))
    gone = client.get("/de/words", headers=asks)
    assert (gone.headers["HX-Refresh"], gone.text) == ("true", "")


def test_a_page_tells_its_release_to_the_scripts_that_ask_for_its_parts(app) -> None:
    answer = app.test_client().get("/de/")
    assert answer.headers["Catalog-Release"] == "1"
    assert '<meta name="catalog-release" content="1">' in answer.text


def test_a_share_of_visitors_sees_the_candidate_and_goes_on_seeing_it(app, shelf) -> None:
    shelf.snapshot = shelf.snapshot.showing("de", release(1), Candidate(release(2), 50, "salt"))
    visitors = [app.test_client() for _ in range(40)]
    first = [visitor.get("/de/words").headers["Catalog-Release"] for visitor in visitors]
    assert set(first) == {"1", "2"}
    assert [visitor.get("/de/words").headers["Catalog-Release"] for visitor in visitors] == first
    shelf.snapshot = shelf.snapshot.showing("de", release(1), Candidate(release(2), 80, "salt"))
    later = [visitor.get("/de/words").headers["Catalog-Release"] for visitor in visitors]
    assert all(after == "2" for before, after in zip(first, later, strict=True) if before == "2")


def test_impressions_equal_a_scripted_visit_exactly(app, shelf, shop_sessions) -> None:
    lacking = release(1)
    lacking = type(lacking)(  # one word is not in the release, one cannot be filled in
        "de", 1, "", lacking.words, {key: value for key, value in lacking.texts.items() if key != "Word 3"}
    )
    lacking.texts["Word 4"] = "<script>"  # type: ignore[index]
    shelf.snapshot = Snapshot({**shelf.snapshot.stable, "de": lacking})
    client = app.test_client()
    for _ in range(7):
        client.get("/de/words")
    client.get("/en/words")
    client.head("/de/words")
    client.get("/de/none")
    app.extensions["impressions"].stop()
    with shop_sessions() as session:
        found = {
            (row.locale, row.message_key): (row.shown, row.fell_back, row.failed, row.release, row.bucket)
            for row in session.execute(text("SELECT * FROM reporting.message_impressions"))
        }
        seen = session.execute(
            text("SELECT endpoint, path FROM reporting.message_sightings WHERE message_key = :key"),
            {"key": message_key("", "Word 1")},
        ).all()
    expected = {("de", message_key("", word)): (7, 0, 0, 1, "stable") for word in WORDS}
    expected |= {("en", message_key("", word)): (1, 0, 0, 0, "stable") for word in WORDS}
    expected["de", message_key("", "Word 3")] = (7, 7, 0, 1, "stable")
    expected["de", message_key("", "Word 4")] = (7, 0, 7, 1, "stable")
    assert found == expected
    assert set(seen) == {("words", "/de/words"), ("words", "/en/words")}


def test_impressions_wait_for_the_database_and_are_counted_once(app, shop_sessions) -> None:
    writer = app.extensions["impressions"]
    away, writer.every_seconds = connect("postgresql+psycopg://shop@127.0.0.1:9/shop"), 0.05
    here, writer.sessions = writer.sessions, away
    client = app.test_client()
    client.get("/de/words")
    client.get("/de/words")
    while not writer._is_away:
        time.sleep(0.02)
    writer.sessions = here
    writer.stop()
    with shop_sessions() as session:
        counted = session.scalar(text("SELECT sum(shown) FROM reporting.message_impressions"))
    assert counted == 2 * len(WORDS)


def test_a_batch_whose_answer_was_lost_is_not_added_twice(app, shop_sessions) -> None:
    writer = app.extensions["impressions"]
    app.test_client().get("/de/words")
    writer.stop()
    hour = datetime(2026, 1, 1, tzinfo=UTC)
    batch = Batch(uuid.uuid4(), {(hour, "key", "de", 1, "stable"): Sum(3, 1, 0)}, {})
    assert writer._write(batch)
    assert writer._write(batch)
    with shop_sessions() as session:
        shown = session.scalar(
            text("SELECT shown FROM reporting.message_impressions WHERE message_key = 'key'")
        )
    assert shown == 3


def test_what_there_is_no_room_for_is_dropped_and_counted(app) -> None:
    writer = app.extensions["impressions"]
    writer.pages = 0
    name = "shop_impressions_dropped_total"
    before = telemetry.REGISTRY.get_sample_value(name)
    assert app.test_client().get("/de/words").status_code == 200
    assert telemetry.REGISTRY.get_sample_value(name) == before + len(WORDS)


def test_a_bad_string_forced_into_the_catalog_gives_a_page_and_is_counted(app, shelf) -> None:
    bad = {
        "Word 1": "%(nothing)s",
        "Word 2": "100 %d %",
        "Word 3": '<img src=x onerror="alert(1)">',
        "Word 4": "<b>never closed",
        "Word 5": "%(num)999999999999d",
        "Word 6": "{0.__class__}",
    }
    shelf.snapshot = shelf.snapshot.showing("de", release(2, **bad))
    count = lambda: telemetry.REGISTRY.get_sample_value(  # noqa: E731
        "shop_translation_failures_total", {"locale": "de"}
    )
    before = count()
    answer = app.test_client().get("/de/words")
    assert answer.status_code == 200
    assert "onerror" not in answer.text
    assert "<b>" not in answer.text
    assert "Word 3" in answer.text
    assert count() > before
    with app.test_request_context("/de/words"):
        app.preprocess_request()
        assert gettext("Word 1", name="Ada") == "Word 1"
        assert gettext("Word 5", num=1) == "Word 5"


def link(locale: str, what: str) -> str:
    return links.token(locale, what, SECRET, datetime.now(UTC))


def test_a_signed_link_outlines_one_string_for_this_visitor_only(app, shop_sessions) -> None:
    client = app.test_client()
    page = client.get("/de/whole", query_string={"outline": link("de", message_key("", "Word 1"))})
    assert '<mark class="outlined" data-outlined>1.1</mark>' in page.text
    assert '<input title="1.1" data-outlined>' in page.text
    assert "outline.css" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page.headers["Cache-Control"]
    assert "data-outlined" not in client.get("/de/whole").text
    assert "data-outlined" not in client.get("/de/whole?outline=forged.token").text


@pytest.mark.parametrize(
    ("locale", "what", "shown"),
    [("de", "release:2", "1.2"), ("en-XA", "preview", "[Ŵöŕð 1~~]"), ("de", "preview", "1.1")],
)
def test_words_that_nobody_sees_are_previewed_by_a_signed_link(app, shelf, locale, what, shown) -> None:
    shelf.snapshot = shelf.snapshot.showing("de", release(1), Candidate(release(2), 1, "salt"))
    page = app.test_client().get("/en/whole", query_string={"outline": link(locale, what)})
    assert shown in page.text
    mirrored = app.test_client().get("/en/whole", query_string={"outline": link("ar-XB", "preview")})
    assert 'dir="rtl"' in mirrored.text
