"""A decision carried out: the flag moved, the row and its history written, charts and people told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.rollouts import carried, steering, titles
from app.rollouts.counts import NOTHING
from app.rollouts.guards import Memory
from app.rollouts.machine import Action, Decision, after
from app.rollouts.models import Rollout, RolloutDecision
from app.rollouts.plan import Plan, stored
from app.timeline import commands as timeline

JOB = "job:rollouts.decide"
Json = dict[str, Any]

MOVES = ("advance", "finish", "roll_back", "off", "halt", "let_go", "expire")
TELLS = (*MOVES, "ask", "freeze")  # by mail
TELLING_HOLDS = ("silent", "mismatch", "too_large")
QUIET = (
    "stay",
    "hold",
    "advance",
    "approve",
    "override",
)  # not on charts: a flag's own move is there already

# For whoever listens, such as webhooks.
EVENTS = {
    "advance": "rollout.advanced",
    "ask": "rollout.waiting",
    "freeze": "rollout.frozen",
    "halt": "rollout.halted",
    "roll_back": "rollout.rolled_back",
    "off": "rollout.rolled_back",
    "let_go": "rollout.paused",
    "pause": "rollout.paused",
    "resume": "rollout.resumed",
    "finish": "rollout.finished",
    "expire": "rollout.ended",
    "abort": "rollout.ended",
}


def carry_out(
    session: Session, row: Rollout, decision: Decision, evidence: Json, now: datetime, who: str = JOB
) -> RolloutDecision | None:
    """Do what was decided. Answers the entry of its history, None where the same was decided before."""
    plan = stored(row.plan)
    was_let_go = row.let_go
    carried.place(row, after(carried.position(row), decision))
    _move(session, row, plan, decision, was_let_go, now, who)
    is_new = not _is_same(row.reason, decision)
    if is_new:
        row.reason = {
            "action": decision.action,
            "code": decision.code,
            "about": decision.about,
            "since": now.isoformat(),
        }
    else:
        row.reason = {**row.reason, "about": decision.about}
    if row.state == "ended" and row.ended_at is None:
        row.ended_at, row.ended_by = now, who
    return _write_down(session, row, plan, decision, evidence, now, who) if is_new else None


def _move(
    session: Session, row: Rollout, plan: Plan, decision: Decision, was_let_go: bool, now: datetime, who: str
) -> None:
    match decision.action:
        case "advance":
            steering.set_step(session, row, plan, row.step, now, who)
            begin_step(row, now)
        case "roll_back":
            steering.give_back(session, row, now, who)
        case "off":
            steering.switch_off(session, row, now, who)
        case "expire" if plan.at_deadline == "roll_back" and not was_let_go:
            steering.give_back(session, row, now, who)


def begin_step(row: Rollout, now: datetime) -> None:
    memory = carried.memory(row.memory)
    row.memory = carried.memory_json(
        Memory(memory.errors, memory.latency, memory.total, NOTHING, memory.excess)
    )
    row.step_since, row.observed_seconds, row.exposures, row.facts = now, 0.0, None, None


def _is_same(reason: Json, decision: Decision) -> bool:
    """The numbers of a reason change with every look; the guards that it names do not."""
    told = ("guards", "step", "who")
    return (
        reason.get("action") == decision.action
        and reason.get("code") == decision.code
        and decision.action not in MOVES
        and all(_plain(reason["about"].get(name)) == _plain(decision.about.get(name)) for name in told)
    )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _write_down(
    session: Session, row: Rollout, plan: Plan, decision: Decision, evidence: Json, now: datetime, who: str
) -> RolloutDecision:
    tells = decision.action in TELLS or (decision.action == "hold" and decision.code in TELLING_HOLDS)
    entry = RolloutDecision(
        rollout_id=row.id,
        at=now,
        who=who,
        step=row.step,
        action=decision.action,
        code=decision.code,
        about=decision.about,
        evidence=evidence,
        mail_to=plan.tell if tells and plan.tell != who else "",
    )
    session.add(entry)
    session.flush()
    facts = {"who": who, "environment": row.environment, "action": decision.action, "code": decision.code}
    if decision.action not in QUIET:
        timeline.record(
            session,
            now,
            "flag",
            titles.title(row.flag, decision, evidence),
            f"flag:{row.flag}",
            detail=who,
            url=f"/rollouts/{row.id}",
            key=f"rollout:{entry.id}",
            event=EVENTS.get(decision.action, ""),
            facts=facts,
        )
    elif decision.action in EVENTS:
        title, subject = titles.title(row.flag, decision, evidence), f"flag:{row.flag}"
        timeline.tell(session, now, EVENTS[decision.action], title, subject, f"/rollouts/{row.id}", facts)
    return entry


def write_down_person(
    session: Session, row: Rollout, action: Action, about: Json, now: datetime, who: str
) -> None:
    """What a person did to the rollout itself, beside what was decided."""
    decision = Decision(action, "by_person", about)
    entry = _write_down(session, row, stored(row.plan), decision, {}, now, who)
    row.reason = {"action": action, "code": "by_person", "about": about, "since": now.isoformat(), "who": who}
    entry.mail_to = ""
