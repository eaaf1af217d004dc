"""What a rollout does next, and why. The whole of it, in the order in which it is asked. Pure.

A rollout shows a feature to more and more shoppers, step by step. Every five seconds it is asked once:

 1. Did a person change the flag meanwhile?        It lets go and overwrites nothing.
 2. Is the feature doing harm?                     It rolls back, switches off or stops, as the plan says.
 3. Is the time up?                                It ends.
 4. Did a person pause it?                         It waits for her.
 5. Does the whole shop suffer, or is all frozen?  Nothing new is started.
 6. Is anything missing that it must know?         It stays where it is.
 7. Have enough shoppers had it for long enough?   Else it waits.
 8. May a new step be begun?                       The error budget, and whoever must agree, have a say.
 9. Then it takes the next step, or is done.

So harm wins over everything but a person's hand; nothing is decided on what was not seen; and because a plan
has an end and no step is taken twice, a rollout always comes to one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from app.rollouts.plan import Plan

State = Literal["running", "paused", "ended"]
Action = Literal[
    "stay",  # all is well, it is only too early
    "hold",  # something is missing
    "freeze",  # nothing new may begin
    "ask",  # a person must agree
    "advance",
    "finish",
    "roll_back",
    "off",
    "halt",  # harm, and a person must decide
    "let_go",  # a person changed the flag
    "expire",
    # What people do besides, see commands.py:
    "pause",
    "resume",
    "approve",
    "abort",
    "override",
]
Outcome = Literal["", "finished", "rolled_back", "off", "expired", "aborted"]

STEADY_SECONDS = 60  # seen without a gap before a step is taken, so also after the watch was blind


@dataclass(frozen=True)
class Position:
    """Where a rollout is."""

    state: State = "running"
    step: int = 0  # counted from 0
    observed_seconds: float = 0.0  # of this step, only what was seen
    steady_seconds: float = 0.0  # since the last gap
    exposures: int | None = None  # different shoppers with the feature in this step; None: not known
    approved: int = 0  # the highest step that somebody agreed to
    halted: bool = False  # paused because of harm
    let_go: bool = False  # paused because a person changed the flag
    outcome: Outcome = ""


@dataclass(frozen=True)
class Findings:
    """What the evidence says. As it stands here: nothing is known."""

    harms: tuple[str, ...] = ()  # guards that are broken beyond chance: only the treated side is worse
    suspects: tuple[str, ...] = ()  # guards with a strong hint of it
    silent: tuple[str, ...] = ()  # guards that have no data and must have some
    both_suffer: bool = False  # the control group too: not the feature's fault
    mismatched: bool = False  # the groups are not as large as they should be
    is_fresh: bool = False
    has_treated: bool = False  # somebody with the feature did something lately
    has_control: bool = False


@dataclass(frozen=True)
class Circumstances:
    """What holds around the rollout."""

    now: datetime
    changed_by: str = ""  # a person who changed the flag since the rollout last did
    frozen: bool = False  # all rollouts are frozen by a person
    budget_gone: bool = False  # of an objective that guards it
    policy_freeze: bool = False  # the error-budget policy says: no changes
    overridden: bool = False  # a person took the responsibility for these two, for a while
    too_large: bool = False  # the next step could spend more of the budget than is left for it


@dataclass(frozen=True)
class Decision:
    action: Action
    code: str  # the reason; words.py says it
    about: dict[str, Any] = field(default_factory=dict)  # numbers and names of the reason


def decide(plan: Plan, at: Position, found: Findings, around: Circumstances) -> Decision:
    """The one question. Asked again with the same, it answers the same."""
    return (
        _by_hand(at, around)
        or _harm(plan, at, found)
        or _time_is_up(plan, around)
        or _paused(at)
        or _shared_trouble(found, around)
        or _missing(plan, at, found)
        or _too_early(plan, at)
        or _done(plan, at)
        or _may_not_begin(around)
        or _approval(plan, at)
        or Decision("advance", "good", {"step": at.step + 1})
    )


def _by_hand(at: Position, around: Circumstances) -> Decision | None:
    if not around.changed_by or at.let_go:
        return None
    return Decision("let_go", "by_hand", {"who": around.changed_by})


def _harm(plan: Plan, at: Position, found: Findings) -> Decision | None:
    if not found.harms or at.let_go:
        return None
    if plan.on_harm == "hold":
        return None if at.halted else Decision("halt", "harm", {"guards": found.harms})
    return Decision("roll_back" if plan.on_harm == "roll_back" else "off", "harm", {"guards": found.harms})


def _time_is_up(plan: Plan, around: Circumstances) -> Decision | None:
    return Decision("expire", "deadline") if around.now >= plan.deadline else None


def _paused(at: Position) -> Decision | None:
    if at.state != "paused":
        return None
    return Decision("hold", "let_go" if at.let_go else "halted" if at.halted else "paused")


def _shared_trouble(found: Findings, around: Circumstances) -> Decision | None:
    if around.frozen:
        return Decision("freeze", "frozen")
    return Decision("freeze", "both_suffer") if found.both_suffer else None


def _missing(plan: Plan, at: Position, found: Findings) -> Decision | None:
    has_all = plan.steps[at.step].percent == 100
    if not found.is_fresh:
        return Decision("hold", "blind")
    if found.silent:
        return Decision("hold", "silent", {"guards": found.silent})
    if not (found.has_treated and (found.has_control or has_all)):
        return Decision("hold", "no_traffic")
    if found.mismatched:
        return Decision("hold", "mismatch")
    if found.suspects:
        return Decision("hold", "suspicious", {"guards": found.suspects})
    if at.steady_seconds < STEADY_SECONDS:
        return Decision("hold", "returning", {"seconds": round(STEADY_SECONDS - at.steady_seconds)})
    return None


def _too_early(plan: Plan, at: Position) -> Decision | None:
    step = plan.steps[at.step]
    if at.observed_seconds < step.minutes * 60:
        return Decision("stay", "time", {"seconds": round(step.minutes * 60 - at.observed_seconds)})
    if step.exposures and at.exposures is None:
        return Decision("hold", "no_exposures")
    if step.exposures and (at.exposures or 0) < step.exposures:
        return Decision("stay", "exposures", {"have": at.exposures, "want": step.exposures})
    return None


def _done(plan: Plan, at: Position) -> Decision | None:
    return Decision("finish", "good") if at.step >= plan.last else None


def _may_not_begin(around: Circumstances) -> Decision | None:
    if around.budget_gone and not around.overridden:
        return Decision("freeze", "budget_gone")
    if around.policy_freeze and not around.overridden:
        return Decision("freeze", "policy")
    return Decision("hold", "too_large") if around.too_large else None


def _approval(plan: Plan, at: Position) -> Decision | None:
    approver = plan.steps[at.step + 1].approver
    if not approver or at.approved >= at.step + 1:
        return None
    return Decision("ask", "approval", {"approver": approver, "step": at.step + 1})


ENDS: dict[str, Outcome] = {
    "finish": "finished",
    "roll_back": "rolled_back",
    "off": "off",
    "expire": "expired",
}


def after(at: Position, decision: Decision) -> Position:
    """Where the rollout is once the decision was carried out."""
    match decision.action:
        case "advance":
            return replace(at, step=at.step + 1, observed_seconds=0.0, exposures=None)
        case "finish" | "roll_back" | "off" | "expire":
            return replace(at, state="ended", outcome=ENDS[decision.action])
        case "halt":
            return replace(at, state="paused", halted=True)
        case "let_go":
            return replace(at, state="paused", let_go=True)
        case _:
            return at
