"""How numbers, money, times and ages are written: by the reader's locale, with a unit, and never a made-up 0.

None is "no data" in all of them. Tiles show three significant digits; exports and titles show all of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from math import floor, log10

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    format_scientific,
)
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _

NO_DATA = lazy_gettext("no data")
SECOND = 1.0
MOST_DECIMALS = 6
SMALL = 0.001
Number = int | float | Decimal


# A page writes the same figures again at each look; Babel takes some 50 µs for each of them.
KEPT = 8_192


def _locale() -> str:
    return str(get_locale() or "en")


@lru_cache(KEPT, typed=True)
def _decimal(value: Number, pattern: str, locale: str) -> str:
    return format_decimal(value, format=pattern, locale=locale)


@lru_cache(KEPT, typed=True)
def _share(value: Decimal, pattern: str, locale: str) -> str:
    return format_percent(value, format=pattern, locale=locale)


@lru_cache(KEPT)
def _length(whole_seconds: int, locale: str, is_from_now: bool) -> str:
    delta = timedelta(seconds=whole_seconds)
    return format_timedelta(delta, add_direction=is_from_now, threshold=1.2, locale=locale)


@lru_cache(KEPT)
def _time(at: datetime, pattern: str, locale: str) -> str:
    return format_datetime(at, pattern, locale=locale)


def number(value: Number | None, digits: int = 3) -> str:
    """Three significant digits: 1,234 · 12.3 · 0.123. Whole numbers are never cut."""
    if value is None:
        return str(NO_DATA)
    amount = float(value)
    if amount.is_integer() or abs(amount) >= 10 ** (digits - 1):
        return _decimal(round(value), "#,##0", _locale())
    decimals = min(MOST_DECIMALS, digits - 1 - floor(log10(abs(amount))))
    return _decimal(round(amount, decimals), f"#,##0.{'#' * decimals}", _locale())


def probability(p: Number | None) -> str:
    """How likely chance is, such as 0.034, or 2.2E-8 where decimals would be mostly zeros."""
    if p is not None and 0 < p < SMALL:
        return format_scientific(p, format="0.#E0", locale=_locale())
    return number(p)


def compact(value: Number | None) -> str:
    """For axes and narrow places: 1.2K, 3.4M."""
    if value is None:
        return str(NO_DATA)
    return format_compact_decimal(value, format_type="short", fraction_digits=1, locale=_locale())


def percent(ratio: Number | None, decimals: int = 1) -> str:
    """0.9987 → 99.8 %. Ratios below 1 are cut, not rounded up: 99.96 is never shown as 100."""
    if ratio is None:
        return str(NO_DATA)
    scale = 10 ** (decimals + 2)
    exact = Decimal(str(ratio))
    cut = Decimal(int(exact * scale)) / scale if 0 < exact < 1 else exact
    return _share(cut, _percent_pattern(decimals), _locale())


def _percent_pattern(decimals: int) -> str:
    return _percent_pattern_of(_locale(), decimals)


@cache
def _percent_pattern_of(locale: str, decimals: int) -> str:
    """The locale's own pattern (with or without a space before the sign) with so many decimals."""
    pattern: str = Locale.parse(locale).percent_formats[None].pattern
    return pattern.replace("##0", f"##0.{'#' * decimals}") if decimals else pattern


def points(ratio: Number | None, decimals: int = 1) -> str:
    """A difference of two percentages, with its sign: +0.4 pp."""
    if ratio is None:
        return str(NO_DATA)
    shape = f"#,##0.{'#' * decimals}"
    value = round(float(ratio) * 100, decimals)
    plus = "+" if value > 0 else "±"
    change = format_decimal(value, format=f"{plus}{shape};-{shape}", locale=_locale())
    return str(_("%(change)s pp", change=change))


def signed_percent(ratio: Number | None, decimals: int = 0) -> str:
    """A relative change with its sign: +12%."""
    if ratio is None:
        return str(NO_DATA)
    shape = _percent_pattern(decimals)
    value = round(float(ratio), decimals + 2)
    plus = "+" if value > 0 else "±"
    return format_percent(value, format=f"{plus}{shape};-{shape}", locale=_locale())


def money(cents: int | None, currency: str = "EUR", whole: bool = False) -> str:
    """Integer cents with their currency; `whole` drops the cents on tiles."""
    if cents is None:
        return str(NO_DATA)
    amount = Decimal(cents) / 100
    if not whole:
        return format_currency(amount, currency, locale=_locale())
    pattern = Locale.parse(_locale()).currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(round(amount), currency, format=pattern, currency_digits=False, locale=_locale())


def unit_money(cents: Number | None, currency: str = "EUR") -> str:
    """What one of many costs: below one unit in thousandths, €0.023."""
    if cents is None or cents >= 100:
        return money(None if cents is None else round(cents), currency)
    pattern = Locale.parse(_locale()).currency_formats["standard"].pattern.replace("0.00", "0.000")
    amount = Decimal(str(cents)) / 100
    return format_currency(amount, currency, format=pattern, currency_digits=False, locale=_locale())


def seconds(value: Number | None) -> str:
    """A duration that machines took: 3 ms, 850 ms, 1.25 s, 4 min."""
    if value is None:
        return str(NO_DATA)
    value = float(value)
    if value < SECOND:
        return str(_("%(count)s ms", count=number(round(value * 1000, 1 if value < 0.01 else 0))))
    if value < 120 * SECOND:
        return str(_("%(count)s s", count=number(value)))
    return span(timedelta(seconds=value))


def span(length: timedelta | Number | None) -> str:
    """A length of time in words: 5 minutes, 3 days."""
    if length is None:
        return str(NO_DATA)
    delta = length if isinstance(length, timedelta) else timedelta(seconds=float(length))
    return format_timedelta(delta, threshold=1.2, locale=_locale())


def ago(at: datetime | None, now: datetime | None = None) -> str:
    """How long since (or until) a moment, in words."""
    if at is None:
        return str(_("never"))
    delta = at - (now or datetime.now(UTC))
    if abs(delta) < timedelta(seconds=5):
        return str(_("just now"))
    return _length(round(delta.total_seconds()), _locale(), True)


# Day before month in letters and 24 hours: read alike by everybody.
MOMENTS = {
    "full": "d MMM y, HH:mm:ss",
    "medium": "d MMM y, HH:mm",
    "short": "d MMM, HH:mm",
    "date": "d MMM y",
}


def moment(at: datetime | None, form: str = "medium") -> str:
    """A moment in the reader's language, in UTC, and saying so."""
    if at is None:
        return str(_("never"))
    text = _time(at.astimezone(UTC), MOMENTS[form], _locale())
    return text if form == "date" else str(_("%(time)s UTC", time=text))


def day(on: date) -> str:
    """A day of the calendar: it has no time and no zone."""
    return format_date(on, MOMENTS["date"], locale=_locale())


def axis_time(at: datetime, form: str) -> str:
    return format_datetime(at, form, locale=_locale())


FILTERS = {
    "number": number,
    "probability": probability,
    "compact": compact,
    "percent": percent,
    "points": points,
    "signed_percent": signed_percent,
    "money": money,
    "unit_money": unit_money,
    "seconds": seconds,
    "span": span,
    "ago": ago,
    "moment": moment,
    "day": day,
}
