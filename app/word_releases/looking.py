"""One look at one candidate: gather, judge, decide by the machine of the rollouts, carry out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.locales.releases import queries as releases
from app.rollouts import carried, counts
from app.rollouts.counts import NOTHING, Sides
from app.rollouts.gather import are_frozen, objectives
from app.rollouts.guards import (
    Evidence,
    Memory,
    Verdict,
    both_suffer,
    is_mismatched,
    judge,
    of_state,
    remember,
)
from app.rollouts.machine import Circumstances, Decision, Findings, Position, decide
from app.rollouts.plan import Plan
from app.sources import Sources
from app.word_releases import deciding, gather
from app.word_releases.models import WordRollout
from app.word_releases.share_plan import PAGE_JOURNEYS, rollout_plan, stored

Json = dict[str, Any]

RECENT = timedelta(minutes=5)
LATELY = timedelta(minutes=2)
FEWEST = 30  # journeys on each side before a guard may say that there is no harm
GAP_SECONDS = 60.0  # a longer time without a look was not seen


def look(session: Session, row: WordRollout, now: datetime, sources: Sources) -> Decision | None:
    """Look once and act on it. None: this moment was looked at before."""
    if row.ended_at is not None or (row.looked_at is not None and row.looked_at >= now):
        return None
    offer = releases.candidate(session, row.locale)
    if offer is None or offer.number != row.candidate:
        gone = Decision("abort", "by_hand")
        deciding.carry_out(session, row, gone, now)
        return gone
    share_plan = stored(row.plan)
    plan = rollout_plan(share_plan, row.started_at)
    seen = gather.counters(sources.prometheus, row, now)
    seconds = (now - row.looked_at).total_seconds() if row.looked_at else 0.0
    memory = remember(plan, carried.memory(row.memory), seen.sides or NOTHING)
    row.looks = _kept(row, seen.sides, seconds, now)
    row.facts = gather.facts(sources, row, now)
    evidence = _evidence(row, memory, _sum(row, now - RECENT))
    verdicts = [_only_known(verdict) for verdict in judge(plan, evidence)]
    before = deciding.position(row)
    at = _observed(before, row, seen.is_fresh(now), seconds)
    found = _findings(plan, row, verdicts, evidence, _sum(row, now - LATELY), seen.is_fresh(now))
    slos = objectives(session, ())
    around = Circumstances(
        now=now,
        frozen=are_frozen(session),
        policy_freeze=any(slo.is_frozen for slo in slos.values()),
    )
    decision = _said(decide(plan, at, found, around), verdicts, share_plan.by_hand)
    if decision.action == "freeze":  # frozen time proves nothing
        at = replace(at, observed_seconds=before.observed_seconds)
    deciding.place(row, at)
    row.looked_at, row.seen, row.memory = now, dict(seen.newest), carried.memory_json(memory)
    row.verdicts = [asdict(verdict) for verdict in verdicts]
    deciding.carry_out(session, row, decision, now)
    return decision


def _only_known(verdict: Verdict) -> Verdict:
    """A guard that saw next to nothing on a side does not say that all is well."""
    if verdict.state == "ok" and verdict.counts and min(verdict.counts[1], verdict.counts[3]) < FEWEST:
        return replace(verdict, state="early")
    return verdict


def _said(decision: Decision, verdicts: Sequence[Verdict], is_by_hand: bool) -> Decision:
    """Where a person takes the steps the machine takes none; harm it halts all the same."""
    if is_by_hand and decision.action in ("advance", "finish"):
        return Decision("ask", "by_hand")
    if decision.code == "time" and of_state(verdicts, "early"):
        return replace(decision, code="time_early")
    return decision


def _kept(row: WordRollout, found: Sides | None, seconds: float, now: datetime) -> list[Json]:
    new = {"at": now.isoformat(), "seconds": seconds, "counts": counts.as_json(found or NOTHING)}
    return [one for one in row.looks if datetime.fromisoformat(one["at"]) > now - RECENT] + [new]


def _sum(row: WordRollout, since: datetime) -> Sides:
    told = (one["counts"] for one in row.looks if datetime.fromisoformat(one["at"]) > since)
    return sum((counts.stored(one) for one in told), NOTHING)


def _evidence(row: WordRollout, memory: Memory, recent: Sides) -> Evidence:
    known = carried.facts(row.facts)
    return Evidence(
        memory=memory,
        recent=recent,
        treated=known[0] if known else None,
        control=known[1] if known else None,
        slos={},
        has_control=True,
    )


def _observed(at: Position, row: WordRollout, is_fresh: bool, seconds: float) -> Position:
    """Time counts when it was seen: fresh counters, and no gap before this look."""
    if not is_fresh or seconds > GAP_SECONDS or row.looked_at is None:
        at = replace(at, steady_seconds=0.0)
    elif at.state == "running":
        at = replace(
            at, observed_seconds=at.observed_seconds + seconds, steady_seconds=at.steady_seconds + seconds
        )
    known = carried.facts(row.facts)
    return replace(at, exposures=known[0].shoppers if known else None)


def _findings(
    plan: Plan,
    row: WordRollout,
    verdicts: Sequence[Verdict],
    evidence: Evidence,
    lately: Sides,
    is_fresh: bool,
) -> Findings:
    treated, control = evidence.recent.of(counts.ALL)
    return Findings(
        harms=of_state(verdicts, "harm"),
        suspects=of_state(verdicts, "suspect"),
        silent=of_state(verdicts, "silent"),
        both_suffer=both_suffer(of_pages(lately), 0.0, 0.0),
        mismatched=is_mismatched(evidence.treated, evidence.control, plan.steps[row.step].percent),
        is_fresh=is_fresh,
        has_treated=treated.journeys > 0,
        has_control=control.journeys > 0,
    )


def of_pages(found: Sides) -> Sides:
    """Without the flaws of words: a locale that lacks many texts is no shop that suffers."""
    return Sides(
        {name: count for name, count in found.treated.items() if name in PAGE_JOURNEYS},
        {name: count for name, count in found.control.items() if name in PAGE_JOURNEYS},
    )
