"""What a cart costs, to the cent. Pure: integers in, integers out; no float ever touches money.

`Totals` are charged, in the shop's own currency. `Sums` are what a page shows of them, in the shopper's: made
of the same parts, so that the lines above a sum add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storefront.cart.delivery import Country
from storefront.exchange import Exchange


@dataclass(frozen=True)
class PricedLine:
    variant_id: int
    quantity: int
    unit_price_cents: int  # including tax

    @property
    def total_cents(self) -> int:
        return self.quantity * self.unit_price_cents


@dataclass(frozen=True)
class Totals:
    """All sums include tax; `tax_cents` says how much of `total_cents` it is."""

    gross_cents: int
    discount_cents: int
    shipping_cents: int
    tax_cents: int
    tax_rate_bp: int
    total_cents: int
    free_delivery_gap_cents: int  # what is missing for free delivery; 0 when it is free


@dataclass(frozen=True)
class Sums:
    """In the smallest unit of `currency`; all include tax."""

    currency: str
    gross: int
    discount: int
    shipping: int
    tax: int
    tax_rate_bp: int
    total: int
    free_delivery_gap: int = 0


def sums(totals: Totals, gross: int, exchange: Exchange) -> Sums:
    """`gross` is what the shown lines add up to."""
    discount = min(exchange.amount(totals.discount_cents), gross)
    shipping = exchange.amount(totals.shipping_cents)
    total = gross - discount + shipping
    return Sums(
        currency=exchange.currency,
        gross=gross,
        discount=discount,
        shipping=shipping,
        tax=tax_within(total, totals.tax_rate_bp),
        tax_rate_bp=totals.tax_rate_bp,
        total=total,
        free_delivery_gap=exchange.amount(totals.free_delivery_gap_cents),
    )


def totals(lines: Iterable[PricedLine], country: Country, discount_cents: int = 0) -> Totals:
    """total = goods − discount + shipping; tax is the share of it that the country's rate makes."""
    gross = sum(line.total_cents for line in lines)
    discount = min(max(discount_cents, 0), gross)
    goods = gross - discount
    free = goods >= country.free_from_cents
    shipping = 0 if free or not gross else country.shipping_cents
    total = goods + shipping
    return Totals(
        gross_cents=gross,
        discount_cents=discount,
        shipping_cents=shipping,
        tax_cents=tax_within(total, country.tax_rate_bp),
        tax_rate_bp=country.tax_rate_bp,
        total_cents=total,
        free_delivery_gap_cents=0 if free else country.free_from_cents - goods,
    )


def tax_within(total_cents: int, rate_bp: int) -> int:
    """The tax inside a price that includes it: total · rate / (1 + rate), rounded half up to the cent."""
    divisor = 10_000 + rate_bp
    return (2 * total_cents * rate_bp + divisor) // (2 * divisor)
