"""One look at one rollout: gather, judge, decide, carry out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rollouts import carried, counts, deciding, gather, queries, steering
from app.rollouts.counts import NOTHING, Sides
from app.rollouts.guards import (
    Evidence,
    Memory,
    Slo,
    Verdict,
    both_suffer,
    is_mismatched,
    judge,
    of_state,
    remember,
    spent_share,
)
from app.rollouts.machine import Circumstances, Decision, Findings, Position, decide
from app.rollouts.models import Rollout, RolloutLook
from app.rollouts.plan import Plan, stored
from app.rollouts.spending import is_too_large
from app.sources import Sources

Json = dict[str, Any]

RECENT = timedelta(minutes=5)
LATELY = timedelta(minutes=2)
GAP_SECONDS = 45.0  # a longer time without a look was not seen


@dataclass(frozen=True)
class Window:
    """The looks of the last minutes, this one included."""

    sides: Sides
    seconds: float


def look(session: Session, row: Rollout, now: datetime, sources: Sources) -> Decision | None:
    """Look once and act on it. None: this moment was looked at before."""
    if row.looked_at is not None and row.looked_at >= now:
        return None
    plan = stored(row.plan)
    seen = gather.counters(sources.prometheus, row, now)
    seconds = (now - row.looked_at).total_seconds() if row.looked_at else 0.0
    memory = remember(plan, carried.memory(row.memory), seen.sides or NOTHING)
    recent, lately = (_window(session, row, now, span, seen.sides, seconds) for span in (RECENT, LATELY))
    row.facts = gather.facts(sources, row, now)
    slos = gather.objectives(session, (guard.slo for guard in plan.guards if guard.slo))
    evidence = _evidence(session, row, plan, memory, recent.sides, slos)
    verdicts = judge(plan, evidence)
    before = carried.position(row)
    at = _observed(before, row, seen.is_fresh(now), seconds)
    suffers = both_suffer(lately.sides, *seen.shop)
    found = _findings(plan, row, verdicts, evidence, recent, suffers, seen.is_fresh(now))
    around = _around(session, row, plan, memory, recent, slos, now)
    decision = decide(plan, at, found, around)
    if decision.action == "freeze":  # frozen time proves nothing
        at = replace(at, observed_seconds=before.observed_seconds)
    carried.place(row, at)
    row.looked_at, row.seen, row.memory = now, dict(seen.newest), carried.memory_json(memory)
    told = [asdict(verdict) for verdict in verdicts]
    _keep(session, row, now, seconds, seen.sides, told)
    deciding.carry_out(session, row, decision, _told(plan, row, evidence, told, recent, slos), now)
    return decision


def _observed(at: Position, row: Rollout, is_fresh: bool, seconds: float) -> Position:
    """Time counts when it was seen: fresh counters, and no gap before this look."""
    if not is_fresh or seconds > GAP_SECONDS or row.looked_at is None:
        at = replace(at, steady_seconds=0.0)
    elif at.state == "running":
        at = replace(
            at, observed_seconds=at.observed_seconds + seconds, steady_seconds=at.steady_seconds + seconds
        )
    known = carried.facts(row.facts)
    return replace(at, exposures=known[0].shoppers if known else None)


def _window(
    session: Session, row: Rollout, now: datetime, span: timedelta, latest: Sides | None, seconds: float
) -> Window:
    query = select(RolloutLook.counts, RolloutLook.seconds).where(
        RolloutLook.rollout_id == row.id, RolloutLook.at > now - span, RolloutLook.at < now
    )
    total, length = latest or NOTHING, seconds
    for told, lasted in session.execute(query):
        total, length = total + counts.stored(told), length + lasted
    return Window(total, length)


def _evidence(
    session: Session, row: Rollout, plan: Plan, memory: Memory, recent: Sides, slos: dict[str, Slo]
) -> Evidence:
    known = carried.facts(row.facts)
    has_cost = any(guard.kind == "cost" for guard in plan.guards)
    return Evidence(
        memory=memory,
        recent=recent,
        treated=known[0] if known else None,
        control=known[1] if known else None,
        slos=slos,
        has_control=plan.steps[row.step].percent < 100,
        cost=gather.cost(session, row.flag) if has_cost else (None, None),
    )


def _findings(
    plan: Plan,
    row: Rollout,
    verdicts: Sequence[Verdict],
    evidence: Evidence,
    recent: Window,
    suffers: bool,
    is_fresh: bool,
) -> Findings:
    treated, control = recent.sides.of(counts.ALL)
    step = plan.steps[row.step]
    return Findings(
        harms=of_state(verdicts, "harm"),
        suspects=of_state(verdicts, "suspect"),
        silent=of_state(verdicts, "silent"),
        both_suffer=suffers,
        mismatched=is_mismatched(evidence.treated, evidence.control, step.percent),
        is_fresh=is_fresh,
        # At 100 the shop tells no sides apart any more.
        has_treated=treated.journeys > 0 or not evidence.has_control,
        has_control=control.journeys > 0,
    )


def _around(
    session: Session,
    row: Rollout,
    plan: Plan,
    memory: Memory,
    recent: Window,
    slos: dict[str, Slo],
    now: datetime,
) -> Circumstances:
    override = row.override
    return Circumstances(
        now=now,
        changed_by=steering.changed_by(session, row),
        frozen=queries.freeze(session) is not None,
        budget_gone=any(slo.budget_left is not None and slo.budget_left <= 0 for slo in slos.values()),
        policy_freeze=any(slo.is_frozen for slo in slos.values()),
        overridden=override is not None and datetime.fromisoformat(override["until"]) > now,
        too_large=is_too_large(plan, row.step, memory, recent.sides, recent.seconds, slos),
    )


def _keep(
    session: Session, row: Rollout, now: datetime, seconds: float, seen: Sides | None, told: list[Json]
) -> None:
    session.add(
        RolloutLook(
            rollout_id=row.id,
            at=now,
            seconds=seconds,
            counts=counts.as_json(seen or NOTHING),
            verdicts=told,
        )
    )


def _told(
    plan: Plan, row: Rollout, evidence: Evidence, verdicts: list[Json], recent: Window, slos: dict[str, Slo]
) -> Json:
    """What a decision rests on, in full, so that it can be followed later."""
    treated, control = recent.sides.of(counts.ALL)
    return {
        "verdicts": verdicts,
        "window_seconds": recent.seconds,
        "journeys": {"treated": treated.journeys, "control": control.journeys},
        "bad": {"treated": treated.bad, "control": control.bad},
        "shoppers": {
            side: facts.shoppers if facts else None
            for side, facts in (("treated", evidence.treated), ("control", evidence.control))
        },
        "percent": plan.steps[row.step].percent,
        "queries": gather.queries_of(row.flag),
        "slos": {key: asdict(slo) for key, slo in slos.items()},
        "excess": dict(evidence.memory.excess),
        "spent": {
            guard.slo: spent_share(evidence.memory, guard.journey, slos.get(guard.slo, Slo()))
            for guard in plan.guards
            if guard.slo
        },
    }
