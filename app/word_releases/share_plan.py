"""How a candidate release reaches all shoppers of a locale: shares of visitors, and for how long each. Pure.

The steps and guards of a rollout do the deciding (app/rollouts/machine.py, guards.py); here stands what is
particular to words: who is compared, what is watched, and that the last step is to show it to all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.rollouts.guards import FEWEST_SHOPPERS
from app.rollouts.plan import Guard, Plan, Step

Json = dict[str, Any]

MOST_STEPS = 10
MOST_MINUTES = 60 * 24 * 30
LONGEST = timedelta(days=60)
PAGE_JOURNEYS = ("browse", "search", "cart", "checkout", "pay")
FLAWS = ("fallbacks", "failures")  # of a page's words, see storefront/telemetry.py

# What is watched: kind, what of, and how much worse is put up with.
GUARDS: tuple[Guard, ...] = (
    *(Guard("errors", 1.5, journey=name) for name in (*PAGE_JOURNEYS, *FLAWS)),
    Guard("conversion", 0.05),
    Guard("checkout", 0.05),
)


@dataclass(frozen=True)
class ShareStep:
    percent: int  # of visitors, 1 to 99
    minutes: int  # at least this long


@dataclass(frozen=True)
class SharePlan:
    """After the last step all shoppers see it; where it goes by hand a person takes each step."""

    steps: tuple[ShareStep, ...]
    by_hand: bool = False


USUAL = SharePlan((ShareStep(5, 60), ShareStep(25, 360)))


def by_hand(percent: int) -> SharePlan:
    return SharePlan((ShareStep(percent, 0),), by_hand=True)


def as_json(plan: SharePlan) -> Json:
    steps = [{"percent": step.percent, "minutes": step.minutes} for step in plan.steps]
    return {"steps": steps, "by_hand": plan.by_hand}


def stored(raw: Mapping[str, Any]) -> SharePlan:
    return SharePlan(tuple(ShareStep(**step) for step in raw["steps"]), bool(raw["by_hand"]))


def checked(raw: object) -> SharePlan:
    """Steps as they came in: `[{"percent": 5, "minutes": 60}, …]`. A last step of 100 may be named."""
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not 1 <= len(raw) <= MOST_STEPS:
        raise _wrong(_l("Give 1 to %(most)s steps.", most=MOST_STEPS))
    steps = [_step(one) for one in raw]
    if steps[-1].percent == 100:
        steps.pop()
    if not steps or any(step.percent == 100 for step in steps):
        raise _wrong(_l("The first share must leave some shoppers with the live release."))
    if any(after.percent <= before.percent for before, after in pairwise(steps)):
        raise _wrong(_l("Each step must reach more shoppers than the one before."))
    return SharePlan(tuple(steps))


def _step(raw: object) -> ShareStep:
    found = raw if isinstance(raw, Mapping) else {}
    percent, minutes = found.get("percent"), found.get("minutes", 0)
    if not _is_whole(percent, 1, 100) or not _is_whole(minutes, 0, MOST_MINUTES):
        raise _wrong(_l("A step has a share from 1 to 100 percent and a time in minutes."))
    return ShareStep(int(percent), int(minutes))  # type: ignore[arg-type]


def _is_whole(raw: object, least: int, most: int) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool) and least <= raw <= most


def _wrong(why: object) -> Refused:
    return Refused(_l("The candidate was not shown to anybody."), {"steps": why})


def written(text: str) -> list[Json]:
    """`5 60, 25 360` or one step a line (share, minutes) as `checked` takes it."""
    lines = [line.replace("%", " ").split() for line in text.replace("\n", ",").split(",") if line.strip()]
    if not all(1 <= len(words) <= 2 and all(word.isdecimal() for word in words) for words in lines):
        raise _wrong(_l("Write a share and minutes on each line, such as: 5 60"))
    return [{"percent": int(words[0]), "minutes": int(words[1]) if len(words) > 1 else 0} for words in lines]


def read_out(steps: Iterable[ShareStep]) -> str:
    """As `written` takes it."""
    return "\n".join(f"{step.percent} {step.minutes}" for step in steps)


def rollout_plan(plan: SharePlan, started_at: datetime) -> Plan:
    """As the machine and the guards of rollouts want it. No step is left before enough shoppers were seen."""
    return Plan(
        steps=tuple(Step(step.percent, step.minutes, exposures=FEWEST_SHOPPERS) for step in plan.steps),
        guards=GUARDS,
        deadline=started_at + LONGEST,
        on_harm="roll_back",
        at_deadline="roll_back",
    )
