"""Finding strings, going from one to the next, talking about them, and bringing earlier texts back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select

from app import cache
from app.locales import commands, desk, presence, search
from app.locales.insight.models import MessageSighting
from app.locales.models import Message
from app.locales.states import APPROVED, DRAFT, REVIEW
from tests.integration.locales.conftest import WHO

API = "/api/v1/locales/de"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def translator(signed_in, loaded):
    return signed_in("translator")


@pytest.fixture
def found(loaded, now):
    """`found("state:review")` → the sources of the strings, in their order."""

    def find(q: str) -> list[str]:
        loaded.rollback()
        return [row.msgid for row in desk.strings(loaded, "de", search.parse(q, now), 1)]

    return find


def test_each_term_of_the_search_finds_what_it_says(found, loaded, id_of, now, translator) -> None:
    commands.save(loaded, "de", id_of("Cart"), ["Körbchen."], DRAFT, 1, "ada@house.test", now)
    key = loaded.scalars(select(Message.key).where(Message.msgid == "Checkout")).one()
    loaded.add(
        MessageSighting(message_key=key, locale="de", endpoint="cart.show", path="/de/cart", last_seen_at=now)
    )
    loaded.commit()
    assert (
        translator.post(f"{API}/strings/{id_of('Checkout')}/comments", json={"text": "Why?"}).status_code
        == 201
    )
    hello, plate = "Hello %(name)s", "%(num)d plate"
    for q, sources in {
        "": ["Cart", hello, plate, "Checkout"],
        "korbchen": ["Cart"],
        "KÖRB": ["Cart"],
        "cart": ["Cart"],
        "source:cart -state:draft": [],
        "text:teller": [plate],
        "state:unfinished": ["Cart", hello, "Checkout"],
        "state:untranslated or state:review": [hello, "Checkout"],
        "author:ada": ["Cart"],
        "-author:ada -author:shipped": [hello],
        "check:ending": ["Cart"],
        "-check:any": [hello, plate, "Checkout"],
        f"changed:{now:%Y-%m-%d} author:ada": ["Cart"],
        "changed:<2020-01-01": [],
        "key:check": ["Checkout"],
        "location:cart.html:4": ["Checkout"],
        "seen:/cart": ["Checkout"],
        "has:plural": [plate],
        "has:comment": ["Checkout"],
        "has:open": ["Checkout"],
        "has:problem": ["Cart"],
        "100%_": [],
    }.items():
        assert found(q) == sources, q


def test_the_list_says_what_is_wrong_with_a_search_and_shows_everything(translator) -> None:
    page = translator.get("/locales/de/?q=state:gold")
    assert page.status_code == 422
    assert "“state:gold” is not known. Use one of: untranslated" in page.text
    assert "Warenkorb" in page.text
    refused = translator.get(f"{API}/strings?q=state:gold")
    assert refused.status_code == 409
    assert refused.json["errors"][0]["field"] == "q"


def test_the_form_writes_the_search(translator) -> None:
    answer = translator.get("/locales/de/?write=1&q=cart&state=draft&author=Ana B&check=")
    assert answer.status_code == 303
    assert answer.headers["Location"] == '/locales/de/?q=state:draft+author:"Ana+B"+cart'.replace('"', "%22")


def test_the_api_pages_through_a_search(translator) -> None:
    first = translator.get(f"{API}/strings?per_page=3").json
    assert (first["total"], len(first["strings"])) == (4, 3)
    second = translator.get(f"{API}/strings?per_page=3&page=2").json
    assert [each["source"] for each in second["strings"]] == ["Checkout"]
    assert second["strings"][0]["state"] == REVIEW


def test_saving_by_htmx_answers_with_the_next_string_of_the_list(translator, id_of, text_of) -> None:
    url = f"/locales/de/strings/{id_of('Hello %(name)s')}"
    form = {"form-0": "Hallo %(name)s", "state": APPROVED, "revision": "0", "go": "unfinished"}
    answer = translator.post(f"{url}?q=-key:zzz", data=form, headers=HTMX)
    assert answer.status_code == 200
    pushed = f"/locales/de/strings/{id_of('Checkout')}?saved={id_of('Hello %(name)s')}&q=-key:zzz"
    assert answer.headers["HX-Push-Url"] == pushed
    assert "<html" not in answer.text
    assert 'id="desk"' in answer.text
    assert "Zur Kasse</textarea>" in answer.text
    assert "4 of 4" in answer.text
    wrong = translator.post(url, data={**form, "form-0": "Hallo", "revision": "1"}, headers=HTMX)
    assert wrong.status_code == 422
    assert ">\nHallo</textarea>" in wrong.text


def test_the_same_text_saved_again_makes_no_version(translator, id_of, text_of) -> None:
    url = f"{API}/strings/{id_of('Cart')}"
    kept = translator.put(url, json={"forms": ["Warenkorb"], "state": APPROVED}, headers={"If-Match": '"1"'})
    assert (kept.status_code, kept.json["revision"], kept.headers["ETag"]) == (200, 1, '"1"')


def test_of_two_saves_on_one_revision_the_second_gets_both_texts(translator, id_of, loaded, now) -> None:
    url = f"{API}/strings/{id_of('Cart')}"
    commands.save(loaded, "de", id_of("Cart"), ["Korb"], APPROVED, 1, "ada", now)
    loaded.commit()
    late = translator.put(url, json={"forms": ["Wagen"], "state": APPROVED}, headers={"If-Match": '"1"'})
    assert late.status_code == 409
    assert late.mimetype == "application/problem+json"
    assert (late.json["theirs"], late.json["yours"], late.json["revision"]) == (["Korb"], ["Wagen"], 2)
    page = translator.post(
        f"/locales/de/strings/{id_of('Cart')}", data={"form-0": "Wagen", "state": APPROVED, "revision": "1"}
    )
    assert "Saved in the meantime" in page.text
    assert "Use this one" in page.text
    assert translator.put(url, json={"forms": ["x"]}).json["theirs"] == ["Korb"]
    assert translator.put(url, json={"forms": "x", "revision": 2}).status_code == 422


def test_people_talk_about_a_string(translator, signed_in, id_of) -> None:
    page = f"/locales/de/strings/{id_of('Cart')}"
    said = translator.post(f"{page}/comments", data={"comment": "Which cart?"}, headers=HTMX)
    assert "Which cart?" in said.text
    thread = translator.get(f"{API}/strings/{id_of('Cart')}/comments").json["threads"][0]
    answer = {"text": "The one of the shop.", "reply_to": thread["id"]}
    assert translator.post(f"{API}/strings/{id_of('Cart')}/comments", json=answer).status_code == 201
    resolved = translator.post(f"{page}/comments/{thread['id']}/resolve", headers=HTMX)
    assert "Open again" in resolved.text
    assert "1 open comment" not in translator.get("/locales/de/").text
    translator.post(f"{API}/strings/{id_of('Cart')}/comments", json=answer)  # an answer opens it again
    assert "1 open comment" in translator.get("/locales/de/").text
    assert translator.post(f"{page}/comments", data={"comment": " "}).status_code == 422
    elsewhere = {**answer, "reply_to": 999_999}
    assert translator.post(f"{API}/strings/{id_of('Cart')}/comments", json=elsewhere).status_code == 404
    viewer = signed_in("viewer")
    assert viewer.post(f"{page}/comments", data={"comment": "Hi"}).status_code == 403
    assert "The one of the shop." in viewer.get(page).text


def test_an_earlier_text_comes_back_with_its_state(translator, id_of, text_of, loaded, now) -> None:
    url = f"{API}/strings/{id_of('Cart')}"
    for revision, text in enumerate(["Korb", "Wagen"], start=1):
        commands.save(loaded, "de", id_of("Cart"), [text], DRAFT, revision, "ada", now)
    loaded.commit()
    lines = translator.get(f"{url}/history").json["versions"]
    assert [line["forms"] for line in lines] == [["Wagen"], ["Korb"], ["Warenkorb"]]
    page = translator.get(f"/locales/de/strings/{id_of('Cart')}").text
    assert "<del>Korb</del><ins>Wagen</ins>" in page
    assert translator.post(f"{url}/revert", json={"to": 1, "revision": 2}).status_code == 409
    back = translator.post(f"/locales/de/strings/{id_of('Cart')}/revert", data={"to": "1", "revision": "3"})
    assert back.status_code == 303
    cart = text_of("Cart")
    assert (cart.forms, cart.state, cart.revision, cart.author) == (["Warenkorb"], APPROVED, 4, WHO)
    assert translator.post(f"{url}/revert", json={"to": 9, "revision": 4}).status_code == 404


def test_who_else_has_a_string_open_is_seen_and_forgotten(translator, id_of, redis, now) -> None:
    presence.arrive(redis, "de", id_of("Cart"), "ada@house.test", now)
    url = f"/locales/de/strings/{id_of('Cart')}/presence"
    assert "ada@house.test is editing this string." in translator.post(url, headers=HTMX).text
    later = now + timedelta(seconds=presence.GONE_SECONDS + 1)
    assert presence.arrive(redis, "de", id_of("Cart"), WHO, later) == []
    presence.arrive(redis, "de", id_of("Cart"), "ben@house.test", later)
    presence.leave(redis, "de", id_of("Cart"), "ben@house.test")
    assert presence.arrive(redis, "de", id_of("Cart"), WHO, later) == []


def test_without_redis_nobody_is_shown_and_nothing_fails(translator, control_app, id_of, now) -> None:
    nowhere: Redis = cache.connect("redis://127.0.0.1:9/0")
    sources = control_app.extensions["sources"]
    control_app.extensions["sources"] = replace(sources, redis=nowhere)
    url = f"/locales/de/strings/{id_of('Cart')}"
    assert translator.post(f"{url}/presence", headers=HTMX).status_code == 200
    form = {"form-0": "Korb", "state": APPROVED, "revision": "1"}
    assert translator.post(url, data=form).status_code == 303


def test_what_cannot_be_seen_and_how_long_it_is_stands_below_the_text(translator, id_of) -> None:
    url = f"/locales/de/strings/{id_of('Cart')}/checks"
    live = translator.post(url, data={"form-0": "Waren\u00a0korb \u202e"}).text
    assert 'aria-label="no-break space"' in live
    assert 'aria-label="right-to-left override"' in live
    assert "12 characters, usually up to 12" in live
    assert 'hx-swap-oob="true"' in live


def test_the_number_that_waits_is_what_a_release_would_change(translator, loaded, id_of, now) -> None:
    from app.locales.pending import waiting_count
    from app.locales.releases import commands as releases
    from app.locales.releases.queries import waiting

    def agreed() -> int:
        loaded.flush()
        assert waiting_count(loaded, "de") == len(waiting(loaded, "de"))
        return waiting_count(loaded, "de")

    assert agreed() == 0
    commands.save(loaded, "de", id_of("Cart"), ["Korb"], APPROVED, 1, WHO, now)
    assert agreed() == 1
    releases.publish(loaded, "de", "", WHO, now + timedelta(hours=1))
    assert agreed() == 0
    later = now + timedelta(hours=2)
    commands.save(loaded, "de", id_of("Cart"), [""], APPROVED, 2, WHO, later)
    commands.save(loaded, "de", id_of("Hello %(name)s"), ["Hallo %(name)s"], APPROVED, 0, WHO, later)
    assert agreed() == 2
    message = loaded.get_one(Message, id_of("%(num)d plate"))
    message.obsolete_at = later
    assert agreed() == 3
    message.obsolete_at = now - timedelta(days=9)  # as if it had gone before the release
    assert agreed() == 3


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b", "x" * 100_000, "<script>alert(1)</script>"])
def test_what_nobody_should_store_is_refused_everywhere(translator, id_of, text_of, bad: str) -> None:
    url = f"{API}/strings/{id_of('Cart')}"
    saved = translator.put(url, json={"forms": [bad], "state": APPROVED, "revision": 1})
    assert saved.status_code == (409 if "script" in bad else 422)
    assert text_of("Cart").forms == ["Warenkorb"]
    asked = {"action": "replace", "find": "Waren", "replacement": bad, "q": ""}
    assert translator.post(f"{API}/bulk", json=asked).status_code == (409 if "script" in bad else 422)
    assert translator.get(f"{API}/strings/{10**20}").status_code == 404
    assert translator.post(f"{url}/revert", json={"to": 10**20, "revision": 1}).status_code == 422
    typed = bad.encode("utf-8", "replace").decode()  # what a browser can send of it
    for query in (bad, f'state:"{bad}"'):
        sent = {"q": query.replace(bad, typed)}
        assert translator.get(f"{API}/strings", query_string=sent).status_code in (200, 409, 422)
        seen = translator.post(f"{API}/bulk/preview", json={"action": "draft", "q": query})
        assert seen.status_code == (409 if "script" in bad else 422)
    form = {"scope": "all", "q": "", "action": "replace", "find": "Waren", "replacement": typed[:300]}
    assert translator.post("/locales/de/bulk", data=form).status_code == 200
    period = {"author": typed[:300], "from": "2026-01-01", "to": "2026-12-31"}
    assert translator.get("/locales/de/changes/by", query_string=period).status_code == 200


def test_a_comment_is_shown_as_it_was_typed_and_never_run(translator, id_of) -> None:
    said = {"text": "<script>alert(1)</script>"}
    url = f"{API}/strings/{id_of('Cart')}/comments"
    assert translator.post(url, json=said).status_code == 201
    assert translator.post(url, json={"text": "a\ud800"}).status_code == 422
    page = translator.get(f"/locales/de/strings/{id_of('Cart')}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
