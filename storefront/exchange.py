"""What a price comes to in the currency that a shopper reads. Pure: Decimal and whole minor units, no I/O.

Orders are charged in the shop's own currency. All other currencies are for reading: an amount is converted
with a rate and rounded to the currency's own digits (none in JPY, three in BHD); a price is rounded on to an
amount that a price tag would carry (¥3,980, $21.99), unless somebody has set it by hand: a price point.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

FRESH_DAYS = 7  # a rate that is older says so on the page
MOST_RATE, LEAST_RATE = Decimal(1_000_000), Decimal("0.000001")


@dataclass(frozen=True)
class Charm:
    """Price tags end `less` below a multiple of `step` (both in minor units)."""

    step: int
    less: int


CHARMS = {
    # currency: step, less        what a price tag looks like
    "EUR": Charm(100, 1),  # 21,99 €
    "USD": Charm(100, 1),  # $21.99
    "GBP": Charm(100, 1),  # £17.99
    "CHF": Charm(100, 10),  # 20.90
    "PLN": Charm(100, 1),  # 89,99 zł
    "BRL": Charm(100, 10),  # R$ 119,90
    "SEK": Charm(1_000, 100),  # 249 kr
    "DKK": Charm(1_000, 100),  # 149 kr.
    "JPY": Charm(100, 20),  # ¥3,480
    "AED": Charm(100, 0),  # whole dirhams
    "SAR": Charm(100, 0),
    "EGP": Charm(500, 0),
    "BHD": Charm(100, 0),  # 8.300
}
NO_CHARM = Charm(1, 0)


@dataclass(frozen=True)
class Rate:
    currency: str
    per_base: Decimal  # so much of the currency is one of the shop's own
    as_of: datetime
    source: str

    def is_stale(self, now: datetime) -> bool:
        return now - self.as_of > timedelta(days=FRESH_DAYS)


@dataclass(frozen=True)
class Point:
    """A price that somebody has set for one variant in one currency."""

    currency: str
    minor: int


@dataclass(frozen=True)
class Exchange:
    """From the shop's own currency to the one that is shown; without a rate both are the same."""

    base: str
    rate: Rate | None = None

    @property
    def currency(self) -> str:
        return self.rate.currency if self.rate else self.base

    @property
    def is_converted(self) -> bool:
        return self.rate is not None

    def amount(self, cents: int) -> int:
        """Delivery, tax, a sum: converted and rounded, nothing more."""
        return cents if self.rate is None else converted(cents, self.base, self.rate)

    def price(self, cents: int, points: Iterable[Point] = ()) -> int:
        """What a price tag says: the price point, or what the price comes to, made a price tag's."""
        if self.rate is None:
            return cents
        for point in points:
            if point.currency == self.rate.currency:
                return point.minor
        return charming(converted(cents, self.base, self.rate), self.rate.currency)

    def edge(self, cents: int) -> int:
        """The end of a range of prices, such as "up to ¥3,300": two figures and zeros."""
        return cents if self.rate is None else _two_figures(converted(cents, self.base, self.rate))

    def back(self, minor: int) -> int:
        """In the shop's own minor units, for comparing with what is stored."""
        if self.rate is None:
            return minor
        units = Decimal(minor).scaleb(-digits(self.rate.currency)) / self.rate.per_base
        return _rounded(units.scaleb(digits(self.base)))


def digits(currency: str) -> int:
    """How many digits follow the point: 2, in JPY 0, in BHD 3."""
    return int(get_currency_precision(currency))


def converted(cents: int, base: str, rate: Rate) -> int:
    """Minor units of `base` in minor units of the rate's currency, half up."""
    units = Decimal(cents).scaleb(-digits(base)) * rate.per_base
    return _rounded(units.scaleb(digits(rate.currency)))


def charming(minor: int, currency: str) -> int:
    """The nearest amount that a price tag of this currency carries; what is free stays free."""
    charm = CHARMS.get(currency, NO_CHARM)
    if minor <= 0:
        return minor
    steps = (minor + charm.less + charm.step // 2) // charm.step
    tagged = steps * charm.step - charm.less
    return tagged if tagged > 0 else minor


def off_by(minor: int, exact: int) -> Decimal:
    """How far a price point is from the conversion, as a share: 0.05 is 5 % above it."""
    return Decimal(minor - exact) / Decimal(exact) if exact else Decimal(0)


def _two_figures(minor: int) -> int:
    zeros = max(0, len(str(minor)) - 2)
    return _rounded(Decimal(minor).scaleb(-zeros)) * int(10**zeros)


def _rounded(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))
