from __future__ import annotations

import pytest

from storefront.cart.quantity import check_stock, parse_id, parse_quantity
from storefront.errors import NotFound, Refused


@pytest.mark.parametrize(("typed", "meant"), [("1", 1), ("99", 99), (" 7 ", 7), ("007", 7)])
def test_whole_numbers_from_1_to_99_are_taken(typed: str, meant: int) -> None:
    assert parse_quantity(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "0",
        "-1",
        "−1",
        "1.5",
        "1,5",
        "NaN",
        "1000000000",
        "١",
        str(2**31),
        "",
        "1e9",
        "100",
        "0x1",
        "1_0",
        "1\n",
    ],
)
def test_everything_else_is_refused_beside_the_field(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_quantity(typed)
    assert refused.value.status == 422
    assert set(refused.value.fields) == {"quantity"}


def test_as_many_as_there_are_may_be_wanted() -> None:
    check_stock(3, 3)


@pytest.mark.parametrize(("wanted", "stock", "words"), [(4, 3, "Only 3 left"), (1, 0, "sold out")])
def test_more_than_there_is_is_refused_with_what_is_left(wanted: int, stock: int, words: str) -> None:
    with pytest.raises(Refused) as refused:
        check_stock(wanted, stock)
    assert words in str(refused.value.fields["quantity"])


def test_a_row_is_named_by_its_number() -> None:
    assert parse_id("42") == 42


@pytest.mark.parametrize("text", ["", "a", "-1", "1.0", "9" * 19, "١", "1 OR 1=1"])
def test_what_is_no_number_of_a_row_names_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        parse_id(text)
