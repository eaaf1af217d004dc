"""Locales are added and opened, people are let in, and nobody approves what they wrote."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts import commands as accounts
from app.audit.models import AuditEntry
from app.errors import Refused
from app.locales import commands, locale_commands
from app.locales.locale_commands import Settings
from app.locales.states import APPROVED, DRAFT, REVIEW

API = "/api/v1/locales"
ANA, BEN = "ana@house.test", "ben@house.test"


@pytest.fixture
def admin(signed_in, loaded):
    return signed_in("admin")


@pytest.fixture
def translator(signed_in, loaded):
    return signed_in("translator")


@pytest.fixture
def reviewed(loaded, now):
    """German asks for a review."""
    locale_commands.set_up(loaded, "de", Settings("on", None, True), ANA, now)
    loaded.commit()
    return loaded


def test_a_locale_is_added_off_and_opened_step_by_step(admin, loaded) -> None:
    added = admin.post(API, json={"code": "pt_br"})
    assert added.status_code == 201
    assert (added.json["code"], added.json["availability"], added.json["own_name"]) == (
        "pt-BR",
        "off",
        "Português (brasil)",
    )
    assert added.json["plural_forms"].startswith("nplurals=")
    assert admin.post(API, json={"code": "pt-BR"}).status_code == 409
    assert admin.post(API, json={"code": "qq"}).status_code == 404
    preview = admin.patch(f"{API}/pt-BR", json={"availability": "preview"}).json
    assert preview["availability"] == "preview"
    shown = admin.patch(f"{API}/pt-BR", json={"availability": "on", "fallback": "de"}).json
    assert shown["chain"] == ["pt-BR", "de", "en"]
    around = admin.patch(f"{API}/de", json={"fallback": "pt-BR"})
    assert around.status_code == 409
    assert "come back to itself: de → pt-BR → de." in around.json["errors"][0]["detail"]
    assert admin.patch(f"{API}/en", json={"availability": "off"}).status_code == 409
    actions = loaded.scalars(select(AuditEntry.action).where(AuditEntry.subject == "locale:pt-BR")).all()
    assert actions == ["locales.add", "locales.set_up", "locales.set_up"]


def test_the_pages_of_a_locale_do_the_same(admin, translator) -> None:
    assert "nplurals=2" in admin.get("/locales/new?code=nl").text
    added = admin.post("/locales/new", data={"code": "nl", "plural_forms": "nplurals=2; plural=(n != 1);"})
    assert added.headers["Location"] == "/locales/nl/settings"
    form = {"availability": "preview", "fallback": "de", "asks_review": "1"}
    assert admin.post("/locales/nl/settings", data=form).status_code == 303
    page = admin.get("/locales/nl/settings").text
    assert "http://shop.test/en/?outline=" in page
    assert "nl → de → en" in page
    assert "preview" in admin.get("/locales/").text
    assert translator.get("/locales/nl/settings").status_code == 200
    assert translator.post("/locales/nl/settings", data=form).status_code == 403
    assert translator.get("/locales/new").status_code == 403


def test_who_is_listed_works_on_a_locale_and_nobody_else(admin, translator, signed_in, id_of) -> None:
    url = f"{API}/de/strings/{id_of('Cart')}"
    viewer = signed_in("viewer")
    text = {"forms": ["Korb"], "state": DRAFT, "revision": 1}
    assert viewer.put(url, json=text).status_code == 403
    assert (
        admin.put(f"{API}/de/grants/viewer@house.test", json={"permissions": ["translate"]}).status_code
        == 200
    )
    assert viewer.put(url, json=text).status_code == 200
    assert viewer.put(url, json={**text, "state": APPROVED, "revision": 2}).status_code == 403
    assert translator.put(url, json={**text, "revision": 2}).status_code == 403
    assert "Save and next" not in translator.get(f"/locales/de/strings/{id_of('Cart')}").text
    assert translator.post("/locales/de/bulk", data={"action": "clear", "scope": "all"}).status_code == 403
    assert translator.get(f"{API}/de").json["you_may"] == []
    assert "viewer@house.test" in admin.get("/locales/de/people").text
    assert admin.put(f"{API}/de/grants/x", json={"permissions": ["translate"]}).status_code == 404
    assert admin.put(f"{API}/de/grants/a@b.c", json={"permissions": ["fly"]}).status_code == 422
    assert (
        translator.put(f"{API}/de/grants/translator@house.test", json={"permissions": []}).status_code == 403
    )
    assert admin.delete(f"{API}/de/grants/viewer@house.test").status_code == 204
    assert translator.put(url, json={**text, "forms": ["Wagen"], "revision": 2}).status_code == 200


def test_a_release_is_made_by_who_is_listed_for_it(admin, translator, signed_in, loaded, id_of, now) -> None:
    for code, text in (("de", "Korb"), ("ar", "عربة")):
        commands.save(loaded, code, id_of("Cart"), [text], APPROVED, 1, ANA, now)
    loaded.commit()
    viewer = signed_in("viewer")
    assert viewer.post(f"{API}/de/publish", json={}).status_code == 403
    admin.put(f"{API}/de/grants/viewer@house.test", json={"permissions": ["publish"]})
    assert "Shoppers in German see" in viewer.get("/locales/de/publish").text
    assert "Shoppers in German see" not in translator.get("/locales/de/publish").text
    assert translator.post(f"{API}/de/publish", json={}).status_code == 403
    assert translator.post("/locales/de/publish").status_code == 403
    assert set(translator.post(f"{API}/publish", json={}).json["releases"]) == {"ar"}
    assert viewer.post(f"{API}/de/publish", json={}).status_code == 201


def test_nobody_approves_what_they_wrote(reviewed, id_of, text_of, now) -> None:
    message_id = id_of("Cart")

    def save(text: str, state: str, revision: int, who: str) -> None:
        commands.save(reviewed, "de", message_id, [text], state, revision, who, now)
        reviewed.commit()

    with pytest.raises(Refused, match="Somebody else has to approve"):
        save("Korb", APPROVED, 1, ANA)
    reviewed.rollback()
    save("Korb", REVIEW, 1, ANA)
    save("Korb", DRAFT, 2, BEN)  # who only changes the state has not written it
    with pytest.raises(Refused):
        save("Korb", APPROVED, 3, ANA)
    reviewed.rollback()
    assert text_of("Cart").approved_forms == ["Warenkorb"]  # the shop still says it
    save("Korb", APPROVED, 3, BEN)
    cart = text_of("Cart")
    assert (cart.writer, cart.author, cart.approved_forms) == (ANA, BEN, ["Korb"])
    with pytest.raises(Refused):
        save("Körbchen", APPROVED, 4, BEN)


def test_the_editor_keeps_what_was_typed_and_offers_the_review(reviewed, translator, id_of, text_of) -> None:
    url = f"/locales/de/strings/{id_of('Cart')}"
    answer = translator.post(url, data={"form-0": "Korb", "state": APPROVED, "revision": "1"})
    assert answer.status_code == 422
    assert "Somebody else has to approve this text" in answer.text
    assert ">\nKorb</textarea>" in answer.text
    assert translator.post(url, data={"form-0": "Korb", "state": REVIEW, "revision": "1"}).status_code == 303
    assert 'value="review" checked' in translator.get(url).text


def test_nobody_approves_what_they_wrote_by_a_token(
    reviewed, translator, control_app, id_of, text_of, now
) -> None:
    maker, cart = "translator@house.test", id_of("Cart")
    raw = accounts.create_token(reviewed, "api", "production", "words", "translator", now, maker)
    reviewed.commit()
    url, header = f"{API}/de/strings/{cart}", {"Authorization": f"Bearer {raw}"}
    text = {"forms": ["Korb"], "state": REVIEW, "revision": 1}
    assert control_app.test_client().put(url, json=text, headers=header).status_code == 200
    approved = {"forms": ["Korb"], "state": APPROVED, "revision": 2}
    assert translator.put(url, json=approved).status_code == 409
    assert 'value="review" checked' in translator.get(f"/locales/de/strings/{cart}").text
    many = {"action": "approve", "ids": str(cart)}
    assert "you wrote it" in translator.post("/locales/de/bulk", data=many).text
    assert text_of("Cart").state == REVIEW


def test_a_file_cannot_approve_itself_where_a_review_is_asked(reviewed, translator, text_of) -> None:
    data = b'{"Cart": "Korb"}'
    url = f"{API}/de/import?format=json&approve=1"
    assert translator.post(url, data=data).status_code == 200
    cart = text_of("Cart")
    assert (cart.forms, cart.state, cart.approved_forms) == (["Korb"], REVIEW, ["Warenkorb"])
    set_state = f"{API}/de/strings/{cart.message_id}/state"
    assert translator.post(set_state, json={"state": APPROVED, "revision": 2}).status_code == 409


# What each role may do where nobody is listed, and with a list that names the viewer for publishing alone.
ROLES = {
    "viewer": ((), ("publish",)),
    "product_manager": (("settings",), ("settings",)),
    "translator": (("draft", "approve", "publish"), ()),
    "admin": (("draft", "approve", "publish", "settings"), ("draft", "approve", "publish", "settings")),
}


@pytest.mark.parametrize("is_listed", [False, True], ids=["roles decide", "a list decides"])
@pytest.mark.parametrize("role", ROLES)
def test_pages_and_machines_let_the_same_people_do_the_same(signed_in, loaded, id_of, now, role, is_listed):
    if is_listed:
        locale_commands.grant(loaded, "de", "viewer@house.test", ["publish"], ANA, now)
        loaded.commit()
    client, cart = signed_in(role), id_of("Cart")
    page, url = f"/locales/de/strings/{cart}", f"{API}/de/strings/{cart}"
    stale = {"forms": ["x"], "revision": 9}
    form = {"form-0": "x", "revision": "9", "go": "stay"}  # nobody saves: who may is told that it is stale
    asked = {
        "draft": [
            client.put(url, json={**stale, "state": DRAFT}),
            client.post(page, data={**form, "state": DRAFT}),
        ],
        "approve": [
            client.put(url, json={**stale, "state": APPROVED}),
            client.post(page, data={**form, "state": APPROVED}),
        ],
        "publish": [client.post(f"{API}/de/releases/0/live"), client.post("/locales/de/releases/0/live")],
        "settings": [
            client.patch(f"{API}/de", json={"availability": "none"}),
            client.post("/locales/de/settings", data={"availability": "none"}),
        ],
    }
    allowed = ROLES[role][is_listed]
    for what, answers in asked.items():
        codes = [answer.status_code for answer in answers]
        assert all((code != 403) == (what in allowed) and code < 500 for code in codes), (what, codes)


def test_a_list_says_who_never_signed_in(signed_in, admin, loaded, now) -> None:
    for person in ("nobody@house.test", "token:build"):
        locale_commands.grant(loaded, "de", person, ["translate"], ANA, now)
    loaded.commit()
    assert admin.get("/locales/de/people").text.count("Nobody with this address has signed in yet.") == 1
