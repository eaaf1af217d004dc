"""Scheduled work: gather rows, compute budgets, follow policies; write the burn alerts' rules."""

from __future__ import annotations

import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.errors import Problem
from app.events import publish_on_commit
from app.series import store
from app.slo import (
    commands,
    composing,
    correction_queries,
    corrections,
    facts,
    gaps,
    gather,
    policies,
    queries,
    report_post,
    rows,
    rule_files,
    status,
)
from app.slo.bucket import BUCKET, HOUR, Bucket, floor
from app.slo.correction import Correction
from app.slo.gather import WHOLE, Gathered
from app.slo.objective import Objective
from app.sources import Sources

log = logging.getLogger(__name__)

SETTLE = timedelta(seconds=15)  # until a finished bucket's last scrape has surely been stored
FACTS_SETTLE = timedelta(hours=1)  # a fact of the shop may still change, such as a payment that is confirmed
FINE_LATENCY = timedelta(days=1)  # older points are by the hour
LONGEST_KEY = 63


def gather_rows(session: Session, now: datetime, sources: Sources) -> str:
    """Fill the rows that are missing, refresh the one that runs, and compute every budget anew."""
    slos = [slo for slo in queries.gathered(session) if slo.indicator != "sql"]
    counted = [slo for slo in slos if slo.indicator != "composite" and slo.parent_id is None]
    wanted = gaps.find(session, counted, status.known_of(session, counted), now, _last(now))
    found = Gathered()
    for span, some in wanted.spans.items():
        gather.fetch(sources.prometheus, some, span, found)
    gather.fetch_head(sources.prometheus, counted, now, found)
    fixed = correction_queries.active(session)
    changed = _save(session, counted, found, fixed, now)
    latency = _latency(session, counted, now, sources)
    filled = wanted.filled | _compose(session, changed, fixed, now)
    slos = [slo for slo in queries.gathered(session) if slo.indicator != "sql"]  # members may be new
    states = status.refresh_all(session, slos, now, filled, found.errors)
    for one in fixed:
        corrections.tell(session, one, now)
    publish_on_commit(session, sources.redis, "slo")
    burning = sum(state in ("burning", "exhausted") for state in states.values())
    said = f"{len(slos)} objectives, {len(changed)} rows, {latency} latency points, {burning} burning"
    return said + "".join(f"; {key}: {why}" for key, why in found.errors.items())


def gather_facts(session: Session, now: datetime, sources: Sources) -> str:
    """The same for objectives by SQL. One that fails is named and does not stop the others."""
    slos = [slo for slo in queries.gathered(session) if slo.indicator == "sql"]
    if not slos:
        return "no objectives by SQL"
    wanted = gaps.find(session, slos, status.known_of(session, slos), now, floor(now))
    found = Gathered()
    for span, some in wanted.spans.items():
        for slo in some:
            _add_facts(sources, slo, span, now, found)
    fixed = correction_queries.active(session)
    changed = _save(session, slos, found, fixed, now)
    _compose(session, changed, fixed, now)
    filled = {
        slo.id: wanted.filled[slo.id]
        for slo in slos
        if slo.id in wanted.filled and slo.key not in found.errors
    }
    status.refresh_all(session, slos, now, filled, found.errors)
    publish_on_commit(session, sources.redis, "slo")
    said = f"{len(slos)} objectives, {len(changed)} rows"
    return said + "".join(f"; {key}: {why}" for key, why in found.errors.items())


def _last(now: datetime) -> datetime:
    """The newest row that is over."""
    return floor(now - SETTLE) - BUCKET


def _add_facts(sources: Sources, slo: Objective, span: gaps.Span, now: datetime, found: Gathered) -> None:
    if slo.key in found.errors:
        return
    try:
        buckets = facts.fetch(sources.reporting, slo.query, span[0], span[1] + BUCKET, now - FACTS_SETTLE)
    except Problem as problem:
        found.errors[slo.key] = "; ".join([str(problem), *(str(text) for text in problem.fields.values())])
        log.warning("SLO %s: %s", slo.key, found.errors[slo.key])
        return
    found.add(slo.key, WHOLE, buckets)


def _save(
    session: Session, slos: Sequence[Objective], found: Gathered, fixed: Sequence[Correction], now: datetime
) -> list[rows.Row]:
    """Rows of objectives, and of a group's members, which are made when their value is first seen."""
    by_value = _members(session, slos, found, now)
    pairs: list[tuple[Objective, list[Bucket]]] = []
    for slo in slos:
        for value, buckets in found.rows.get(slo.key, {}).items():
            member = slo if value == WHOLE else by_value.get((slo.id, value))
            if member:
                pairs.append((member, buckets))
    every = [bucket for _, buckets in pairs for bucket in buckets]
    excluded = correction_queries.rows_for([slo for slo, _ in pairs], fixed, every)
    return rows.save_all(session, pairs, excluded)


def _members(
    session: Session, slos: Sequence[Objective], found: Gathered, now: datetime
) -> dict[tuple[int, str], Objective]:
    groups = {slo.id: slo for slo in slos if slo.is_grouped}
    if not groups:
        return {}
    known = {(slo.parent_id, slo.group_value) for slo in queries.objectives(session)}
    for group in groups.values():
        having = sum(parent == group.id for parent, _ in known)
        new = [
            value
            for value in found.rows.get(group.key, {})
            if value != WHOLE and (group.id, value) not in known
        ]
        for value in new[: max(0, gather.MOST_MEMBERS - having)]:
            key = member_key(group.key, value)
            commands.add_member(session, group, key, f"{group.name}: {value}", value, now)
    return {
        (slo.parent_id, slo.group_value): slo
        for slo in queries.objectives(session)
        if slo.parent_id in groups
    }


def member_key(group: str, value: str) -> str:
    """A key in letters, digits and hyphens; what these cannot say is told apart by a digest."""
    plain = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    key = f"{group}--{plain}"
    if plain == value and len(key) <= LONGEST_KEY:
        return key
    digest = hashlib.sha256(value.encode()).hexdigest()[:8]
    return f"{key[: LONGEST_KEY - 9].rstrip('-')}-{digest}"


def _compose(
    session: Session, changed: Sequence[rows.Row], fixed: Sequence[Correction], now: datetime
) -> dict[int, datetime]:
    """Rows of composites; since when their history is known afterwards."""
    slos = queries.gathered(session)
    composites = [slo for slo in slos if slo.indicator == "composite"]
    if not composites:
        return {}
    wanted = gaps.find(session, composites, status.known_of(session, composites), now, _last(now))
    missing: defaultdict[int, set[datetime]] = defaultdict(set)
    for (first, last), some in wanted.spans.items():
        for slo in some:
            missing[slo.id] |= {first + number * BUCKET for number in range(int((last - first) / BUCKET) + 1)}
    composing.compose(session, slos, changed, missing, fixed)
    return wanted.filled


def _latency(session: Session, slos: Sequence[Objective], now: datetime, sources: Sources) -> int:
    """p95 points that are missing: every five minutes of the last day, by the hour before."""
    end, count = floor(now - SETTLE), 0
    by_histogram: defaultdict[str, list[Objective]] = defaultdict(list)
    for slo in slos:
        if slo.durations:
            by_histogram[slo.durations].append(slo)
    for durations, some in by_histogram.items():
        known = store.latest(session, "slo.latency_p95", {"slo": some[0].key})
        since = known.at if known else end - max(slo.window for slo in some)
        for first, last, step in _latency_spans(since, end):
            points = gather.fetch_p95(sources.prometheus, durations, (first, last), step)
            status.record_latency(session, some, points)
            count += len(points)
    return count


def _latency_spans(since: datetime, end: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    fine_from = max(floor(since) + BUCKET, floor(end - FINE_LATENCY))
    coarse_from = floor(since, HOUR) + HOUR
    coarse = [(coarse_from, fine_from - BUCKET, HOUR)] if coarse_from < fine_from - BUCKET else []
    fine = [(fine_from, end, BUCKET)] if fine_from <= end else []
    return coarse + fine


def follow_policies(session: Session, now: datetime, sources: Sources) -> str:
    return policies.apply(session, now, sources)


def prune(session: Session, now: datetime, sources: Sources) -> str:
    return f"{rows.prune(session, now)} rows older than {rows.KEEP_ROWS.days} days forgotten"


def write_rules(session: Session, now: datetime, sources: Sources) -> str:
    """Keep Prometheus' burn alerts as the objectives say; on failure it keeps the old ones."""
    return rule_files.keep(session, now, sources)


def mail_reports(session: Session, now: datetime, sources: Sources) -> str:
    """The report of the last whole week and month, once to each recipient."""
    return report_post.send_due(session, now, sources)
