"""The same words give the same bytes, and what goes in comes out."""

from __future__ import annotations

from io import BytesIO

from babel.support import Translations

from app.locales.catalog import Entry, changes, compiled, message_key, read

PLURALS = "nplurals=2; plural=(n != 1);"
ENTRIES = [
    Entry("Cart", None, "", ("Warenkorb",)),
    Entry("Cart", None, "verb", ("Karren",)),
    Entry("%(num)d plate", "%(num)d plates", "", ("%(num)d Teller", "%(num)d Teller …")),
    Entry("Long\ntext", None, "", ("Zeile\nعربي 🫖",)),
]


def words(entries: list[Entry]) -> dict[str, Entry]:
    return {entry.key: entry for entry in entries}


def test_the_order_of_the_words_does_not_change_the_bytes() -> None:
    assert compiled("de", PLURALS, ENTRIES) == compiled("de", PLURALS, ENTRIES[::-1])


def test_what_was_compiled_is_read_back() -> None:
    assert read(compiled("pt-BR", PLURALS, ENTRIES)) == words(ENTRIES)


def test_gettext_reads_the_words_and_the_plural_rule() -> None:
    found = Translations(BytesIO(compiled("pt-BR", PLURALS, ENTRIES)))
    assert found.info()["language"] == "pt_BR"
    assert found.ugettext("Cart") == "Warenkorb"
    assert found.upgettext("verb", "Cart") == "Karren"
    assert found.ungettext("%(num)d plate", "%(num)d plates", 2) == "%(num)d Teller …"
    assert "generated-by" not in found.info()  # a new version of a tool is no new release


def test_only_what_differs_is_a_change() -> None:
    older = words(ENTRIES[:2])
    newer = words([Entry("Cart", None, "", ("Korb",)), ENTRIES[3]])
    found = {
        change.entry.msgid + change.entry.context: (change.before, change.after)
        for change in changes(older, newer)
    }
    assert found == {
        "Cart": (("Warenkorb",), ("Korb",)),
        "Long\ntext": (None, ("Zeile\nعربي 🫖",)),
        "Cartverb": (("Karren",), None),
    }
    assert changes(older, older) == []


def test_a_context_makes_another_message() -> None:
    assert message_key("", "Cart") != message_key("verb", "Cart")
