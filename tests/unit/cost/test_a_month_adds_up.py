"""Lines, components and total of a month are the same cents, whatever the lines are."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cost.line import COMPONENTS, Line
from app.cost.month import bill, first_of, months, per, shifted

JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)
MONTHS = st.builds(lambda index: shifted(JANUARY, index), st.integers(0, 40))


@st.composite
def lines(draw: st.DrawFn) -> Line:
    start = draw(MONTHS)
    length = draw(st.none() | st.integers(0, 30))
    return Line(
        name="x",
        component=draw(st.sampled_from(sorted(COMPONENTS))),
        vendor="",
        amount_cents=draw(st.integers(1, 10**9)),
        currency="EUR",
        from_month=start,
        to_month=None if length is None else shifted(start, length),
    )


@given(st.lists(lines(), max_size=40), MONTHS)
def test_nothing_is_lost_between_lines_components_and_total(given_lines: list[Line], month: date) -> None:
    found = bill(given_lines, month)
    assert found.is_conserved
    assert sum(found.by_component().values()) == found.total_cents
    covering = [line for line in given_lines if line.covers(month)]
    assert found.total_cents == sum(line.amount_cents for line in covering)


@given(st.lists(lines(), max_size=20))
def test_every_month_of_a_line_is_paid_once(given_lines: list[Line]) -> None:
    span = months(JANUARY, shifted(JANUARY, 80))
    paid = sum(bill(given_lines, month).total_cents for month in span)
    owed = sum(
        line.amount_cents * len(months(line.from_month, min(line.to_month or span[-1], span[-1])))
        for line in given_lines
    )
    assert paid == owed


def test_a_line_is_paid_in_its_first_and_in_its_last_month() -> None:
    line = Line("x", "hosting", "", 100, "EUR", JANUARY, MARCH)
    assert [line.covers(shifted(JANUARY, index)) for index in (-1, 0, 2, 3)] == [False, True, True, False]


def test_without_anybody_to_divide_by_there_is_no_data() -> None:
    assert per(100, 0) is None
    assert per(100, None) is None
    assert per(100, 8) == pytest.approx(12.5)


def test_months_are_counted_over_the_end_of_a_year() -> None:
    assert shifted(date(2026, 12, 1), 1) == date(2027, 1, 1)
    assert shifted(JANUARY, -1) == date(2025, 12, 1)
    assert months(date(2025, 11, 1), JANUARY) == [date(2025, 11, 1), date(2025, 12, 1), JANUARY]
    assert months(MARCH, JANUARY) == []
    assert first_of(date(2026, 3, 31)) == MARCH
