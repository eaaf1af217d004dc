"""One action on many strings: looked at first, done once, taken back without harming what came after."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.locales import commands
from app.locales.states import APPROVED, DRAFT, REVIEW, UNTRANSLATED
from tests.integration.locales.conftest import WHO

API = "/api/v1/locales/de"


@pytest.fixture
def desk(signed_in, loaded):
    return signed_in("translator")


def test_a_preview_says_what_changes_and_what_is_refused_and_why(desk, id_of) -> None:
    seen = desk.post(f"{API}/bulk/preview", json={"action": "approve", "q": ""}).json
    assert [each["source"] for each in seen["changed"]] == ["Checkout"]
    assert [(each["source"], each["why"]) for each in seen["refused"]] == [
        ("Hello %(name)s", "There is no text yet.")
    ]
    assert seen["unchanged"] == 2
    page = desk.post("/locales/de/bulk", data={"action": "approve", "scope": "all", "q": ""}).text
    assert "1 string changes" in page
    assert "There is no text yet." in page
    assert desk.post(f"{API}/bulk/preview", json={"action": "replace", "q": ""}).status_code == 422
    assert desk.post(f"{API}/bulk/preview", json={"action": "fly", "q": ""}).status_code == 422
    assert desk.post("/locales/de/bulk", data={"action": "approve"}).status_code == 422


def test_what_was_looked_at_is_done_and_what_changed_meanwhile_is_not(
    desk, id_of, text_of, loaded, now
) -> None:
    ids = [id_of("Cart"), id_of("Checkout")]
    asked = {"action": "replace", "find": "a", "replacement": "e", "ids": ids}
    seen = desk.post(f"{API}/bulk/preview", json=asked).json
    assert [each["new_forms"] for each in seen["changed"]] == [["Werenkorb"], ["Zur Kesse"]]
    commands.save(loaded, "de", id_of("Cart"), ["Korb"], APPROVED, 1, "ada", now)
    loaded.commit()
    late = desk.post(f"{API}/bulk", json={**asked, "looked_at": seen["looked_at"]})
    assert late.status_code == 409
    assert text_of("Checkout").forms == ["Zur Kasse"]
    done = desk.post(f"{API}/bulk", json=asked)
    assert (done.status_code, done.json["strings"]) == (201, 1)
    assert (text_of("Checkout").forms, text_of("Checkout").writer) == (["Zur Kesse"], WHO)


def test_a_replacement_that_would_break_a_page_is_refused(desk, id_of, text_of, loaded, now) -> None:
    commands.save(loaded, "de", id_of("Hello %(name)s"), ["Hallo %(name)s"], APPROVED, 0, "ada", now)
    loaded.commit()
    asked = {"action": "replace", "find": "name", "replacement": "Name", "q": "hallo"}
    seen = desk.post(f"{API}/bulk/preview", json=asked).json
    assert seen["changed"] == []
    assert "%(Name)s" in seen["refused"][0]["why"]
    assert desk.post(f"{API}/bulk", json=asked).status_code == 409
    assert text_of("Hello %(name)s").forms == ["Hallo %(name)s"]


def test_clearing_is_undone_with_state_and_what_was_approved(desk, id_of, text_of) -> None:
    cleared = desk.post(
        f"{API}/bulk", json={"action": "clear", "ids": [id_of("Cart"), id_of("Checkout")]}
    ).json
    assert (text_of("Cart").state, text_of("Cart").approved_forms) == (UNTRANSLATED, None)
    undone = desk.post(f"{API}/changes/{cleared['change']}/undo")
    assert undone.json["strings"] == 2
    cart, checkout = text_of("Cart"), text_of("Checkout")
    assert (cart.forms, cart.state, cart.approved_forms) == (["Warenkorb"], APPROVED, ["Warenkorb"])
    assert (checkout.forms, checkout.state, checkout.approved_forms) == (["Zur Kasse"], REVIEW, None)
    lines = desk.get(f"{API}/changes").json["changes"]
    assert [(each["kind"], each["undone_by"]) for each in lines] == [
        ("undo", None),
        ("clear", lines[0]["id"]),
    ]
    again = desk.post(f"{API}/changes/{undone.json['change']}/undo")  # an undo is a change like others
    assert again.json["strings"] == 2
    assert text_of("Cart").state == UNTRANSLATED


def test_an_undo_leaves_later_edits_alone(desk, id_of, text_of, loaded, now) -> None:
    done = desk.post(f"{API}/bulk", json={"action": "draft", "q": "state:approved"}).json
    commands.save(loaded, "de", id_of("Cart"), ["Korb"], DRAFT, 2, "ada", now)
    loaded.commit()
    page = desk.get(f"/locales/de/changes/{done['change']}").text
    assert "ada changed it again since." in page
    answer = desk.post(f"/locales/de/changes/{done['change']}/undo")
    assert answer.headers["Location"] == "/locales/de/changes"
    assert "1 were changed again since" in desk.get("/locales/de/changes").text
    assert text_of("Cart").forms == ["Korb"]
    assert text_of("%(num)d plate").state == APPROVED
    assert desk.post(f"/locales/de/changes/{done['change']}/undo").status_code == 422


def test_a_press_on_the_page_carries_out_what_it_showed(desk, text_of) -> None:
    form = {"action": "copy_source", "scope": "all", "q": "state:untranslated"}
    page = desk.post("/locales/de/bulk", data=form).text
    seen = page.split('name="looked_at" value="')[1].partition('"')[0]
    answer = desk.post("/locales/de/bulk", data={**form, "do": "carry_out", "looked_at": seen})
    assert answer.headers["Location"] == "/locales/de/?q=state:untranslated"
    assert (text_of("Hello %(name)s").forms, text_of("Hello %(name)s").state) == (["Hello %(name)s"], DRAFT)
    stale = desk.post("/locales/de/bulk", data={**form, "q": "", "do": "carry_out", "looked_at": seen})
    assert stale.status_code == 409
    assert "Some of these strings changed" in stale.text


def test_an_import_is_taken_back_as_one_change(desk, text_of) -> None:
    data = b'{"Cart": "Korb", "Checkout": "Zahlen", "Hello %(name)s": "Hallo %(name)s"}'
    assert desk.post(f"{API}/import?format=json&approve=1", data=data).json["counts"] == {
        "changed": 2,
        "new": 1,
    }
    change = desk.get(f"{API}/changes").json["changes"][0]
    assert (change["kind"], change["strings"]) == ("import", 3)
    assert desk.post(f"{API}/changes/{change['id']}/undo").json["strings"] == 3
    assert text_of("Cart").forms == ["Warenkorb"]
    assert (text_of("Hello %(name)s").forms, text_of("Hello %(name)s").approved_forms) == ([], None)


def test_all_that_one_person_changed_in_a_period_goes_back(desk, id_of, text_of, loaded, now) -> None:
    earlier = now - timedelta(days=3)
    commands.save(loaded, "de", id_of("Cart"), ["Korb"], APPROVED, 1, "ada@house.test", earlier)
    commands.save(loaded, "de", id_of("Cart"), ["Wagen"], DRAFT, 2, "ada@house.test", now)
    commands.save(loaded, "de", id_of("Cart"), ["Wägelchen"], DRAFT, 3, "ada@house.test", now)
    commands.save(loaded, "de", id_of("Checkout"), ["Zahlen"], DRAFT, 2 - 1, "ben@house.test", now)
    loaded.commit()
    period = {"author": "ada@house.test", "from": f"{now:%Y-%m-%d}", "to": f"{now:%Y-%m-%d}"}
    looked = desk.post(f"{API}/changes/revert?dry_run=1", json=period).json
    assert [each["new_forms"] for each in looked["changed"]] == [["Korb"]]
    assert "Wägelchen" in desk.get("/locales/de/changes/by", query_string=period).text
    assert desk.post("/locales/de/changes/by", data=period).status_code == 303
    cart = text_of("Cart")
    assert (cart.forms, cart.state, cart.approved_forms) == (["Korb"], APPROVED, ["Korb"])
    assert text_of("Checkout").forms == ["Zahlen"]
    wrong = {**period, "to": "yesterday"}
    assert desk.post(f"{API}/changes/revert", json=wrong).status_code == 422
