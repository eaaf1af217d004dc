"""What users and orders of a locale or variant cost, and what moved a cost. Pure: no I/O, no clock.

Each position is laid on the members of a dimension by its own driver: fees by orders, servers by actions. A
position whose driver nobody measured for the dimension is laid on them by their people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.cost import money
from app.cost.allocation.rules import Rule, first_of
from app.cost.month import Bill, per

USUAL_DRIVER = "actions"
Weights = Mapping[str, Decimal]  # member → how much


@dataclass(frozen=True)
class Unit:
    """A member of a dimension: its part of the bill, and what that is for each."""

    member: str
    cents: int
    users: Decimal | None
    orders: Decimal | None
    actions: Decimal | None

    @property
    def per_user(self) -> float | None:
        return per(self.cents, self.users)

    @property
    def per_order(self) -> float | None:
        return per(self.cents, self.orders)

    @property
    def per_thousand_actions(self) -> float | None:
        return per(self.cents, self.actions / 1000 if self.actions else None)


def by_member(
    bill: Bill, rules: Sequence[Rule], measured: Mapping[str, Weights], users: Weights
) -> tuple[Unit, ...]:
    """The members with their parts, which add up to the bill; () where nobody was seen."""
    members = sorted(member for member, count in users.items() if count > 0)
    if not members:
        return ()
    cents = dict.fromkeys(members, 0)
    for position, whole in zip(bill.positions, bill.cents, strict=True):
        rule = first_of(rules, position)
        driver = position.driver or (rule.driver if rule else "") or USUAL_DRIVER
        weights = [max(measured.get(driver, {}).get(member, Decimal()), Decimal()) for member in members]
        if not any(weights):
            weights = [users[member] for member in members]
        for member, part in zip(members, money.share_out(whole, weights), strict=True):
            cents[member] += part
    return tuple(_unit(member, cents[member], measured, users) for member in members)


def _unit(member: str, cents: int, measured: Mapping[str, Weights], users: Weights) -> Unit:
    orders = measured.get("orders", {}).get(member)
    return Unit(member, cents, users[member], orders, measured.get("actions", {}).get(member))


@dataclass(frozen=True)
class Moved:
    """Why a cost went from `before` to `after`, in cents; price + volume + mix = after − before, exactly."""

    before: int
    after: int
    price: int  # a user of the same group costs more or less
    volume: int  # more or fewer users
    mix: int  # other groups than before


def moved(before: Sequence[Unit], after: Sequence[Unit]) -> Moved | None:
    """None where one of them is not known.

    With u users and c cost of one, over groups i and in all:
        volume = (U₁ − U₀) · C₀/U₀      mix = Σ u₁c₀ − U₁ · C₀/U₀      price = Σ u₁(c₁ − c₀)
    A group that was not there before cost then what it costs now: all of it is volume and mix.
    """
    old, new = ({unit.member: unit for unit in units} for units in (before, after))
    if not old or not new:
        return None
    total_before, total_after = sum(unit.cents for unit in before), sum(unit.cents for unit in after)
    users_before, users_after = _users(before), _users(after)
    mean = Fraction(total_before) / users_before
    at_old_prices = sum((_at_old_price(unit, old.get(member)) for member, unit in new.items()), Fraction())
    parts = [
        Fraction(total_after) - at_old_prices,
        (users_after - users_before) * mean,
        at_old_prices - users_after * mean,
    ]
    price, volume, mix = money.rounded([part / 100 for part in parts])
    return Moved(total_before, total_after, price, volume, mix)


def _users(units: Sequence[Unit]) -> Fraction:
    return sum((Fraction(unit.users or 0) for unit in units), Fraction())


def _at_old_price(unit: Unit, old: Unit | None) -> Fraction:
    if old is None or not old.users:
        return Fraction(unit.cents)
    return Fraction(unit.users or 0) * Fraction(old.cents) / Fraction(old.users)
