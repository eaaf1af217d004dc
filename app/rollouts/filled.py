"""The form of a plan: what was filled in becomes the JSON that plan.py checks, and back. Pure.

Rows that were left empty are no steps. A guard has one row a kind; shares are typed as percentages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.rollouts.plan import GUARD_KINDS, Plan

ROWS = 6
UNITS = {"minutes": 1, "hours": 60, "days": 1440}

Json = dict[str, Any]


Form = Mapping[str, Sequence[str]]  # what a web form sends, each name with all its values


@dataclass(frozen=True)
class Row:
    """A step as it is typed."""

    percent: str = ""
    length: str = ""
    unit: str = "minutes"
    exposures: str = ""
    scope: str = "audience"
    approver: str = ""


def raw_plan(form: Form) -> Json:
    return {
        "steps": [
            _step(form, number) for number in range(1, ROWS + 1) if _one(form, f"steps-{number}-percent")
        ],
        "guards": [_guard(form, kind) for kind in kinds(form)],
        "audience": {
            "locales": list(form.get("locales", ())),
            "countries": list(form.get("countries", ())),
            "devices": list(form.get("devices", ())),
            "customer": _one(form, "customer"),
            "segments": list(form.get("segments", ())),
        },
        "deadline": _deadline(_one(form, "deadline")),
        "on_harm": _one(form, "on_harm"),
        "at_deadline": _one(form, "at_deadline"),
        "tell": _one(form, "tell").strip(),
        "recipe": _one(form, "recipe"),
    }


def kinds(form: Form) -> list[str]:
    """Of the guards that are ticked, in the order of the list of guards."""
    return [kind for kind in GUARD_KINDS if _one(form, f"guards-{kind}")]


def fields(wrong: Mapping[str, object], ticked: Sequence[str]) -> dict[str, object]:
    """Messages by the names of this form: guards are numbered in a plan, and named here."""
    named = {}
    for name, why in wrong.items():
        start, _, rest = name.partition("-")
        number, _, what = rest.partition("-")
        if start == "guards" and number.isdecimal() and int(number) <= len(ticked):
            name = f"guards-{ticked[int(number) - 1]}" + (f"-{what}" if what else "")
        named[name] = why
    return named


def _one(form: Form, name: str) -> str:
    values = form.get(name) or ("",)
    return values[-1]


def _step(form: Form, number: int) -> Json:
    name = f"steps-{number}"
    length, unit = _number(_one(form, f"{name}-minutes") or "0"), _one(form, f"{name}-unit")
    minutes = length * UNITS.get(unit, 1) if isinstance(length, int | float) else length
    return {
        "percent": _number(_one(form, f"{name}-percent")),
        "minutes": int(minutes) if isinstance(minutes, float) and minutes.is_integer() else minutes,
        "exposures": _number(_one(form, f"{name}-exposures") or "0"),
        "scope": _one(form, f"{name}-scope") or "audience",
        "approver": _one(form, f"{name}-approver"),
    }


def _guard(form: Form, kind: str) -> Json:
    name = f"guards-{kind}"
    limit = _number(_one(form, f"{name}-limit"))
    is_share = GUARD_KINDS[kind].unit == "share" and isinstance(limit, int | float)
    told: Json = {
        "kind": kind,
        "limit": round(limit / 100, 6) if is_share else limit,  # type: ignore[operator]
        "when_silent": _one(form, f"{name}-when_silent") or "hold",
    }
    for more in ("journey", "slo"):
        if getattr(GUARD_KINDS[kind], f"of_{more}s" if more == "journey" else "of_slo"):
            told[more] = _one(form, f"{name}-{more}")
    return told


def _number(text: str) -> object:
    """A number, or what was typed in its place, for the check to refuse."""
    typed = text.strip().replace(",", ".")
    if typed.isascii() and typed.isdecimal() and len(typed) < 10:
        return int(typed)
    try:
        return float(typed) if len(typed) < 20 else text
    except ValueError:
        return text


def _deadline(text: str) -> str:
    """A browser sends no zone; pages speak of UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def rows(plan: Plan) -> list[Row]:
    """A plan's steps, and empty rows to fill in."""
    filled = []
    for step in plan.steps:
        unit = next(
            (name for name in ("days", "hours") if step.minutes and step.minutes % UNITS[name] == 0),
            "minutes",
        )
        length = str(step.minutes // UNITS[unit]) if step.minutes else ""
        exposures = str(step.exposures) if step.exposures else ""
        filled.append(Row(str(step.percent), length, unit, exposures, step.scope, step.approver))
    return filled + [Row()] * (ROWS - len(filled))


def limit_text(kind: str, limit: float) -> str:
    shown = limit * 100 if GUARD_KINDS[kind].unit == "share" else limit
    return f"{shown:g}"
