"""The form of an experiment, brought into the shape that `definition.read` takes. Pure.

What cannot be understood is passed on as it was typed: the reader refuses it beside its field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.experiments.definition import SHARES, Definition
from app.experiments.metrics import METRICS

NUMBERS = ("tuning", "exposure_cents", "page_cents", "order_cents")
WORDS = ("name", "flag", "environment", "hypothesis", "goal", "control", "correction", "ends_at")
FILTERS = {"locale": "locales", "country": "countries", "device": "devices"}  # dimension → input
LEFT_OUT_IF_EMPTY = ("environment", "goal", "control", "correction", *SHARES, *NUMBERS)


def body_of(form: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {name: form.get(name, "").strip() for name in WORDS}
    said |= {name: _number(form.get(name, ""), 0.01) for name in SHARES}
    said |= {name: _number(form.get(name, ""), 1.0) for name in NUMBERS}
    kept = {name: value for name, value in said.items() if value != "" or name not in LEFT_OUT_IF_EMPTY}
    return {
        **kept,
        "ends_at": _end_of_day(said["ends_at"]),
        "variants": [_variant(line) for line in form.get("variants", "").splitlines() if line.strip()],
        "guards": [_guard(form, key) for key in METRICS if form.get(f"guard_{key}")],
        "filters": {name: _values(form.get(field, "")) for name, field in FILTERS.items()},
        "adjusted": bool(form.get("adjusted")),
    }


def typed(definition: Definition) -> dict[str, str]:
    """The other way: what the form shows."""
    margins = {guard.metric: guard.margin for guard in definition.guards}
    filters = definition.filters or {}
    return {
        **{name: str(getattr(definition, name)) for name in WORDS if name != "ends_at"},
        **{name: _plain(getattr(definition, name) * 100) for name in SHARES},
        **{name: _plain(getattr(definition, name)) for name in NUMBERS},
        "ends_at": definition.ends_at.strftime("%Y-%m-%d") if definition.ends_at else "",
        "variants": "\n".join(f"{one.name} {_plain(one.weight)}" for one in definition.variants),
        "adjusted": "1" if definition.adjusted else "",
        **{f"guard_{key}": "1" for key in margins},
        **{f"margin_{key}": _plain(margin * 100) for key, margin in margins.items()},
        **{field: ", ".join(filters.get(name, ())) for name, field in FILTERS.items()},
    }


def _number(text: str, scale: float) -> float | str:
    """German decimal commas are understood."""
    try:
        return float(text.strip().replace(",", ".")) * scale
    except ValueError:
        return text.strip()


def _plain(value: float) -> str:
    return f"{value:.10g}"


def _end_of_day(text: str) -> str:
    """A day of the calendar ends at midnight UTC; anything else is left to the reader."""
    return f"{text}T23:59:59+00:00" if len(text) == len("2026-01-31") else text


def _variant(line: str) -> dict[str, object]:
    name, _, weight = line.strip().rpartition(" ")
    return {"name": name.strip(), "weight": _number(weight, 1.0)}


def _guard(form: Mapping[str, str], key: str) -> dict[str, object]:
    margin = form.get(f"margin_{key}", "")
    return {"metric": key, "margin": _number(margin, 0.01)} if margin.strip() else {"metric": key}


def _values(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
