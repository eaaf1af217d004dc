"""Scheduled work: gather rows, compute budgets; write the burn alerts' rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.events import publish_on_commit
from app.series import store
from app.slo import gather, install, queries, report_post, rows, status
from app.slo.bucket import BUCKET, HOUR, Bucket, floor, spans
from app.slo.objective import Objective
from app.slo.rules import groups
from app.sources import Sources

SETTLE = timedelta(seconds=15)  # until a finished bucket's last scrape has surely been stored
LOOK_BACK = timedelta(hours=2)
DEEP_EVERY = timedelta(minutes=15)  # how often the whole window is searched for gaps
DEEP_FOR = timedelta(seconds=30)  # this job's interval: one run of each quarter hour is the deep one
FINE_LATENCY = timedelta(days=1)  # older points are by the hour


def gather_rows(session: Session, now: datetime, sources: Sources) -> str:
    """Fill the rows that are missing, refresh the one that runs, and compute every budget anew."""
    slos = queries.gathered(session)
    found = _missing_rows(session, slos, now, sources)
    for key, head in gather.fetch_head(sources.prometheus, slos, now).items():
        found[key].append(head)
    saved = sum(rows.save(session, slo, found[slo.key]) for slo in slos)
    latency = _latency(session, slos, now, sources)
    states = [status.refresh(session, slo, now) for slo in slos]
    publish_on_commit(session, sources.redis, "slo")
    burning = sum(state in ("burning", "exhausted") for state in states)
    return f"{len(slos)} objectives, {saved} rows, {latency} latency points, {burning} burning"


def _missing_rows(
    session: Session, slos: Sequence[Objective], now: datetime, sources: Sources
) -> defaultdict[str, list[Bucket]]:
    """Objectives that miss the same span share one query: in quiet times that is all of them."""
    last = floor(now - SETTLE) - BUCKET
    wanted: defaultdict[tuple[datetime, datetime], list[Objective]] = defaultdict(list)
    for slo in slos:
        first = _look_from(session, slo, now)
        for span in spans(queries.unsettled(session, slo, first, last)):
            wanted[span].append(slo)
    found: defaultdict[str, list[Bucket]] = defaultdict(list)
    for span, some in wanted.items():
        for key, buckets in gather.fetch(sources.prometheus, some, span).items():
            found[key] += buckets
    return found


def _look_from(session: Session, slo: Objective, now: datetime) -> datetime:
    """How far back gaps are looked for: two hours, since the last gathering, or the whole window."""
    last = queries.status(session, slo)
    if last is None or now - floor(now, DEEP_EVERY) < DEEP_FOR:
        return queries.window_start(slo, now)
    return floor(min(now - LOOK_BACK, last.gathered_at))


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


def write_rules(session: Session, now: datetime, sources: Sources) -> str:
    """Keep Prometheus' burn alerts as the objectives say."""
    folder = sources.config.rules_dir
    if folder is None:
        return "RULES_DIR is empty: rules are not written"
    wanted = groups(queries.objectives(session), sources.config.control_url)
    said = install.install(wanted, folder, sources.config.promtool, sources.prometheus)
    store.record(session, "health.up", [(now, 1.0)], {"part": "rules"})
    store.record(session, "health.last_ok", [(now, now.timestamp())], {"part": "rules"})
    return said


def mail_reports(session: Session, now: datetime, sources: Sources) -> str:
    """The report of the last whole week and month, once to each recipient."""
    return report_post.send_due(session, now, sources)
