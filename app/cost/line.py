"""A cost as somebody types it: paid every month, paid at once for a term, or paid by use. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from babel import Locale
from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.cost import money
from app.cost.driver import DRIVERS
from app.cost.month import months, shifted
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
KINDS: dict[str, LazyString] = {
    "recurring": _l("Paid every month"),
    "amortised": _l("Paid once for a term"),
    "metered": _l("Paid by use"),
}
CURRENCY = "EUR"
CURRENCIES = frozenset(Locale("en").currencies) - {"XXX", "XTS"}
MOST_CENTS = 10**9  # ten million a month
LONGEST_NAME = 100
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 1)
LONGEST_TERM_MONTHS = 120
MONTH = re.compile(r"(\d{4})-(\d{2})(?:-01)?")


@dataclass(frozen=True)
class Line:
    """Something paid for in every month from `from_month` to `to_month`, both included."""

    name: str
    component: str  # a key of COMPONENTS
    vendor: str
    amount_cents: int  # recurring: a month; amortised: the whole term; metered: 0
    currency: str
    from_month: date  # its first day
    to_month: date | None  # None: goes on
    kind: str = "recurring"
    service: str = ""
    feature: str = ""
    driver: str = ""  # metered: what is counted
    unit_price: Decimal | None = None  # for `unit_size` of the driver, in units of the currency
    unit_size: Decimal | None = None
    percent: Decimal | None = None  # of each order's total, beside the price

    def covers(self, month: date) -> bool:
        return self.from_month <= month and (self.to_month is None or month <= self.to_month)

    def cents_in(self, month: date) -> int | None:
        """Cents of its currency for a month it covers; None where use decides."""
        if self.kind == "metered":
            return None
        if not self.covers(month):
            return 0
        if self.kind == "amortised" and self.to_month is not None:
            term = len(months(self.from_month, self.to_month))
            return money.slice_of(self.amount_cents, len(months(self.from_month, month)) - 1, term)
        return self.amount_cents

    def cents_on(self, day: date) -> int | None:
        """The part of the month's cents that a day bears; the days of a month add up to it."""
        month = day.replace(day=1)
        cents = self.cents_in(month)
        length = (shifted(month, 1) - month) // timedelta(days=1)
        return None if cents is None else money.slice_of(cents, day.day - 1, length)

    def as_words(self) -> dict[str, object]:
        """For the audit trail."""
        told: dict[str, object] = {
            "name": self.name,
            "component": self.component,
            "vendor": self.vendor,
            "amount_cents": self.amount_cents,
            "currency": self.currency,
            "from_month": f"{self.from_month:%Y-%m}",
            "to_month": f"{self.to_month:%Y-%m}" if self.to_month else None,
            "kind": self.kind,
            "service": self.service,
            "feature": self.feature,
        }
        if self.kind == "metered":
            prices = {"unit_price": self.unit_price, "unit_size": self.unit_size, "percent": self.percent}
            told |= {"driver": self.driver, **{name: _plain(value) for name, value in prices.items()}}
        return told


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def read_line(form: Mapping[str, str], locale: str) -> Line:
    """The line that a form describes. Refuses with what is wrong beside each field."""
    wrong: dict[str, object] = {}
    kind = form.get("kind") or "recurring"
    line = Line(
        name=_text(form, "name", wrong, required=True),
        component=form.get("component", ""),
        vendor=_text(form, "vendor", wrong, required=False),
        amount_cents=0 if kind == "metered" else _amount(form.get("amount", ""), locale, wrong),
        currency=form.get("currency", "").strip().upper(),
        from_month=_month(form.get("from_month", ""), "from_month", wrong) or EARLIEST,
        to_month=_month(form.get("to_month", ""), "to_month", wrong, required=kind == "amortised"),
        kind=kind,
        service=_text(form, "service", wrong, required=False),
        feature=_text(form, "feature", wrong, required=False),
    )
    if kind == "metered":
        line = _metered(line, form, locale, wrong)
    _check(line, wrong)
    if wrong:
        raise Refused(_l("The cost line was not saved."), wrong)
    return line


def _metered(line: Line, form: Mapping[str, str], locale: str, wrong: dict[str, object]) -> Line:
    return replace(
        line,
        driver=form.get("driver", ""),
        unit_price=_number(form.get("unit_price", ""), "unit_price", locale, wrong),
        unit_size=_number(form.get("unit_size", ""), "unit_size", locale, wrong) or Decimal(1),
        percent=_number(form.get("percent", ""), "percent", locale, wrong),
    )


def check(line: Line) -> None:
    """The same rules for a line that was not typed into the form."""
    wrong: dict[str, object] = {}
    if not line.name.strip() or len(line.name) > LONGEST_NAME:
        wrong["name"] = _l("Give a name of at most %(most)s characters.", most=LONGEST_NAME)
    if line.kind != "metered" and not 0 < line.amount_cents <= MOST_CENTS:
        wrong["amount"] = _between()
    _check(line, wrong)
    if wrong:
        raise Refused(_l("The cost line was not saved."), wrong)


def _check(line: Line, wrong: dict[str, object]) -> None:
    if line.component not in COMPONENTS:
        wrong["component"] = _l("Choose one of the components.")
    if line.kind not in KINDS:
        wrong["kind"] = _l("Choose how it is paid.")
    if line.currency not in CURRENCIES:
        wrong["currency"] = _l("Give a currency such as %(currency)s.", currency=CURRENCY)
    if line.from_month.day != 1 or (line.to_month and line.to_month.day != 1):
        wrong.setdefault("from_month", _l("A month is written as its first day."))
    if line.to_month is not None and "from_month" not in wrong and line.to_month < line.from_month:
        wrong.setdefault("to_month", _l("The last month lies before the first."))
    if line.kind == "amortised":
        _check_term(line, wrong)
    if line.kind == "metered":
        _check_meter(line, wrong)


def _check_term(line: Line, wrong: dict[str, object]) -> None:
    if line.to_month is None:
        wrong.setdefault("to_month", _l("Say until when it is paid."))
    elif len(months(line.from_month, line.to_month)) > LONGEST_TERM_MONTHS:
        wrong.setdefault("to_month", _l("A term has at most ten years."))


def _check_meter(line: Line, wrong: dict[str, object]) -> None:
    if line.driver not in DRIVERS:
        wrong["driver"] = _l("Choose what is counted.")
    if not line.unit_price and not line.percent:
        wrong.setdefault("unit_price", _l("Give a price."))
    if line.percent is not None and not 0 <= line.percent <= 100:
        wrong.setdefault("percent", _l("Give a percentage from 0 to 100."))
    if line.percent and line.driver != "orders":
        wrong.setdefault("percent", _l("Only an order has a total to take a percentage of."))
    if line.unit_price is not None and not 0 <= line.unit_price <= MOST_CENTS:
        wrong.setdefault("unit_price", _between())
    if line.unit_size is not None and not 0 < line.unit_size <= 10**15:
        wrong.setdefault("unit_size", _l("Give how many the price is for, such as 1 or 1000000."))


def _text(form: Mapping[str, str], name: str, wrong: dict[str, object], *, required: bool) -> str:
    text = " ".join(form.get(name, "").replace("\x00", "").split())
    if required and not text:
        wrong[name] = _l("Give a name.")
    if len(text) > LONGEST_NAME:
        wrong[name] = _l("Give at most %(most)s characters.", most=LONGEST_NAME)
    return text


def _number(typed: str, name: str, locale: str, wrong: dict[str, object]) -> Decimal | None:
    if not typed.strip():
        return None
    try:
        value = parse_decimal(typed.strip(), locale=locale, strict=True)
    except NumberFormatError:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 10**15:
        wrong[name] = _l("Write a number, such as %(sample)s.", sample="0.30")
        return None
    return value


def _amount(typed: str, locale: str, wrong: dict[str, object]) -> int:
    """Cents of what was typed in the reader's way of writing numbers."""
    return read_cents(typed, "amount", locale, wrong)


def read_cents(typed: str, name: str, locale: str, wrong: dict[str, object]) -> int:
    try:
        value = parse_decimal(typed.strip(), locale=locale, strict=True)
    except NumberFormatError:
        wrong[name] = _l("Write an amount, such as %(sample)s.", sample="49.90")
        return 0
    if not value.is_finite() or not 0 < value * 100 <= MOST_CENTS:
        wrong[name] = _between()
        return 0
    if value * 100 != (value * 100).to_integral_value():
        wrong[name] = _l("Write at most two decimals.")
    return int(value * 100)


def _between() -> LazyString:
    return _l("Write an amount above 0 and up to %(most)s.", most=f"{Decimal(MOST_CENTS) / 100:,.0f}")


def _month(typed: str, name: str, wrong: dict[str, object], *, required: bool = True) -> date | None:
    if not typed.strip():
        if required:
            wrong[name] = _l("Choose a month.")
        return None
    found = read_month(typed)
    if found is None:
        wrong[name] = _l("Write a month such as 2026-01.")
        return None
    if not EARLIEST <= found <= LATEST:
        wrong[name] = _l("Choose a month from 2000 to 2099.")
        return None
    return found


def read_month(typed: str) -> date | None:
    """2026-01, as an input of the type month sends it."""
    found = MONTH.fullmatch(typed.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        return None
    return date(int(found[1]), int(found[2]), 1)
