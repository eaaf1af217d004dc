"""Whatever is divided into cents adds up to what was divided."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cost.money import cents, read_amount, rounded, share_out, slice_of

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=12)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1).filter(any))
def test_shares_add_up_and_none_is_a_cent_off(total: int, weights: list[int]) -> None:
    parts = share_out(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(st.lists(amounts))
def test_rounded_amounts_add_up_to_the_rounded_bill(found: list[Decimal]) -> None:
    parts = rounded(found)
    assert sum(parts) == cents(sum(found, Decimal()))
    assert all(abs(part - amount * 100) <= 1 for part, amount in zip(parts, found, strict=True))


@given(st.integers(-(10**12), 10**12), st.integers(1, 120))
def test_a_contract_is_laid_on_its_months_to_the_cent(total: int, months: int) -> None:
    parts = [slice_of(total, index, months) for index in range(months)]
    assert sum(parts) == total
    assert max(parts) - min(parts) <= 1


def test_an_annual_contract_of_1000() -> None:
    parts = [slice_of(100_000, month, 12) for month in range(12)]
    assert parts == [8333, 8334, 8333, 8333, 8334, 8333, 8333, 8334, 8333, 8333, 8334, 8333]


def test_nothing_is_shared_out_by_nothing() -> None:
    with pytest.raises(ValueError, match="nothing to divide by"):
        share_out(100, [0, 0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.00000080000", "0.0000008"),
        ("1E-7", "0.0000001"),
        ("$10,000.00 ", "10000"),
        ("(12.50)", "-12.5"),
        ("-$3", "-3"),
        ("−4.2", "-4.2"),
        ("0.30000000000000004", "0.30000000000000004"),
    ],
)
def test_an_amount_is_read_exactly(text: str, value: str) -> None:
    assert read_amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1e999", "=1+1", "12,5", "1.2.3", "10**5", "9" * 70])
def test_what_is_no_amount_is_not_read(text: str) -> None:
    assert read_amount(text) is None
