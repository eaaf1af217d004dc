"""A recurring cost as somebody types it. Pure: no I/O, no clock, no Flask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Refused

COMPONENTS: dict[str, LazyString] = {
    "hosting": _l("Hosting"),
    "database": _l("Database"),
    "cache": _l("Cache and CDN"),
    "queue": _l("Queue and mail"),
    "payments": _l("Payments"),
    "monitoring": _l("Monitoring"),
    "operations": _l("Operations"),
    "ai": _l("AI"),
    "other": _l("Other"),
}
CURRENCY = "EUR"  # no exchange rates are kept: a sum of two currencies would be no sum
MOST_CENTS = 10**9  # ten million a month
LONGEST_NAME = 100
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 1)
MONTH = re.compile(r"(\d{4})-(\d{2})(?:-01)?")


@dataclass(frozen=True)
class Line:
    """Something paid for in every month from `from_month` to `to_month`, both included."""

    name: str
    component: str  # a key of COMPONENTS
    vendor: str
    amount_cents: int  # a month
    currency: str
    from_month: date  # its first day
    to_month: date | None  # None: goes on

    def covers(self, month: date) -> bool:
        return self.from_month <= month and (self.to_month is None or month <= self.to_month)

    def as_words(self) -> dict[str, object]:
        """For the audit trail."""
        return {
            "name": self.name,
            "component": self.component,
            "vendor": self.vendor,
            "amount_cents": self.amount_cents,
            "currency": self.currency,
            "from_month": f"{self.from_month:%Y-%m}",
            "to_month": f"{self.to_month:%Y-%m}" if self.to_month else None,
        }


def read_line(form: Mapping[str, str], locale: str) -> Line:
    """The line that a form describes. Refuses with what is wrong beside each field."""
    wrong: dict[str, object] = {}
    line = Line(
        name=_text(form, "name", wrong, required=True),
        component=form.get("component", ""),
        vendor=_text(form, "vendor", wrong, required=False),
        amount_cents=_amount(form.get("amount", ""), locale, wrong),
        currency=form.get("currency", "").strip().upper(),
        from_month=_month(form.get("from_month", ""), "from_month", wrong) or EARLIEST,
        to_month=_month(form.get("to_month", ""), "to_month", wrong, required=False),
    )
    _check(line, wrong)
    if wrong:
        raise Refused(_l("The cost line was not saved."), wrong)
    return line


def check(line: Line) -> None:
    """The same rules for a line that was not typed into the form."""
    wrong: dict[str, object] = {}
    if not line.name.strip() or len(line.name) > LONGEST_NAME:
        wrong["name"] = _l("Give a name of at most %(most)s characters.", most=LONGEST_NAME)
    if not 0 < line.amount_cents <= MOST_CENTS:
        wrong["amount"] = _between()
    _check(line, wrong)
    if wrong:
        raise Refused(_l("The cost line was not saved."), wrong)


def _check(line: Line, wrong: dict[str, object]) -> None:
    if line.component not in COMPONENTS:
        wrong["component"] = _l("Choose one of the components.")
    if line.currency != CURRENCY:
        wrong["currency"] = _l(
            "Give the amount in %(currency)s: exchange rates are not kept.", currency=CURRENCY
        )
    if line.from_month.day != 1 or (line.to_month and line.to_month.day != 1):
        wrong.setdefault("from_month", _l("A month is written as its first day."))
    if line.to_month is not None and "from_month" not in wrong and line.to_month < line.from_month:
        wrong.setdefault("to_month", _l("The last month lies before the first."))


def _text(form: Mapping[str, str], name: str, wrong: dict[str, object], *, required: bool) -> str:
    text = " ".join(form.get(name, "").replace("\x00", "").split())
    if required and not text:
        wrong[name] = _l("Give a name.")
    if len(text) > LONGEST_NAME:
        wrong[name] = _l("Give at most %(most)s characters.", most=LONGEST_NAME)
    return text


def _amount(typed: str, locale: str, wrong: dict[str, object]) -> int:
    """Cents of what was typed in the reader's way of writing numbers."""
    try:
        value = parse_decimal(typed.strip(), locale=locale, strict=True)
    except NumberFormatError:
        wrong["amount"] = _l("Write an amount, such as %(sample)s.", sample="49.90")
        return 0
    if not value.is_finite() or not 0 < value * 100 <= MOST_CENTS:
        wrong["amount"] = _between()
        return 0
    if value * 100 != (value * 100).to_integral_value():
        wrong["amount"] = _l("Write at most two decimals.")
    return int(value * 100)


def _between() -> LazyString:
    return _l("Write an amount above 0 and up to %(most)s.", most=f"{Decimal(MOST_CENTS) / 100:,.0f}")


def _month(typed: str, name: str, wrong: dict[str, object], *, required: bool = True) -> date | None:
    if not typed.strip():
        if required:
            wrong[name] = _l("Choose a month.")
        return None
    found = MONTH.fullmatch(typed.strip())
    if found is None or not 1 <= int(found[2]) <= 12:
        wrong[name] = _l("Write a month such as 2026-01.")
        return None
    month = (int(found[1]), int(found[2]))
    if not (EARLIEST.year, 1) <= month <= (LATEST.year, 12):
        wrong[name] = _l("Choose a month from 2000 to 2099.")
        return None
    return date(*month, 1)
