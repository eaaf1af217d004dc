"""Reading a target that somebody typed. Pure: no I/O, no clock, no Flask."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import lazy_gettext as _l

from app.errors import Refused

HIGHEST = Decimal(10) ** 9


def read_target(typed: str, unit: str, locale: str) -> float | None:
    """In the unit of the series: "2.5" of a ratio is 0.025, "120" of money is 12000. Empty: no target."""
    words = typed.strip().removesuffix("%").strip() if unit == "ratio" else typed.strip()
    if not words:
        return None
    try:
        value = parse_decimal(words, locale=locale, strict=True)
    except NumberFormatError:
        raise _wrong(_l("Write a number, such as %(sample)s.", sample=_sample(unit))) from None
    if not value.is_finite() or value <= 0:
        raise _wrong(_l("Write a number above zero, or leave it empty for no target."))
    if value > HIGHEST:
        raise _wrong(_l("Write a number below %(most)s.", most=HIGHEST))
    if unit == "ratio":
        value /= 100
    check_target(float(value), unit)
    return float(round(value * 100)) if unit == "cents" else float(value)


def check_target(value: float | None, unit: str) -> None:
    if value is not None and unit == "ratio" and value > 1:
        raise _wrong(_l("A share is at most 100."))


def _sample(unit: str) -> str:
    return {"ratio": "2.5", "cents": "1200"}.get(unit, "40")


def _wrong(words: object) -> Refused:
    return Refused(_l("The target was not saved."), {"target": words})
