"""Each deploy brings its messages; what people wrote stays."""

from __future__ import annotations

from sqlalchemy import select

from app.locales import commands, queries
from app.locales.models import Locale, Message, TranslationVersion
from app.locales.states import APPROVED, DRAFT, REVIEW
from tests import words
from tests.integration.locales.conftest import SHIPPED, WHO


def test_messages_and_words_come_from_the_files(loaded, text_of) -> None:
    cart = text_of("Cart")
    assert (cart.forms, cart.state, cart.approved_forms) == (["Warenkorb"], APPROVED, ["Warenkorb"])
    assert text_of("Hello %(name)s") is None
    assert text_of("%(num)d plate").forms == ["%(num)d Teller", "%(num)d Teller da"]
    assert text_of("Cart", "ar").forms == ["سلة"]
    message = loaded.scalars(select(Message).where(Message.msgid == "Hello %(name)s")).one()
    assert message.flags == ["python-format"]
    assert message.locations == ["cart/templates/cart.html:2"]


def test_a_fuzzy_text_needs_a_review(text_of) -> None:
    checkout = text_of("Checkout")
    assert (checkout.state, checkout.approved_forms) == (REVIEW, None)


def test_the_source_language_is_on_offer_without_a_file(loaded) -> None:
    assert set(loaded.scalars(select(Locale.code))) == {"en", "de", "ar"}
    english = queries.one_locale(loaded, "en", "en")
    assert (english.is_source, english.translated, english.strings, english.unfinished) == (True, 4, 4, 0)


def test_taking_over_twice_changes_nothing(loaded, root, now) -> None:
    assert commands.load_shipped(loaded, root, now) == "4 messages, 2 files, 0 texts taken over"
    assert len(loaded.scalars(select(TranslationVersion)).all()) == 4


def test_a_newer_text_replaces_what_nobody_edited(loaded, root, now, text_of) -> None:
    words.ship(root, "de", {**SHIPPED, "Cart": "Einkaufswagen"})
    commands.load_shipped(loaded, root, now)
    loaded.commit()
    cart = text_of("Cart")
    assert (cart.forms, cart.revision) == (["Einkaufswagen"], 2)


def test_an_edit_stays_when_the_package_changes(loaded, root, now, id_of, text_of) -> None:
    commands.save(loaded, "de", id_of("Cart"), ["Korb"], DRAFT, 1, WHO, now)
    words.ship(root, "de", {**SHIPPED, "Cart": "Einkaufswagen"})
    commands.load_shipped(loaded, root, now)
    loaded.commit()
    cart = text_of("Cart")
    assert cart.forms == ["Korb"]
    assert cart.approved_forms == ["Warenkorb"]
    assert cart.shipped_forms == ["Einkaufswagen"]


def test_a_message_that_is_gone_is_kept_out_of_sight_and_may_come_back(loaded, root, now) -> None:
    fewer = {key: text for key, text in SHIPPED.items() if key != "Checkout"}
    for locale in ("de", "ar"):
        words.ship(root, locale, fewer if locale == "de" else {"Cart": "سلة"})
    commands.load_shipped(loaded, root, now)
    assert queries.one_locale(loaded, "de", "en").strings == 3
    words.ship(root, "de", SHIPPED)
    commands.load_shipped(loaded, root, now)
    assert queries.one_locale(loaded, "de", "en").strings == 4
    loaded.rollback()


def test_nothing_is_lost_where_no_file_ships(loaded, tmp_path, now) -> None:
    assert commands.load_shipped(loaded, tmp_path / "empty", now) == "nothing ships"
    assert queries.one_locale(loaded, "de", "en").strings == 4


def test_a_locale_code_that_nobody_knows_is_taken_as_it_is(loaded, root, now) -> None:
    words.ship(root, "qps-ploc", {"Cart": "[Çàrţ]"}, plurals="nplurals=2; plural=(n != 1);")
    commands.load_shipped(loaded, root, now)
    row = queries.one_locale(loaded, "qps-ploc", "en")
    assert (row.strings, row.by_state[APPROVED]) == (4, 1)
    loaded.rollback()
