"""Price, volume and mix explain all of a change; parts of a locale or variant are all of the bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.cost.allocation.rules import DEFAULTS
from app.cost.month import Position, bill
from app.cost.splits import Unit, by_member, moved

COUNTS = st.integers(1, 10**6).map(Decimal)
UNITS = st.dictionaries(st.sampled_from("abcde"), st.tuples(st.integers(0, 10**8), COUNTS), min_size=1).map(
    lambda found: [Unit(name, cents, users, None, None) for name, (cents, users) in found.items()]
)


def unit(member: str, cents: int, users: int) -> Unit:
    return Unit(member, cents, Decimal(users), None, None)


@given(UNITS, UNITS)
def test_the_three_parts_are_all_of_the_change(before: list[Unit], after: list[Unit]) -> None:
    found = moved(before, after)
    assert found is not None
    assert found.price + found.volume + found.mix == found.after - found.before


def test_twice_the_users_at_the_same_price_is_volume_alone() -> None:
    found = moved([unit("a", 100, 10)], [unit("a", 200, 20)])
    assert found
    assert (found.price, found.volume, found.mix) == (0, 100, 0)


def test_a_dearer_user_is_price_alone() -> None:
    found = moved([unit("a", 100, 10)], [unit("a", 150, 10)])
    assert found
    assert (found.price, found.volume, found.mix) == (50, 0, 0)


def test_the_same_number_of_users_of_a_dearer_group_is_mix_alone() -> None:
    before = [unit("a", 100, 10), unit("b", 400, 10)]
    found = moved(before, [unit("a", 50, 5), unit("b", 600, 15)])
    assert found
    assert (found.price, found.volume, found.mix) == (0, 0, 150)


def test_nothing_is_explained_where_nothing_is_known() -> None:
    assert moved([], [unit("a", 1, 1)]) is None


WEIGHTS = st.dictionaries(st.sampled_from(["de", "en", "ar"]), COUNTS)


@given(
    st.lists(st.decimals(-(10**4), 10**4, places=6)),
    st.dictionaries(st.sampled_from(["actions", "orders"]), WEIGHTS),
    WEIGHTS,
)
def test_the_parts_of_the_members_are_the_bill(
    amounts: list[Decimal], measured: dict[str, dict[str, Decimal]], users: dict[str, Decimal]
) -> None:
    positions = [
        Position("line:1", "x", "", "payments", "", "", Fraction(amount), "EUR") for amount in amounts
    ]
    made = bill(positions, date(2026, 1, 1))
    found = by_member(made, DEFAULTS, measured, users)
    assert sum(one.cents for one in found) == (made.exact_cents if users else 0)


def test_fees_follow_orders_and_servers_follow_actions() -> None:
    made = bill(
        [
            Position("line:1", "Fees", "", "payments", "", "", Fraction(3), "EUR", "orders"),
            Position("line:2", "Servers", "", "hosting", "", "", Fraction(10), "EUR"),
        ],
        date(2026, 1, 1),
    )
    measured = {
        "orders": {"on": Decimal(2), "off": Decimal(1)},
        "actions": {"on": Decimal(10), "off": Decimal(90)},
    }
    off, on = by_member(made, DEFAULTS, measured, {"on": Decimal(4), "off": Decimal(4)})
    assert (on.cents, off.cents) == (200 + 100, 100 + 900)
    assert (on.per_user, on.per_order, off.per_order) == (75.0, 150.0, 1000.0)
