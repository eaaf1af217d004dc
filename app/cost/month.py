"""Months, and what one comes to. Pure: no I/O, no clock, no Flask.

Conservation: the positions of a month, their components and the month's total are the same cents. Amounts are
exact until the month is added up; then each position is rounded so that all of them add up to the bill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from app.cost import money


@dataclass(frozen=True)
class Position:
    """What one thing costs in one stretch of time. `amount`: in units of the base currency, exact."""

    key: str  # line:12, or bill:AWS/Amazon SQS
    name: str
    vendor: str
    component: str
    service: str
    feature: str
    amount: Fraction | None  # None: no rate for its currency is known
    currency: str  # what it is paid in
    driver: str = ""  # metered: what is counted


@dataclass(frozen=True)
class Bill:
    """The positions of one month. `cents` are theirs, in the same order; nothing where a rate is missing."""

    month: date
    positions: tuple[Position, ...]
    cents: tuple[int, ...]
    missing: tuple[str, ...]  # currencies without a rate

    @property
    def total_cents(self) -> int | None:
        """None: nothing is known of the cost, or not all of it."""
        return None if self.missing or not self.positions else sum(self.cents)

    def rows(self) -> list[tuple[Position, int]]:
        """The dearest first."""
        found = zip(self.positions, self.cents, strict=True)
        return sorted(found, key=lambda row: (-row[1], row[0].name, row[0].key))

    def by(self, part_of: Callable[[Position], str]) -> dict[str, int]:
        """Cents by a part of the position, the largest first."""
        found: dict[str, int] = {}
        for position, cents in zip(self.positions, self.cents, strict=True):
            part = part_of(position)
            found[part] = found.get(part, 0) + cents
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def by_component(self) -> dict[str, int]:
        return self.by(lambda position: position.component)

    @property
    def is_conserved(self) -> bool:
        return sum(self.by_component().values()) == self.exact_cents

    @property
    def exact_cents(self) -> int:
        """The exact sum of all amounts, rounded once."""
        return money.cents(sum((position.amount or Fraction() for position in self.positions), Fraction()))


def bill(positions: Iterable[Position], month: date) -> Bill:
    """Positions without an amount are named, never left out in silence."""
    found = tuple(positions)
    missing = sorted({position.currency for position in found if position.amount is None})
    known = tuple(position for position in found if position.amount is not None)
    amounts: Sequence[Fraction] = [position.amount or Fraction() for position in known]
    return Bill(month, known, tuple(money.rounded(amounts)), tuple(missing))


def per(total_cents: int | None, count: Decimal | int | None) -> float | None:
    """Cents for each; None where there is nobody to divide by."""
    return float(total_cents / Fraction(count)) if count and total_cents is not None else None


def first_of(day: date) -> date:
    return day.replace(day=1)


def shifted(month: date, by: int) -> date:
    index = month.year * 12 + month.month - 1 + by
    return date(index // 12, index % 12 + 1, 1)


def months(first: date, last: date) -> list[date]:
    """Every month from `first` to `last`, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [shifted(first, index) for index in range(max(0, count))]
