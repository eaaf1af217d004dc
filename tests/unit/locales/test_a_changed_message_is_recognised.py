"""A message whose words changed keeps its translations, as something to look at again."""

from __future__ import annotations

from app.locales.extraction.matching import Known, changed


def message(msgid: str, file: str = "cart.html", context: str = "") -> Known:
    return Known(f"{context}|{msgid}", context, msgid, frozenset({file}))


def matched(new: list[Known], gone: list[Known]) -> dict[str, str]:
    return changed(new, gone)


def test_a_word_more_is_the_same_message() -> None:
    assert matched([message("Add to your cart")], [message("Add to cart")]) == {
        "|Add to your cart": "|Add to cart"
    }


def test_another_sentence_is_another_message() -> None:
    assert matched([message("Your order was sent")], [message("Add to cart")]) == {}


def test_less_in_common_is_enough_in_the_same_file() -> None:
    old = "Pay now"
    assert matched([message("Pay by card", "pay.html")], [message(old, "pay.html")]) != {}
    assert matched([message("Pay by card", "pay.html")], [message(old, "cart.html")]) == {}


def test_each_old_message_becomes_one_new_one_and_the_nearest_wins() -> None:
    gone = [message("Delete the address"), message("Delete the card")]
    new = [message("Delete this card"), message("Delete this address")]
    assert matched(new, gone) == {
        "|Delete this card": "|Delete the card",
        "|Delete this address": "|Delete the address",
    }
    assert len(matched([message("Delete a card"), message("Delete my card")], gone[1:])) == 1


def test_the_same_words_in_another_context_are_recognised() -> None:
    assert matched([message("Open", context="verb")], [message("Open")]) == {"verb|Open": "|Open"}
