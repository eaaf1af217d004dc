"""Plans to begin from. Pure: no I/O, and the moment is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.rollouts.plan import Guard, Plan, Step

CHECKOUT_SLO = "checkout-availability"

FAILURES = Guard("errors", 1.5, "all")
SPEED = Guard("latency", 1.5, "all")
BURN = Guard("burn", 6, "checkout", CHECKOUT_SLO)
BUDGET = Guard("budget", 0.1, "checkout", CHECKOUT_SLO)
CONVERSION = Guard("conversion", 0.1, when_silent="ignore")
ORDERS = Guard("checkout", 0.1, when_silent="ignore")


@dataclass(frozen=True)
class Recipe:
    key: str
    name: object
    about: object
    steps: tuple[Step, ...]
    guards: tuple[Guard, ...]
    lasts: timedelta
    on_harm: str = "roll_back"
    at_deadline: str = "roll_back"

    def plan(self, now: datetime) -> Plan:
        """For everybody; it ends on a full hour."""
        end = (now + self.lasts).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return Plan(
            self.steps,
            self.guards,
            end,
            on_harm=self.on_harm,
            at_deadline=self.at_deadline,
            recipe=self.key,
        )


RECIPES: Mapping[str, Recipe] = {
    recipe.key: recipe
    for recipe in (
        Recipe(
            "normal",
            _l("Normal"),
            _l("Over a day, in four steps. Failures, speed and orders guard it."),
            (Step(5, 30, 50), Step(25, 120, 200), Step(50, 240, 500), Step(100, 60)),
            (FAILURES, SPEED, CONVERSION),
            timedelta(days=3),
        ),
        Recipe(
            "careful",
            _l("Careful"),
            _l("Over days; somebody else agrees before half of the shoppers get it; the budget has a say."),
            (
                Step(1, 60, 20),
                Step(5, 240, 100),
                Step(20, 720, 500),
                Step(50, 1440, 1000, approver="another"),
                Step(100, 240),
            ),
            (FAILURES, SPEED, BURN, BUDGET, CONVERSION, ORDERS),
            timedelta(days=10),
        ),
        Recipe(
            "fast",
            _l("Fast"),
            _l("Within the hour: for what was tried before, or what mends something."),
            (Step(10, 5, 20), Step(50, 15, 100), Step(100, 10)),
            (FAILURES, SPEED),
            timedelta(hours=8),
        ),
        Recipe(
            "dark",
            _l("Dark launch"),
            _l(
                "Code that shoppers do not see yet: only failures and speed can tell, and it is switched off."
            ),
            (Step(1, 30), Step(10, 120), Step(50, 720), Step(100, 1440)),
            (FAILURES, SPEED),
            timedelta(days=7),
            on_harm="off",
        ),
        Recipe(
            "holdback",
            _l("With a holdback"),
            _l("Ends at 95 %, so that a part of the shoppers stays to compare with for a week."),
            (Step(5, 60, 50), Step(25, 240, 200), Step(50, 720, 500), Step(95, 10080)),
            (FAILURES, SPEED, CONVERSION, Guard("revenue", 0.15, when_silent="ignore")),
            timedelta(days=14),
            at_deadline="stay",
        ),
    )
}
