"""Positions, components and total of a month are the same cents, whatever the positions are."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.cost.line import COMPONENTS, Line
from app.cost.month import Position, bill, months, per, shifted

JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)
AMOUNTS = st.decimals(-(10**6), 10**6, places=9).map(Fraction)


def position(amount: Fraction | None, component: str = "hosting", currency: str = "EUR") -> Position:
    return Position("line:1", "x", "", component, "", "", amount, currency)


POSITIONS = st.builds(position, AMOUNTS, st.sampled_from(sorted(COMPONENTS)))


@given(st.lists(POSITIONS, max_size=40))
def test_nothing_is_lost_between_positions_components_and_total(found: list[Position]) -> None:
    made = bill(found, JANUARY)
    assert made.is_conserved
    assert sum(made.cents) == sum(made.by_component().values()) == made.exact_cents


def test_a_currency_without_a_rate_is_named_and_the_total_unknown() -> None:
    made = bill([position(Fraction(1)), position(None, currency="USD")], JANUARY)
    assert (made.total_cents, made.missing, made.exact_cents) == (None, ("USD",), 100)
    assert bill([], JANUARY).total_cents is None


LINES = st.builds(
    lambda cents, start, length, kind: Line(
        "x", "hosting", "", cents, "EUR", shifted(JANUARY, start), shifted(JANUARY, start + length), kind
    ),
    st.integers(1, 10**9),
    st.integers(0, 30),
    st.integers(0, 30),
    st.sampled_from(["recurring", "amortised"]),
)


@given(LINES)
def test_every_month_of_a_line_is_paid_once_and_a_contract_in_all(line: Line) -> None:
    paid = sum(line.cents_in(month) or 0 for month in months(JANUARY, shifted(JANUARY, 80)))
    term = len(months(line.from_month, line.to_month or JANUARY))
    assert paid == line.amount_cents * (1 if line.kind == "amortised" else term)


@given(LINES)
def test_the_days_of_a_month_bear_what_the_month_costs(line: Line) -> None:
    length = (shifted(line.from_month, 1) - line.from_month).days
    days = [line.from_month + timedelta(days=index) for index in range(length)]
    assert sum(line.cents_on(day) or 0 for day in days) == line.cents_in(line.from_month)


def test_a_line_is_paid_in_its_first_and_in_its_last_month() -> None:
    line = Line("x", "hosting", "", 100, "EUR", JANUARY, MARCH)
    assert [line.covers(shifted(JANUARY, index)) for index in (-1, 0, 2, 3)] == [False, True, True, False]


def test_without_anybody_to_divide_by_there_is_no_data() -> None:
    assert per(100, 0) is None
    assert per(100, None) is None
    assert per(None, 3) is None
