from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storefront.cart.delivery import COUNTRIES, HOME, country_names, country_or_home
from storefront.cart.totals import PricedLine, tax_within, totals
from storefront.shopper import COUNTRIES as WHERE_SHOPPERS_MAY_BE

GERMANY = COUNTRIES["DE"]
LINES = st.lists(
    st.builds(PricedLine, st.just(1), st.integers(1, 99), st.integers(1, 1_000_000)), max_size=20
)


def test_delivery_is_added_below_the_threshold() -> None:
    cost = totals([PricedLine(1, 2, 1_500)], GERMANY)
    assert (cost.gross_cents, cost.shipping_cents, cost.total_cents) == (3_000, 490, 3_490)
    assert cost.free_delivery_gap_cents == 2_900


def test_delivery_is_free_from_the_threshold_on() -> None:
    assert totals([PricedLine(1, 1, 5_899)], GERMANY).shipping_cents == 490
    free = totals([PricedLine(1, 1, 5_900)], GERMANY)
    assert (free.shipping_cents, free.total_cents, free.free_delivery_gap_cents) == (0, 5_900, 0)


def test_tax_is_the_part_of_the_total_that_the_country_takes() -> None:
    assert totals([PricedLine(1, 1, 11_900)], GERMANY).tax_cents == 1_900


def test_an_empty_cart_costs_nothing_not_even_delivery() -> None:
    assert totals([], GERMANY).total_cents == 0


def test_a_discount_never_makes_the_goods_cheaper_than_nothing() -> None:
    cost = totals([PricedLine(1, 1, 1_000)], GERMANY, discount_cents=5_000)
    assert (cost.discount_cents, cost.total_cents) == (1_000, 490)


def test_a_discount_is_taken_off_before_delivery_is_free() -> None:
    assert totals([PricedLine(1, 1, 6_000)], GERMANY, discount_cents=200).shipping_cents == 490


def test_half_a_cent_of_tax_is_rounded_up() -> None:
    assert tax_within(11, 1_000) == 1
    assert tax_within(16, 1_000) == 1  # 1.4545
    assert tax_within(21, 5_000) == 7
    assert tax_within(3, 10_000) == 2  # exactly 1.5


def test_without_tax_none_is_in_the_price() -> None:
    assert tax_within(10_000, 0) == 0


@given(LINES, st.sampled_from(sorted(COUNTRIES)))
def test_the_sums_always_add_up(lines: list[PricedLine], code: str) -> None:
    cost = totals(lines, COUNTRIES[code])
    assert cost.gross_cents == sum(line.quantity * line.unit_price_cents for line in lines)
    assert cost.total_cents == cost.gross_cents - cost.discount_cents + cost.shipping_cents
    assert 0 <= cost.tax_cents <= cost.total_cents


@given(LINES, st.sampled_from(sorted(COUNTRIES)))
def test_the_tax_is_within_a_cent_of_the_exact_one(lines: list[PricedLine], code: str) -> None:
    cost = totals(lines, COUNTRIES[code])
    exact = cost.total_cents * cost.tax_rate_bp / (10_000 + cost.tax_rate_bp)
    assert abs(cost.tax_cents - exact) <= 0.5


def test_we_deliver_wherever_a_shopper_can_be() -> None:
    assert set(COUNTRIES) == set(WHERE_SHOPPERS_MAY_BE)


def test_an_unknown_country_is_priced_as_home() -> None:
    assert country_or_home("fr").code == "FR"
    assert country_or_home("XX").code == country_or_home(None).code == HOME


def test_countries_are_named_and_ordered_in_the_shoppers_language() -> None:
    assert ("DE", "Deutschland") in country_names("de")
    names = [name for _, name in country_names("en")]
    assert names == sorted(names)
