"""The editor: find a string, write its text, save and go on; nothing that was typed is ever lost."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.db import begin
from app.errors import NotFound, Refused
from app.locales import commands
from app.locales.states import APPROVED, DRAFT, UNTRANSLATED
from tests.integration.locales.conftest import WHO


@pytest.fixture
def desk(signed_in, loaded):
    return signed_in("translator")


@pytest.fixture
def url(id_of):
    return lambda msgid, more="": f"/locales/de/strings/{id_of(msgid)}{more}"


def form(text: str, revision: int = 1, **more: str) -> dict[str, str]:
    return {"form-0": text, "state": APPROVED, "revision": str(revision), **more}


def test_the_list_finds_strings_by_their_words_and_state(desk, loaded) -> None:
    assert desk.get("/locales/").status_code == 200
    page = desk.get("/locales/de/").text
    assert all(word in page for word in ("Warenkorb", "Hello %(name)s", "untranslated", "needs review"))
    assert "Zur Kasse" not in desk.get("/locales/de/?q=waren").text
    assert "Warenkorb" in desk.get("/locales/de/?q=waren%20cart").text
    assert "No string matches" in desk.get("/locales/de/?q=100%25_").text
    unfinished = desk.get("/locales/de/?state=unfinished").text
    assert "Zur Kasse" in unfinished
    assert "Warenkorb" not in unfinished
    assert desk.get("/locales/de/?state=nonsense").status_code == 422
    assert desk.get("/locales/xx/").status_code == 404


def test_a_string_is_shown_with_all_that_helps(desk, url) -> None:
    page = desk.get(url("Cart")).text
    assert "cart/templates/cart.html:1" in page
    assert "سلة" in page  # in another language
    assert "Shoppers see" in page
    assert 'dir="rtl"' in desk.get(url("Cart").replace("/de/", "/ar/")).text
    plural = desk.get(url("%(num)d plate").replace("/de/", "/ar/")).text
    assert plural.count('<textarea id="form-') == 6
    assert "For 3, 4, 5, 6 …" in plural
    assert desk.get("/locales/de/strings/999999").status_code == 404


def test_a_save_goes_on_to_the_next_string_of_the_filter(desk, url, id_of, text_of, loaded) -> None:
    answer = desk.post(url("Cart", "?state=approved"), data=form("Korb", go="next"))
    assert answer.status_code == 303
    assert answer.headers["Location"] == url("%(num)d plate", f"?saved={id_of('Cart')}&q=state:approved")
    cart = text_of("Cart")
    assert (cart.forms, cart.revision, cart.author) == (["Korb"], 2, WHO)
    entry = loaded.scalars(select(AuditEntry).where(AuditEntry.action == "locales.save")).one()
    assert (entry.before["forms"], entry.after["forms"]) == (["Warenkorb"], ["Korb"])
    assert "Back to it" in desk.get(answer.headers["Location"]).text


def test_a_save_may_stay_and_the_last_string_stays_by_itself(desk, url) -> None:
    answer = desk.post(url("Cart"), data=form("Korb", go="stay"))
    assert answer.headers["Location"].startswith(url("Cart"))
    last = desk.post(url("Checkout"), data=form("Zahlen", go="next"))
    assert last.headers["Location"].startswith(url("Checkout"))
    assert "the last string of this list" in desk.get(last.headers["Location"]).text


def test_what_would_break_a_page_cannot_be_approved_but_kept_as_a_draft(desk, url, text_of) -> None:
    wrong = form("Hallo %(nom)s", revision=0)
    answer = desk.post(url("Hello %(name)s"), data=wrong)
    assert answer.status_code == 422
    assert "Hallo %(nom)s" in answer.text
    assert "There is no %(nom)s in the source." in answer.text
    assert text_of("Hello %(name)s") is None
    assert desk.post(url("Hello %(name)s"), data={**wrong, "state": DRAFT}).status_code == 303
    draft = text_of("Hello %(name)s")
    assert (draft.forms, draft.state, draft.approved_forms) == (["Hallo %(nom)s"], DRAFT, None)


def test_a_draft_takes_nothing_off_the_shop(desk, url, text_of) -> None:
    desk.post(url("Cart"), data={**form("Kor"), "state": DRAFT})
    assert text_of("Cart").approved_forms == ["Warenkorb"]


@pytest.mark.parametrize("text", ["Ko\x00rb", "Ko\x1brb", "x" * 10_001])
def test_what_cannot_be_stored_is_refused_even_as_a_draft(desk, url, text_of, text: str) -> None:
    answer = desk.post(url("Cart"), data={**form(text), "state": DRAFT})
    assert answer.status_code == 422
    assert text_of("Cart").forms == ["Warenkorb"]


def test_a_save_on_an_old_revision_keeps_both_texts(desk, url, text_of) -> None:
    assert desk.post(url("Cart"), data=form("Korb")).status_code == 303
    answer = desk.post(url("Cart"), data=form("Wagen"))
    assert answer.status_code == 409
    assert "Korb" in answer.text
    assert "Wagen" in answer.text
    assert 'name="revision" value="2"' in answer.text
    assert text_of("Cart").forms == ["Korb"]
    assert desk.post(url("Cart"), data=form("Wagen", revision=2)).status_code == 303
    assert text_of("Cart").forms == ["Wagen"]


def test_of_two_first_texts_at_once_one_wins_and_the_other_is_told(control_app, id_of) -> None:
    outcomes: list[str] = []
    message_id, gate = id_of("Hello %(name)s"), threading.Barrier(2)

    def write(who: str) -> None:
        from app import clock

        gate.wait()
        try:
            with control_app.app_context(), begin() as session:
                commands.save(session, "de", message_id, ["Hallo %(name)s"], APPROVED, 0, who, clock.now())
            outcomes.append("saved")
        except commands.StaleEdit as stale:
            outcomes.append(f"stale at {stale.revision}")

    threads = [threading.Thread(target=write, args=(who,)) for who in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "stale at 1"]


def test_emptied_texts_are_untranslated_again(desk, url, text_of) -> None:
    assert desk.post(url("Cart"), data=form("")).status_code == 303
    cart = text_of("Cart")
    assert (cart.state, cart.approved_forms) == (UNTRANSLATED, None)


def test_a_page_that_is_out_of_date_or_forged_is_refused(desk, url, id_of, loaded, now) -> None:
    assert desk.post(url("Cart"), data={"form-0": "x", "state": APPROVED}).status_code == 422
    assert desk.post(url("Cart"), data={**form("x"), "state": "gold"}).status_code == 422
    with pytest.raises(NotFound):
        commands.save(loaded, "de", 999_999, ["x"], APPROVED, 0, WHO, now)
    with pytest.raises(NotFound):
        commands.save(loaded, "xx", id_of("Cart"), ["x"], APPROVED, 0, WHO, now)
    with pytest.raises(Refused):
        commands.save(loaded, "de", id_of("%(num)d plate"), ["nur eine"], APPROVED, 1, WHO, now)


def test_checks_answer_while_somebody_types(desk, url) -> None:
    answer = desk.post(
        url("%(num)d plate", "/checks"), data={"form-0": "%(num)d Teller", "form-1": "Teller."}
    )
    assert answer.status_code == 200
    assert "%(num)d is missing." in answer.text
    assert "look again" in answer.text
    assert 'id="string-checks"' in answer.text


def test_who_only_looks_cannot_write(signed_in, url) -> None:
    viewer = signed_in("viewer")
    page = viewer.get(url("Cart"))
    assert page.status_code == 200
    assert "Save and next" not in page.text
    assert viewer.post(url("Cart"), data=form("Korb")).status_code == 403
    assert viewer.post("/locales/de/publish").status_code == 403
    assert viewer.post("/locales/de/releases/0/live").status_code == 403


def test_without_any_message_the_page_says_how_to_begin(signed_in) -> None:
    assert "backroom init" in signed_in("viewer").get("/locales/").text
