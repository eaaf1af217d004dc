"""Rows of a FOCUS bill: what is taken, what is refused and why."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.cost.bills.focus import MOST_COLUMNS, Charge, Defaults, Wrong, read_header, read_moment, read_row
from app.errors import Refused

ROW = {
    "BilledCost": "1.25",
    "EffectiveCost": "1.00",
    "BillingCurrency": "usd",
    "BillingPeriodStart": "2024-09-01 00:00:00",
    "BillingPeriodEnd": "2024-10-01 00:00:00",
    "ChargeCategory": "Usage",
    "ChargePeriodStart": "2024-09-18T22:00:00Z",
    "ChargePeriodEnd": "2024-09-18T23:00:00Z",
    "ServiceCategory": "Databases",
    "ProviderName": "AWS",
    "ListCost": "NULL",
    "Id": "7",
    "Tags": '{"Feature": "checkout"}',
}


def read(**changes: str) -> Charge:
    row = ROW | changes
    return read_row(list(row.values()), read_header(list(row)), Defaults("EUR"))


def test_a_row_is_read_with_its_component_and_feature() -> None:
    charge = read()
    assert (charge.billed, charge.effective, charge.list_cost) == (Decimal("1.25"), Decimal(1), None)
    assert (charge.currency, charge.component, charge.feature) == ("USD", "database", "checkout")


def test_the_order_of_the_columns_means_nothing() -> None:
    turned = dict(reversed(ROW.items()))
    header = read_header(list(turned))
    assert read_row(list(turned.values()), header, Defaults("EUR")) == read()


def test_any_cell_tells_rows_apart_even_of_unknown_columns() -> None:
    assert read(Id="8").row_key != read().row_key


def test_a_credit_is_negative_and_a_component_may_be_tagged() -> None:
    charge = read(ChargeCategory="Credit", BilledCost="-3.5", Tags='{"component": "cache"}')
    assert (charge.category, charge.billed, charge.component) == ("Credit", Decimal("-3.5"), "cache")


def test_tags_that_are_no_json_lose_no_money() -> None:
    assert read(Tags="{broken").billed == Decimal("1.25")


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("BilledCost", "", "BilledCost is empty"),
        ("BilledCost", "=SUM(A1)", "not an amount"),
        ("EffectiveCost", "NaN", "not an amount"),
        ("ChargePeriodStart", "9999-01-01", "outside 2000 to 2099"),
        ("ChargePeriodStart", "yesterday", "not a time"),
        ("ChargePeriodStart", "2024-02-30", "not a time"),
        ("ChargePeriodEnd", "2024-09-18T21:00:00Z", "ends before it starts"),
        ("ChargePeriodEnd", "2034-09-18T21:00:00Z", "longer than five years"),
        ("BillingCurrency", "€", "not a currency"),
        ("BillingCurrency", "NULL", "not a currency"),
        ("ChargeCategory", "Gift", "none of"),
    ],
)
def test_a_wrong_cell_refuses_the_row_and_says_why(column: str, value: str, why: str) -> None:
    with pytest.raises(Wrong, match=why):
        read(**{column: value})


def test_a_file_of_another_kind_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(Refused, match="EffectiveCost"):
        read_header(["BilledCost", "BillingPeriodStart"])
    with pytest.raises(Refused, match="twice"):
        read_header([*ROW, "BilledCost"])
    with pytest.raises(Refused, match="columns"):
        read_header(["x"] * (MOST_COLUMNS + 1))


def test_moments_as_exports_and_spreadsheets_write_them() -> None:
    assert read_moment("4/1/25") == datetime(2025, 4, 1, tzinfo=UTC)
    assert read_moment("2023-02-01T30:00:00Z") == datetime(2023, 2, 2, 6, tzinfo=UTC)
    assert read_moment("2023-02-01T01:00:00+02:00") == datetime(2023, 1, 31, 23, tzinfo=UTC)
    assert read_moment("13/1/25") is None
