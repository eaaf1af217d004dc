"""A target is typed as people write numbers; what is no number is answered beside the field."""

from __future__ import annotations

from datetime import date

import pytest

from app.errors import Refused
from app.kpi.spans import read_days
from app.kpi.targets import read_target

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("typed", "unit", "locale", "value"),
    [
        ("2.5", "ratio", "en", 0.025),
        ("2,5 %", "ratio", "de", 0.025),
        ("1,200", "cents", "en", 120_000),
        ("1.200,50", "cents", "de", 120_050),
        ("40", "count", "en", 40),
        ("", "count", "en", None),
        ("  ", "cents", "en", None),
    ],
)
def test_a_target_is_in_the_unit_of_its_series(
    typed: str, unit: str, locale: str, value: float | None
) -> None:
    assert read_target(typed, unit, locale) == value


@pytest.mark.parametrize("typed", ["-1", "0", "NaN", "Infinity", "1e3x", "many", "1.50.2", "10000000000"])
def test_what_is_no_target_is_refused_beside_the_field(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        read_target(typed, "count", "en")
    assert set(refused.value.fields) == {"target"}
    assert str(refused.value.fields["target"])


def test_a_share_is_at_most_all() -> None:
    with pytest.raises(Refused):
        read_target("101", "ratio", "en")


def test_an_export_without_days_is_of_the_last_thirty() -> None:
    assert read_days({}, TODAY) == (date(2026, 3, 2), TODAY)
    assert read_days({"from": "2026-03-30", "to": "2026-03-31"}, TODAY) == (date(2026, 3, 30), TODAY)


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2026-04-01", "to": "2026-03-01"}, "from"),
        ({"from": "1000-01-01"}, "from"),
    ],
)
def test_days_that_make_no_sense_are_refused(args: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        read_days(args, TODAY)
    assert set(refused.value.fields) == {field}
