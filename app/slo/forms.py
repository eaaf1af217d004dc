"""A definition as the fields of its form hold it: texts, one a field, as a person would type them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from app.slo.burn import Tier, decimal, duration
from app.slo.definition import Definition
from app.slo.policy import PolicyStep
from app.slo.reading import READERS

# What a new form starts with.
FRESH = Definition(key="", name="", objective=Decimal("0.995"))


def as_text(made: Definition) -> dict[str, str]:
    return {name: _text(name, getattr(made, name)) for name in READERS}


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """What somebody typed, of the fields that there are. An unticked box sends nothing and means no."""
    found = {name: form[name] for name in READERS if name in form}
    if form.get("is_enabled_shown") and "is_enabled" not in found:
        found["is_enabled"] = ""
    return found


def _text(name: str, value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "1"
        case Decimal():
            return decimal(Fraction(value) * 100)
        case tuple():
            return "\n".join(_line(item) for item in value)
        case Mapping():
            joint = " " if name == "members" else "="
            return "\n".join(f"{key}{joint}{_plain(text)}" for key, text in value.items())
        case _:
            return _plain(value)


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _line(item: object) -> str:
    match item:
        case Tier():
            share = decimal(item.budget_share * 100)
            return f"{item.severity} {share}% {duration(item.long_seconds)}/{duration(item.short_seconds)}"
        case PolicyStep():
            return f"{decimal(item.left * 100)}% {item.action}"
        case _:
            return str(item)


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Fields of which two people said different things: (field, one, other)."""
    return [
        (name, before[name], text) for name, text in after.items() if name in before and before[name] != text
    ]
