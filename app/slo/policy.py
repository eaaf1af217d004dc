"""What happens when an error budget shrinks: at which share left, and what then. Pure.

A step is taken when no more than its share is left, and taken back when there is more again. The lowest step
that is taken says what holds: a freeze lasts until there is budget again, or until somebody with a name and a
reason overrides it for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Action = Literal["notify", "freeze"]
ACTION_NAMES = {"notify": _l("Tell the owner"), "freeze": _l("Freeze rollouts")}
LONGEST_OVERRIDE = timedelta(days=30)
LONGEST_REASON = 1_000


@dataclass(frozen=True)
class PolicyStep:
    left: Fraction  # taken when at most this share of the budget is left
    action: Action


STANDARD_POLICY = (
    PolicyStep(Fraction(1, 2), "notify"),
    PolicyStep(Fraction(1, 5), "notify"),
    PolicyStep(Fraction(0), "freeze"),
)


@dataclass(frozen=True)
class Standing:
    """Where a budget stands against its policy."""

    steps_taken: int  # 0: none
    freezes: bool  # what the policy says; an override may lift it


def standing(policy: Sequence[PolicyStep], left: float | None, before: Standing | None = None) -> Standing:
    """An unknown budget takes no step and takes none back: a gap in the data must not lift a freeze."""
    if left is None:
        return before or Standing(0, freezes=False)
    taken = [step for step in policy if left <= step.left]
    return Standing(len(taken), any(step.action == "freeze" for step in taken))


def check_override(reason: str, until: datetime | None, now: datetime) -> None:
    """Raises `Refused` beside the field: an override has a reason and an end."""
    wrong: dict[str, object] = {}
    if not reason.strip():
        wrong["reason"] = _l("Say why the freeze is lifted.")
    elif len(reason) > LONGEST_REASON:
        wrong["reason"] = _l("Give at most %(most)s characters.", most=LONGEST_REASON)
    if until is None:
        wrong["until"] = _l("Give the time with its zone, such as 2026-01-31T14:02:00Z.")
    elif not now < until <= now + LONGEST_OVERRIDE:
        wrong["until"] = _l("Choose an end within the next %(days)s days.", days=LONGEST_OVERRIDE.days)
    if wrong:
        raise Refused(_l("The override was not saved."), wrong)
