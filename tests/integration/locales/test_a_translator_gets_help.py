"""Beside the editor: warnings that can be dismissed, the glossary, the memory, and where a string stands."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from app import clock
from app.audit.models import AuditEntry
from app.errors import Conflict, NotFound, Refused
from app.locales import commands
from app.locales.assist import commands as assist
from app.locales.assist import glossary, queries
from app.locales.assist.outline import LASTS
from app.locales.checks import Term
from app.locales.insight.models import MessageSighting
from app.locales.models import Message, Translation
from app.locales.states import APPROVED, DRAFT
from tests.conftest import SECRET, SHOP_URL
from tests.integration.locales.conftest import WHO


@pytest.fixture
def translator(loaded, signed_in):
    return signed_in("translator")


@pytest.fixture
def save(loaded, id_of, now):
    def save_(msgid: str, *forms: str, state: str = APPROVED) -> int:
        text = loaded.get(Translation, (id_of(msgid), "de"))
        commands.save(loaded, "de", id_of(msgid), forms, state, text.revision if text else 0, WHO, now)
        loaded.commit()
        return id_of(msgid)

    return save_


@pytest.fixture
def add_message(loaded, now):
    def add(msgid: str, *forms: str, author: str = WHO, approved: bool = True) -> int:
        message = Message(
            key=hashlib.sha256(msgid.encode()).hexdigest(),
            context="",
            msgid=msgid,
            plural_id=None,
            flags=[],
            locations=["storefront/cart/templates/cart.html:9"],
            comments=["Above the sum"],
            first_seen_at=now,
        )
        loaded.add(message)
        loaded.flush()
        if forms:
            loaded.add(
                Translation(
                    message_id=message.id,
                    locale="de",
                    forms=list(forms),
                    state=APPROVED if approved else DRAFT,
                    approved_forms=list(forms) if approved else None,
                    revision=1,
                    author=author,
                    updated_at=now,
                )
            )
        loaded.commit()
        return message.id

    return add


# --- warnings ----------------------------------------------------------------------------------------


def test_a_warning_is_dismissed_with_a_name_and_a_reason(loaded, translator, save, now) -> None:
    id_ = save("Cart", "Warenkorb.")
    page = translator.get(f"/locales/de/strings/{id_}/help", headers={"HX-Request": "true"}).text
    assert "It ends in another punctuation mark" in page
    answer = translator.post(
        f"/locales/de/strings/{id_}/dismissals",
        data={"check": "ending", "form": "0", "reason": "The heading needs it"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "The heading needs it" in answer.text
    assert "translator@house.test" in answer.text
    entry = loaded.scalars(select(AuditEntry).where(AuditEntry.action == "locales.dismiss")).one()
    assert entry.after["reason"] == "The heading needs it"


def test_it_comes_back_when_the_text_changes(loaded, id_of, save, now) -> None:
    id_ = save("Cart", "Warenkorb.")
    assist.dismiss(loaded, "de", id_, "ending", 0, "so be it", WHO, now)
    message = loaded.get(Message, id_)
    assert queries.judged(loaded, "de", message, ["Warenkorb."])[0].dismissal.reason == "so be it"
    assert queries.judged(loaded, "de", message, ["Korb."])[0].dismissal is None


def test_a_dismissed_warning_may_be_shown_again(translator, loaded, save, now) -> None:
    id_ = save("Cart", "Warenkorb.")
    assist.dismiss(loaded, "de", id_, "ending", 0, "so be it", WHO, now)
    loaded.commit()
    path = f"/api/v1/locales/de/strings/{id_}"
    assert translator.get(f"{path}/help").json["findings"][0]["dismissed"]["reason"] == "so be it"
    assert translator.delete(f"{path}/dismissals/ending/0").status_code == 204
    assert translator.delete(f"{path}/dismissals/ending/0").status_code == 404
    assert translator.get(f"{path}/help").json["findings"][0]["dismissed"] is None


def test_a_blocker_cannot_be_dismissed_nor_a_warning_that_is_not_there(loaded, save, translator, now) -> None:
    id_ = save("Cart", "<script>.", state=DRAFT)
    with pytest.raises(Refused, match="cannot be dismissed"):
        assist.dismiss(loaded, "de", id_, "markup", 0, "please", WHO, now)
    for check, form in (("spaces", 0), ("ending", 7), ("nonsense", 0)):
        with pytest.raises(Conflict):
            assist.dismiss(loaded, "de", id_, check, form, "please", WHO, now)
    with pytest.raises(Refused):
        assist.dismiss(loaded, "de", id_, "ending", 0, "  ", WHO, now)
    answer = translator.post(f"/locales/de/strings/{id_}/dismissals", data={"check": "ending", "reason": ""})
    assert answer.status_code == 422
    assert "Give a reason" in answer.text


# --- glossary ----------------------------------------------------------------------------------------


def test_a_term_is_added_edited_and_deleted(translator, loaded) -> None:
    page = "/locales/de/glossary"
    data = {"term": "Cart", "translation": "Warenkorb", "note": "never Korb"}
    assert translator.post(page, data=data).status_code == 303
    term = translator.get(f"/api/v1{page}").json["terms"][0]
    assert (term["term"], term["translation"]) == ("Cart", "Warenkorb")
    again = translator.post(page, data={**data, "term": "cart"})
    assert (again.status_code, "has this term already" in again.text) == (409, True)
    edited = translator.post(page, data={**data, "id": term["id"], "translation": "Einkaufskorb"})
    assert edited.status_code == 303
    assert "Einkaufskorb" in translator.get(page).text
    assert translator.post(f"{page}/{term['id']}/delete").status_code == 303
    assert translator.get(f"/api/v1{page}").json["terms"] == []


def test_what_is_wrong_with_a_term_stands_beside_the_field(translator) -> None:
    answer = translator.post("/locales/de/glossary", data={"term": "Cart", "translation": "", "note": "kept"})
    assert answer.status_code == 422
    assert "Give a translation" in answer.text
    assert 'value="kept"' in answer.text


def test_a_glossary_travels_as_csv(translator, loaded, now) -> None:
    terms = [Term("Hearth", "Hearth", is_kept=True), Term("=sum", "Summe", note="odd"), Term("Cart", "Korb")]
    assert glossary.read_csv(glossary.as_csv(terms)) == terms
    upload = {"file": (io.BytesIO(glossary.as_csv(terms)), "terms.csv")}
    assert translator.post("/locales/de/glossary/import", data=upload).status_code == 303
    assert len(queries.terms(loaded, "de")) == 3
    more = b"term,translation\ncart,Warenkorb\n"
    assert translator.post("/api/v1/locales/de/glossary/import", data=more).json == {"terms": 1}
    assert glossary.read_csv(translator.get("/locales/de/glossary.csv").data) == sorted(
        [terms[0], terms[1], Term("cart", "Warenkorb")], key=lambda term: term.term.lower()
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b"word\nx\n",
        b"term,translation\nx,\n",
        b'term,translation\n"x',
        b"term,translation\n" + b"x" * 300 + b",y",
    ],
)
def test_a_file_that_is_no_glossary_is_refused(data) -> None:
    with pytest.raises(Refused) as refused:
        glossary.read_csv(data)
    assert "file" in refused.value.fields


def test_terms_of_the_string_are_shown_to_insert_and_checked(translator, loaded, save, now) -> None:
    assist.import_terms(loaded, "de", [Term("cart", "Warenkorb"), Term("plate", "Teller")], WHO, now)
    id_ = save("Cart", "Korb")
    found = translator.get(f"/api/v1/locales/de/strings/{id_}/help").json
    assert [term["term"] for term in found["glossary"]] == ["cart"]
    assert [row["check"] for row in found["findings"]] == ["glossary"]
    page = translator.get(f"/locales/de/strings/{id_}/help", headers={"HX-Request": "true"}).text
    assert 'data-insert="Warenkorb"' in page
    with pytest.raises(NotFound):
        assist.delete_term(loaded, "ar", 1, WHO, now)


# --- memory ------------------------------------------------------------------------------------------


def test_the_memory_offers_texts_of_messages_that_resemble_it(loaded, add_message) -> None:
    add_message("Add this plate to the cart", "Diesen Teller in den Warenkorb")
    add_message(
        "Add this cup to the cart", "Diese Tasse in den Warenkorb", author=f"file:{WHO}", approved=False
    )
    add_message("Add this bowl to the cart", "Diese Schale", approved=False)  # nobody has approved it
    add_message("Your order was sent", "Unterwegs")
    found = queries.memory(loaded, "de", "Add this pot to the cart")
    assert [one.forms[0] for one in found] == [
        "Diese Tasse in den Warenkorb",
        "Diesen Teller in den Warenkorb",
    ]
    assert found[0].similarity > found[1].similarity > 0.5
    assert found[0].place == "storefront/cart/templates/cart.html:9"
    assert queries.memory(loaded, "ar", "Add this pot to the cart") == []


def test_the_memory_answers_over_the_api(translator, add_message) -> None:
    add_message("Add this plate to the cart", "Diesen Teller in den Warenkorb")
    found = translator.get("/api/v1/locales/de/memory?text=Add+this+plate").json["memory"]
    assert found[0]["source"] == "Add this plate to the cart"
    assert translator.get("/api/v1/locales/de/memory?text=").status_code == 422


# --- where it stands ---------------------------------------------------------------------------------


def test_a_link_opens_the_shop_where_the_string_is_outlined(translator, loaded, add_message, now) -> None:
    id_ = add_message("Add this plate to the cart")
    key = loaded.get(Message, id_).key
    for locale, endpoint, path in (
        ("en", "cart.show", "/en/cart"),
        ("de", "orders.show", "/de/orders/HL-7"),
        ("de", "products.home", "/de/"),
    ):
        loaded.add(
            MessageSighting(
                message_key=key,
                locale=locale,
                endpoint=endpoint,
                path=path,
                last_seen_at=now - timedelta(hours=1),
            )
        )
    loaded.commit()
    asked_at = clock.now()
    found = translator.get(f"/api/v1/locales/de/strings/{id_}/help").json
    answered_at = clock.now()
    assert (found["component"], found["comments"]) == ("cart", ["Above the sum"])
    assert [page["endpoint"] for page in found["pages"]] == ["products.home", "cart.show", "orders.show"]
    link = found["pages"][1]["outlined"]
    assert link.startswith(f"{SHOP_URL}/de/cart?outline=")
    told, signature = link.partition("outline=")[2].split(".")
    text = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))
    assert hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest() == signature
    locale, what, expires = text.decode().split("|")
    assert (locale, what) == ("de", key)
    assert int((asked_at + LASTS).timestamp()) <= int(expires) <= (answered_at + LASTS).timestamp()
    page = translator.get(f"/locales/de/strings/{id_}/help")
    assert unescape(re.findall(r'href="(http://shop[^"]+)"', page.text)[1]).startswith(f"{SHOP_URL}/de/cart")


def test_somebody_who_only_looks_may_not_write(signed_in, loaded, id_of) -> None:
    viewer = signed_in("viewer")
    assert viewer.get(f"/locales/de/strings/{id_of('Cart')}/help").status_code == 200
    assert viewer.post("/locales/de/glossary", data={"term": "a", "translation": "b"}).status_code == 403
    assert viewer.post(f"/locales/de/strings/{id_of('Cart')}/dismissals").status_code == 403
    assert viewer.get("/locales/de/strings/999999/help").status_code == 404
    assert viewer.get("/locales/xx/glossary").status_code == 404
