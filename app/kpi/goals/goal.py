"""Whether a target by a date is on course. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Refused
from app.kpi.targets import HIGHEST, read_target
from app.series.glossary import GLOSSARY

Course = Literal["reached", "on course", "behind", "late", "no data"]
ROOMS: dict[str, LazyString] = {"technical": _l("Technical"), "business": _l("Business")}
LONGEST_OWNER = 120
JOINER = "|"


@dataclass(frozen=True)
class Wanted:
    room: str
    series: str
    labels: Mapping[str, str]
    value: float
    due_on: date
    owner: str


def course(
    now: float | None, target: float, better: str, began: tuple[date, float | None], due_on: date, today: date
) -> Course:
    """On the line from where it began to the target, or better than that. `late`: the date is over."""
    if now is None:
        return "no data"
    is_reached = now <= target if better == "down" else now >= target
    if is_reached:
        return "reached"
    if today > due_on:
        return "late"
    began_on, began_at = began
    if began_at is None or due_on <= began_on:
        return "behind"
    share = (today - began_on).days / (due_on - began_on).days
    expected = began_at + share * (target - began_at)
    return "on course" if (now <= expected if better == "down" else now >= expected) else "behind"


News = Literal["reached", "missed"]


def news(course: Course, was_reached: bool, was_missed: bool) -> News | None:
    """What is worth telling now, each once: missed alone is what no figure met when its day was over."""
    if course == "reached" and not was_reached:
        return "reached"
    return "missed" if course == "late" and not was_missed else None


def name_of(series: str, labels: Mapping[str, str]) -> str:
    """As the form sends it: slo.latency_p95|slo=checkout."""
    return JOINER.join((series, *(f"{label}={value}" for label, value in sorted(labels.items()))))


def read_goal(form: Mapping[str, str], locale: str, today: date, number: float | None = None) -> Wanted:
    """Raises `Refused` with what is wrong beside each field. `number`: the target where nobody typed it."""
    wrong: dict[str, object] = {}
    key, *pairs = form.get("series", "").split(JOINER)
    labels = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    term = GLOSSARY.get(key)
    if term is None or set(labels) != set(term.labels):
        wrong["series"] = _l("Choose one of the figures.")
    if form.get("room") not in ROOMS:
        wrong["room"] = _l("Choose one of the tables.")
    owner = form.get("owner", "").strip()
    if not owner or len(owner) > LONGEST_OWNER:
        wrong["owner"] = _l("Say who answers for it.")
    due_on = _day(form.get("due_on", ""))
    if due_on is None or due_on < today:
        wrong["due_on"] = _l("Give a day that is still to come.")
    if number is None:
        value = _value(form.get("value", ""), term.unit if term else "count", locale, wrong)
    else:
        value = _number(number, wrong)
    if wrong or due_on is None or value is None:
        raise Refused(_l("The target was not saved."), wrong)
    return Wanted(form["room"], key, labels, value, due_on, owner)


def _value(typed: str, unit: str, locale: str, wrong: dict[str, object]) -> float | None:
    """A count of errors may be aimed at zero, unlike the target of a KPI."""
    if typed.strip() in ("0", "0 %"):
        return 0.0
    try:
        value = read_target(typed, "ratio" if unit == "yes_no" else unit, locale)
    except Refused as refused:
        wrong["value"] = refused.fields["target"]
        return None
    if value is None:
        wrong["value"] = _l("Give the number that is aimed at.")
    return value


def _number(number: float, wrong: dict[str, object]) -> float | None:
    if 0 <= number <= HIGHEST:
        return number
    wrong["value"] = _l("Give the number that is aimed at.")
    return None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
