"""Lists as CSV: amounts stay numbers, and no text becomes a formula."""

from __future__ import annotations

import csv

import pytest

from app.cost.bodies import as_csv


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("-0.25", "-0.25"),
        (-25, "-25"),
        (None, ""),
        ("Café, north", "Café, north"),
        ("=1+1", "'=1+1"),
        ("-1+1", "'-1+1"),
        ("-0.25\n", "'-0.25\n"),
        ("@sum", "'@sum"),
    ],
)
def test_a_credit_stays_a_number_and_a_formula_becomes_text(value: object, cell: str) -> None:
    text = as_csv("bills", ["amount"], [[value]]).get_data(as_text=True)
    assert list(csv.reader(text.splitlines(keepends=True))) == [["amount"], [cell]]
