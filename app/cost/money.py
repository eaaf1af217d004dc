"""Exact amounts and how they are divided. Pure: no I/O, no clock, no Flask.

An amount is a Decimal in units of its currency, never a float. Cents appear only where something is shown or
paid, and whatever is divided into cents adds up to what was divided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

Exact = int | Decimal | Fraction

CENT = Decimal("0.01")
MOST = Decimal(10) ** 15  # units of a currency
MOST_DIGITS = 60
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")


def read_amount(text: str) -> Decimal | None:
    """The number in a cell: 0.0000008, 1E-7, $1,234.50, (12.00) or −3; None where it is none."""
    bare = text.strip().replace("−", "-")
    is_negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()").strip()
    sign = "-" if bare.startswith("-") else ""
    bare = bare.removeprefix("-").lstrip("$€£").strip()
    if GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    if not NUMBER.fullmatch(sign + bare):
        return None
    try:
        value = Decimal(sign + bare)
    except InvalidOperation:
        return None
    if abs(value) > MOST or len(value.as_tuple().digits) > MOST_DIGITS:
        return None
    return -value if is_negative else value


def cents(units: Exact) -> int:
    """Whole cents, half a cent away from zero."""
    exact = Fraction(units) * 100
    whole = int(abs(exact) + Fraction(1, 2))
    return -whole if exact < 0 else whole


def units(cents_: int) -> Decimal:
    return Decimal(cents_) / 100


def share_out(total: int, weights: Sequence[Exact]) -> list[int]:
    """Whole parts of `total` in proportion to the weights, which add up to it exactly (largest remainder).

    Equal remainders go to the earlier ones. Without any weight nothing can be shared out: ValueError.
    """
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    if not whole:
        raise ValueError("nothing to divide by")
    wanted = [total * weight / whole for weight in exact]
    parts = [want.numerator // want.denominator for want in wanted]
    left = total - sum(parts)
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - wanted[index], index))
    for index in order[:left]:
        parts[index] += 1
    return parts


def rounded(amounts: Sequence[Exact]) -> list[int]:
    """Amounts in units as whole cents that add up to the rounded sum: the bill, to the cent."""
    exact = [Fraction(amount) * 100 for amount in amounts]
    parts = [value.numerator // value.denominator for value in exact]
    left = cents(sum(exact, Fraction()) / 100) - sum(parts)
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[:left]:
        parts[index] += 1
    return parts


def slice_of(total: int, index: int, count: int) -> int:
    """Part `index` (from 0) of a total in equal parts: any run of parts adds up, all of them to the total."""
    return cents(Fraction(total * (index + 1), count * 100)) - cents(Fraction(total * index, count * 100))


def to_cent(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
