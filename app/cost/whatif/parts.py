"""The components of a scenario as the page's form has them: a row each, without a name left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from app.cost.money import read_amount
from app.cost.whatif.growth import Component

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

# What the form calls it → how many of the definition's unit one of the form's is: units are 100 cents.
NUMBERS = {"fixed_cents": 100, "step_size": 1, "step_cents": 100, "unit_cents": 100}
FACTORS = ("low", "high")  # in the form a percentage
DRIVERS = ("step_driver", "unit_driver")
NAMES = ("name", *NUMBERS, *FACTORS, *DRIVERS)
BLANK_ROWS = 2


def rows(components: Sequence[Component]) -> list[dict[str, str]]:
    """As they stand in the form, with room for more."""
    return [_row(one) for one in (*components, *[Component("")] * BLANK_ROWS)]


def _row(one: Component) -> dict[str, str]:
    numbers = {name: _plain(getattr(one, name) / scale) for name, scale in NUMBERS.items()}
    factors = {name: _plain(getattr(one, name) * 100) for name in FACTORS}
    return {"name": one.name, **numbers, **factors, **{name: getattr(one, name) for name in DRIVERS}}


def _plain(value: float) -> str:
    """45, 0.65 and 1.45: never an exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def read(form: MultiDict[str, str], wrong: dict[str, object]) -> list[dict[str, Any]] | None:
    """As growth.from_words takes them; None where the form has no rows at all: then they are the plan's."""
    columns = {name: form.getlist(f"part_{name}") for name in NAMES}
    if not columns["name"]:
        return None
    told = [dict(zip(NAMES, row, strict=True)) for row in zip(*columns.values(), strict=False)]
    found = [_component(row, wrong) for row in told if row["name"].strip()]
    if not found:
        wrong["components"] = _l("Name one component at least.")
    return found


def _component(row: Mapping[str, str], wrong: dict[str, object]) -> dict[str, Any]:
    scales = {name: Decimal(scale) for name, scale in NUMBERS.items()}
    scales |= dict.fromkeys(FACTORS, Decimal("0.01"))
    numbers = {name: _number(row[name], wrong) * scale for name, scale in scales.items()}
    words = {name: row[name] for name in ("name", *DRIVERS)}
    return {**words, **{name: float(value) for name, value in numbers.items()}}


def _number(typed: str, wrong: dict[str, object]) -> Decimal:
    value = read_amount(typed.strip() or "0")
    if value is None or value < 0:
        wrong["components"] = _l("Give numbers from 0 on for each component.")
        return Decimal()
    return value
