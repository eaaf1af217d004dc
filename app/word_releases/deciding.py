"""A decision carried out: the share moved, the row and its history written, charts and people told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.locales.releases import candidates
from app.rollouts import carried
from app.rollouts.counts import NOTHING
from app.rollouts.guards import Memory
from app.rollouts.machine import Decision, Position, after
from app.timeline import commands as timeline
from app.word_releases.models import WordDecision, WordRollout
from app.word_releases.share_plan import stored

JOB = "job:word_releases.decide"
Json = dict[str, Any]

MOVES = ("advance", "finish", "roll_back", "expire", "abort")
TELLS = ("advance", "finish", "roll_back", "expire", "freeze", "ask")  # by mail
TELLING_HOLDS = ("silent", "mismatch")

# For whoever listens, such as webhooks.
EVENTS = {
    "started": "candidate.shown",
    "advance": "candidate.shown",
    "share": "candidate.shown",
    "finish": "candidate.finished",
    "roll_back": "candidate.withdrawn",
    "expire": "candidate.withdrawn",
    "abort": "candidate.withdrawn",
}


def position(row: WordRollout) -> Position:
    return Position(**{name: getattr(row, name) for name in Position.__dataclass_fields__})


def place(row: WordRollout, at: Position) -> None:
    for name in Position.__dataclass_fields__:
        setattr(row, name, getattr(at, name))


def percent(row: WordRollout) -> int:
    """Of visitors, as the row stands; 0: nobody sees the candidate, or it is what all see."""
    return 0 if row.ended_at is not None else stored(row.plan).steps[row.step].percent


def carry_out(
    session: Session, row: WordRollout, decision: Decision, now: datetime, who: str = JOB
) -> WordDecision | None:
    """Do what was decided. Answers the entry of its history, None where the same was decided before."""
    place(row, after(position(row), decision))
    _move(session, row, decision, now, who)
    if decision.action == "abort":
        row.state, row.outcome = "ended", "aborted"
    if row.state == "ended" and row.ended_at is None:
        row.ended_at, row.ended_by = now, who
    is_new = not _is_same(row.reason, decision)
    since = now.isoformat() if is_new else row.reason["since"]
    row.reason = {
        "action": decision.action,
        "code": decision.code,
        "about": _plain(decision.about),
        "since": since,
    }
    return write_down(session, row, decision, now, who) if is_new else None


def _move(session: Session, row: WordRollout, decision: Decision, now: datetime, who: str) -> None:
    match decision.action:
        case "advance":
            begin_step(row, now)
            candidates.set_share(session, row.locale, percent(row), who, now)
        case "finish":
            candidates.promote(session, row.locale, who, now)
        case "roll_back" | "expire":
            candidates.withdraw(session, row.locale, who, now)


def begin_step(row: WordRollout, now: datetime) -> None:
    memory = carried.memory(row.memory)
    row.memory = carried.memory_json(
        Memory(memory.errors, memory.latency, memory.total, NOTHING, memory.excess)
    )
    row.step_since, row.observed_seconds, row.exposures, row.facts, row.looks = now, 0.0, None, None, []


def _is_same(reason: Json, decision: Decision) -> bool:
    """The numbers of a reason change with every look; the guards that it names do not."""
    return (
        reason.get("action") == decision.action
        and reason.get("code") == decision.code
        and decision.action not in MOVES
        and reason.get("about", {}).get("guards") == _plain(decision.about).get("guards")
    )


def _plain(about: Json) -> Json:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in about.items()}


def write_down(
    session: Session, row: WordRollout, decision: Decision, now: datetime, who: str
) -> WordDecision:
    tells = decision.action in TELLS or (decision.action == "hold" and decision.code in TELLING_HOLDS)
    entry = WordDecision(
        rollout_id=row.id,
        at=now,
        who=who,
        percent=percent(row),
        action=decision.action,
        code=decision.code,
        about=_plain(decision.about),
        verdicts=row.verdicts,
        mail_to=row.started_by if tells and who == JOB and "@" in row.started_by else "",
    )
    session.add(entry)
    session.flush()
    if decision.action not in ("stay", "hold", "ask"):
        timeline.record(
            session,
            now,
            "release",
            title(row, decision),
            f"locale:{row.locale}",
            detail=who,
            url=f"/locales/{row.locale}/candidate",
            key=f"word-decision:{entry.id}",
            event=EVENTS.get(decision.code, EVENTS.get(decision.action, "")),
            facts={"who": who, "action": decision.action, "percent": percent(row)},
        )
    return entry


def title(row: WordRollout, decision: Decision) -> str:
    name = f"{row.locale}: candidate release {row.candidate}"
    guards = ", ".join(decision.about.get("guards", ()))
    return {
        "started": f"{name} is shown to {percent(row)} %",
        "advance": f"{name} is shown to {percent(row)} %",
        "share": f"{name} is shown to {percent(row)} %",
        "finish": f"{name} is shown to all",
        "roll_back": f"{name} was halted: {guards} became worse" if guards else f"{name} was withdrawn",
        "expire": f"{name} was withdrawn, its time was up",
        "abort": f"{name} was withdrawn by hand",
        "freeze": f"{name} is frozen",
    }[decision.code if decision.code in ("started", "share") else decision.action]
