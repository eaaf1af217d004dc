"""What a guest types at the checkout, checked field by field. Pure: no I/O; the day is an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l

from storefront.cart.delivery import COUNTRIES
from storefront.one_line import tidy
from storefront.payments.cards import Card, read_card

EMAIL = re.compile(r"[^@\s<>\"',;:\\()\[\]]{1,64}@[^@\s<>\"',;:\\()\[\]]+\.[^@\s<>\"',;:\\()\[\].]{2,}")
LONGEST = {"email": 254, "name": 100, "street": 200, "city": 100, "postcode": 12, "country": 2}
# Where a wrong post code is the likeliest reason for a parcel that comes back.
POSTCODES = {
    **dict.fromkeys(("DE", "FR", "IT", "ES", "SA", "EG"), r"[0-9]{5}"),
    **dict.fromkeys(("AT", "BE", "CH", "DK", "LU"), r"[0-9]{4}"),
    "BH": r"[0-9]{3,4}",
    "BR": r"[0-9]{5}-?[0-9]{3}",
    "JP": r"[0-9]{3}-?[0-9]{4}",
    "PT": r"[0-9]{4}-?[0-9]{3}",
    "NL": r"[0-9]{4} ?[A-Z]{2}",
    "PL": r"[0-9]{2}-?[0-9]{3}",
    "SE": r"[0-9]{3} ?[0-9]{2}",
    "GB": r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}",
}
WITHOUT_POSTCODE = ("AE",)
MISSING = {
    "email": _l("Enter your e-mail address"),
    "name": _l("Enter your name"),
    "street": _l("Enter street and house number"),
    "city": _l("Enter your town or city"),
    "postcode": _l("Enter your post code"),
    "country": _l("Choose a country"),
}


@dataclass(frozen=True)
class Delivery:
    email: str
    name: str
    street: str
    city: str
    postcode: str
    country: str


@dataclass(frozen=True)
class Filled:
    """`delivery` and `card` are None while `errors` has something to say about them."""

    values: Mapping[str, str]  # as typed, to be shown again; of the card only until when it is valid
    errors: Mapping[str, object]
    delivery: Delivery | None
    card: Card | None


def read_form(form: Mapping[str, str], today: date) -> Filled:
    values = {name: tidy(form.get(name, "")) for name in LONGEST}
    values["country"], values["postcode"] = values["country"].upper(), values["postcode"].upper()
    errors = delivery_errors(values)
    card, card_errors = read_card(form, today)
    delivery = None if errors else Delivery(**values)
    shown = {**values, "card_expiry": tidy(form.get("card_expiry", ""))[:9]}
    return Filled(shown, {**errors, **card_errors}, delivery, card)


def delivery_errors(values: Mapping[str, str]) -> dict[str, object]:
    errors: dict[str, object] = {}
    for name, most in LONGEST.items():
        if not values[name] and not (name == "postcode" and values["country"] in WITHOUT_POSTCODE):
            errors[name] = MISSING[name]
        elif len(values[name]) > most:
            errors[name] = _l("Use at most %(most)s characters", most=most)
    if "email" not in errors and not EMAIL.fullmatch(values["email"]):
        errors["email"] = _l("Enter an address such as name@example.org")
    if "country" not in errors and values["country"] not in COUNTRIES:
        errors["country"] = _l("We do not deliver to this country")
    if "postcode" not in errors and not postcode_fits(values["postcode"], values["country"]):
        errors["postcode"] = _l("This is not a post code of the chosen country")
    return errors


def postcode_fits(postcode: str, country: str) -> bool:
    return country not in POSTCODES or re.fullmatch(POSTCODES[country], postcode, re.ASCII) is not None
