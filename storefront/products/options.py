"""Sizes and colours of variants: keys in the database, words on the page, paint of the pictures."""

from __future__ import annotations

import re

from babel.units import format_unit
from flask_babel import lazy_gettext as _l

COLOURS = {
    "cream": (_l("Cream"), "#e9dcc3"),
    "sage": (_l("Sage"), "#8fa383"),
    "ember": (_l("Ember"), "#b8533a"),
    "ink": (_l("Ink blue"), "#33465e"),
    "butter": (_l("Butter"), "#e3bd5b"),
    "sky": (_l("Sky"), "#93b5c6"),
    "rose": (_l("Rose"), "#d39c93"),
    "slate": (_l("Slate"), "#6c7276"),
    "steel": (_l("Steel"), "#aab0b3"),
    "copper": (_l("Copper"), "#b9754a"),
    "black": (_l("Black"), "#34322f"),
    "oak": (_l("Light oak"), "#c79a63"),
    "walnut": (_l("Dark walnut"), "#7a5238"),
    "olive": (_l("Olive wood"), "#a9854a"),
    "clear": (_l("Clear"), "#cfdfe0"),
    "smoke": (_l("Smoke"), "#8b8b8d"),
    "amber": (_l("Amber"), "#c98f3c"),
    "flax": (_l("Flax"), "#cdbd9f"),
}

SIZES = {"s": _l("Small"), "m": _l("Medium"), "l": _l("Large")}
UNITS = {"cm": "length-centimeter", "l": "volume-liter"}
COMMA = {"ar": "، ", "ja": "、"}  # between the parts of a list; elsewhere ", "
MEASURE = re.compile(r"([\d.]+)(cm|l)")


def colour_words(key: str) -> str:
    return str(COLOURS[key][0]) if key in COLOURS else key


def paint(key: str) -> str:
    """The colour as CSS writes it; an unknown one is a warm grey."""
    return COLOURS[key][1] if key in COLOURS else "#a39a8e"


def size_words(key: str, locale: str) -> str:
    """ "24cm" → "24 cm", "1.2l" → "1,2 l" in German; "s" → "Small"."""
    measure = MEASURE.fullmatch(key)
    if measure is None:
        return str(SIZES.get(key, key))
    number, unit = float(measure[1]), UNITS[measure[2]]
    return format_unit(number, unit, "short", locale=locale.replace("-", "_"))


def in_words(size: str, colour: str, locale: str) -> str:
    """Both, as carts, orders and mails name a variant: "Sage, 24 cm"."""
    parts = [part for part in (colour_words(colour), size_words(size, locale) if size else "") if part]
    return COMMA.get(locale.partition("-")[0], ", ").join(parts)
