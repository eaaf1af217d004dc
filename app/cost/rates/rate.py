"""What a currency was worth on a day. Pure: no I/O, no clock, no Flask.

A day without a rate is "no data" and is named: an amount is never left out of a sum in silence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from flask_babel import lazy_gettext as _l

from app.cost.money import read_amount
from app.errors import Refused

BASE = "EUR"
BASES = ("EUR", "USD", "GBP", "CHF", "SEK", "PLN")  # what a whole shop may be told in
CURRENCY = re.compile(r"[A-Z][A-Z0-9 _.-]{1,19}")
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
MOST_RATE = Decimal(10) ** 9
LONGEST_SOURCE = 100


@dataclass(frozen=True)
class Rate:
    currency: str
    from_day: date
    rate: Decimal  # units of the base currency for one
    source: str = ""


@dataclass(frozen=True)
class Rates:
    """All rates into one base currency."""

    base: str = BASE
    steps: Mapping[str, Sequence[tuple[date, Decimal]]] = field(default_factory=dict)  # ascending by day

    def on(self, currency: str, day: date) -> Decimal | None:
        if currency == self.base:
            return Decimal(1)
        steps = self.steps.get(currency, ())
        index = bisect_right([start for start, _ in steps], day)
        return steps[index - 1][1] if index else None

    def convert(self, amount: Decimal, currency: str, day: date) -> Fraction | None:
        rate = self.on(currency, day)
        return None if rate is None else Fraction(amount) * Fraction(rate)


def of(rates: Iterable[Rate], base: str = BASE) -> Rates:
    steps: dict[str, list[tuple[date, Decimal]]] = {}
    for rate in sorted(rates, key=lambda one: one.from_day):
        steps.setdefault(rate.currency, []).append((rate.from_day, rate.rate))
    return Rates(base, steps)


def read(currency: str, from_day: str, rate: str, source: str, base: str) -> Rate:
    """A rate as somebody typed it. Refuses with what is wrong beside each field."""
    wrong: dict[str, object] = {}
    name = currency.strip().upper()
    if not CURRENCY.fullmatch(name):
        wrong["currency"] = _l("Give a currency such as USD.")
    elif name == base:
        wrong["currency"] = _l("%(currency)s is what everything is told in.", currency=base)
    day = _day(from_day)
    if day is None:
        wrong["from_day"] = _l("Write a day from 2000 to 2099, such as 2026-01-31.")
    value = read_amount(rate)
    if value is None or not 0 < value <= MOST_RATE:
        wrong["rate"] = _l("Write what one unit is worth, such as 0.92.")
    if wrong or day is None or value is None:
        raise Refused(_l("The rate was not saved."), wrong)
    return Rate(name, day, value, " ".join(source.split())[:LONGEST_SOURCE])


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


COLUMNS = ("currency", "from_day", "rate")


def read_table(rows: Sequence[Sequence[str]], base: str) -> list[Rate]:
    """Rates of a CSV with the columns currency, from_day, rate and perhaps source; all of them or none."""
    if not rows:
        raise Refused(_l("The file has no rates."))
    header = [cell.strip().lower() for cell in rows[0]]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise Refused(_l("The columns %(columns)s are missing.", columns=", ".join(missing)))
    wrong: dict[str, object] = {}
    found = []
    for number, cells in enumerate(rows[1:], start=2):
        row = dict(zip(header, cells, strict=False))
        if not any(cell.strip() for cell in cells):
            continue
        try:
            currency, from_day, rate = (row.get(name, "") for name in COLUMNS)
            found.append(read(currency, from_day, rate, row.get("source", ""), base))
        except Refused as refused:
            wrong[f"line {number}"] = next(iter(refused.fields.values()))
    if wrong:
        raise Refused(_l("No rate was saved: some lines of the file are wrong."), wrong)
    return found
