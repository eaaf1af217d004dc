"""What is asked of a card before the gateway sees it. Pure: no I/O, no clock.

A full number lives in a `Card` for the length of one request. It is never stored and its repr hides it, so
that neither a log line nor a trace can carry it; brand and last four digits are what is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import lazy_gettext as _l

EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\s*[/\-. ]\s*(?:20)?([0-9]{2})", re.ASCII)
BRANDS = (
    ("visa", re.compile(r"4")),
    ("mastercard", re.compile(r"5[1-5]|2(?:2[2-9]|[3-6]|7[01])")),
    ("amex", re.compile(r"3[47]")),
)
OTHER_BRAND = "card"


@dataclass(frozen=True)
class Card:
    number: str = field(repr=False)
    expiry_month: int
    expiry_year: int
    cvc: str = field(repr=False)

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def brand(self) -> str:
        return next((name for name, start in BRANDS if start.match(self.number)), OTHER_BRAND)


def read_card(form: Mapping[str, str], today: date) -> tuple[Card | None, dict[str, object]]:
    """The card, or None and what is wrong by field: card_number, card_expiry, card_cvc."""
    errors: dict[str, object] = {}
    number = re.sub(r"[ \-]", "", form.get("card_number", ""))
    if not is_card_number(number):
        errors["card_number"] = _l("Enter the long number on the front of your card")
    expiry = read_expiry(form.get("card_expiry", ""))
    if expiry is None:
        errors["card_expiry"] = _l("Enter month and year as on the card, such as 08/29")
    elif (expiry.year, expiry.month) < (today.year, today.month):
        errors["card_expiry"] = _l("This card has expired")
    cvc = form.get("card_cvc", "").strip()
    if not re.fullmatch(r"[0-9]{3,4}", cvc, re.ASCII):
        errors["card_cvc"] = _l("Enter the 3 or 4 digits of the security code")
    if errors or expiry is None:
        return None, errors
    return Card(number, expiry.month, expiry.year, cvc), errors


def is_card_number(digits: str) -> bool:
    """12 to 19 digits whose check digit is right (ISO/IEC 7812-1, annex B)."""
    if not re.fullmatch(r"[0-9]{12,19}", digits, re.ASCII):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def read_expiry(text: str) -> date | None:
    """First day of the month of expiry, from "8/29", "08 / 29", "08/2029"."""
    found = EXPIRY.fullmatch(text.strip())
    return date(2000 + int(found[2]), int(found[1]), 1) if found else None
