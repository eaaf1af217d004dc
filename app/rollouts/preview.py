"""Whom a plan would reach, by the shoppers of the last hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.rollouts import facts
from app.rollouts.plan import Audience, Plan

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Reached:
    everybody: int  # different shoppers of the last hour
    matching: int | None  # of those, the audience; None: segments are only known to the shop
    steps: tuple[int | None, ...]  # about how many of them each step reaches

    def as_json(self) -> dict[str, Any]:
        return {"shoppers": self.everybody, "matching": self.matching, "steps": list(self.steps)}


def reached(reporting: Session, plan: Plan, now: datetime) -> Reached:
    """The hour before, by different shoppers. Nothing is drawn: percentages of the counts."""
    matching, everybody = facts.matching(reporting, _asked(plan.audience), now - HOUR, now)
    aimed = None if plan.audience.segments else matching
    steps = tuple(
        _share(everybody if step.scope == "everyone" else aimed, step.percent) for step in plan.steps
    )
    return Reached(everybody, aimed, steps)


def _share(shoppers: int | None, percent: int) -> int | None:
    return None if shoppers is None else round(shoppers * percent / 100)


def _asked(audience: Audience) -> dict[str, str]:
    return {
        "locales": ",".join(audience.locales),
        "countries": ",".join(audience.countries),
        "devices": ",".join(audience.devices),
        "customer": audience.customer,
    }
