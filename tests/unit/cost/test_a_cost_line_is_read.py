"""A cost is typed as people write it; each wrong field is answered beside it."""

from __future__ import annotations

from datetime import date

import pytest

from app.cost.line import COMPONENTS, Line, check, read_line
from app.errors import Refused

GOOD = {
    "name": " Virtual  machine ",
    "component": "hosting",
    "vendor": "Example Cloud",
    "amount": "45.50",
    "currency": "eur",
    "from_month": "2026-01",
    "to_month": "",
}


def test_a_line_is_read_to_the_cent() -> None:
    assert read_line(GOOD, "en") == Line(
        "Virtual machine", "hosting", "Example Cloud", 4550, "EUR", date(2026, 1, 1), None
    )


def test_amounts_are_read_in_the_readers_way_of_writing() -> None:
    assert read_line({**GOOD, "amount": "1.234,50"}, "de").amount_cents == 123_450
    assert read_line({**GOOD, "amount": "1,234.5"}, "en").amount_cents == 123_450


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[
            ("amount", text)
            for text in ("-1", "0", "NaN", "Infinity", "", "ten", "1.234", "1e12", "1000000000000")
        ],
        ("amount", "1.50,0"),
        ("currency", "XYZ"),
        ("currency", ""),
        ("component", "spaceship"),
        ("name", "  "),
        ("name", "x" * 101),
        ("vendor", "x" * 101),
        ("from_month", ""),
        ("from_month", "2026-13"),
        ("from_month", "January"),
        ("from_month", "9999-01"),
        ("from_month", "2026-01-15"),
        ("to_month", "2025-12"),
        ("to_month", "soon"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        read_line({**GOOD, field: value}, "en")
    assert set(refused.value.fields) == {field}
    assert str(refused.value.fields[field])


def test_an_empty_form_names_every_field_that_is_needed() -> None:
    with pytest.raises(Refused) as refused:
        read_line({}, "en")
    assert set(refused.value.fields) == {"name", "component", "amount", "currency", "from_month"}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (Line("", "hosting", "", 1, "EUR", date(2026, 1, 1), None), "name"),
        (Line("x", "hosting", "", 0, "EUR", date(2026, 1, 1), None), "amount"),
        (Line("x", "hosting", "", 10**12, "EUR", date(2026, 1, 1), None), "amount"),
        (Line("x", "hosting", "", 1, "EUR", date(2026, 1, 2), None), "from_month"),
        (Line("x", "hosting", "", 1, "EUR", date(2026, 2, 1), date(2026, 1, 1)), "to_month"),
    ],
)
def test_a_line_that_no_form_made_obeys_the_same_rules(line: Line, field: str) -> None:
    with pytest.raises(Refused) as refused:
        check(line)
    assert set(refused.value.fields) == {field}


def test_every_component_has_a_name() -> None:
    assert all(str(name) for name in COMPONENTS.values())
