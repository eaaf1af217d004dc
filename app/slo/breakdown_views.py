"""Where bad events come from: asked of Prometheus when the page is there already, for a short time only."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request

from app import clock
from app.db import begin
from app.errors import Refused, Unavailable
from app.guards import requires
from app.htmx import template
from app.prometheus import Prometheus
from app.slo import queries
from app.slo.breakdown import Split, by_label, can_split, labels_for, split
from app.slo.bucket import Counts
from app.slo.detail import burn_began
from app.slo.expressions import BAD, GOOD, TOTAL, parts
from app.slo.objective import Objective
from app.sources import sources

blueprint = Blueprint("slo_breakdown", __name__, url_prefix="/slo", template_folder="templates")

TIMEOUT_SECONDS = 3.0
SPANS = {"1h": 1, "6h": 6, "24h": 24, "7d": 168}  # in hours
DEFAULT_SPAN = "6h"


@blueprint.get("/<key>/breakdown")
@requires("view")
def fragment(key: str) -> str:
    now = clock.now()
    with begin() as session:
        line = queries.line(session, key, now)
        began = burn_began(session, line, now)
    chosen = request.args.get("span", "burn" if began else DEFAULT_SPAN)
    hours = SPANS.get(chosen, SPANS[DEFAULT_SPAN])
    length = now - began if began and chosen == "burn" else timedelta(hours=hours)
    splits: list[Split] | None = None
    if can_split(line.slo):
        splits = _splits(line.slo, max(length, timedelta(minutes=5)), now)
    return render_template(
        template("slo/_breakdown.html", "slo/breakdown.html"),
        line=line,
        splits=splits,
        is_splittable=can_split(line.slo),
        spans=[*(["burn"] if began else []), *SPANS],
        chosen=chosen,
        length=length,
    )


def _splits(slo: Objective, length: timedelta, now: datetime) -> list[Split] | None:
    """None: Prometheus does not answer in time."""
    prometheus = Prometheus(sources().config.prometheus_url, TIMEOUT_SECONDS)
    try:
        return [split(label, _counts(prometheus, slo, label, length, now)) for label in labels_for(slo)]
    except Unavailable:
        return None


def _counts(
    prometheus: Prometheus, slo: Objective, label: str, length: timedelta, now: datetime
) -> dict[str, Counts]:
    wanted = by_label(slo, label)
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    try:
        for kind, expr in parts(wanted, int(length.total_seconds())).items():
            for sample in prometheus.query(expr, now):
                found[sample.labels.get(label, "")][kind] = sample.value
    except Refused:  # not every expression can be split by a label
        return {}
    return {value: _bad_of(counts) for value, counts in found.items() if counts.get(TOTAL, 0.0) > 0}


def _bad_of(counts: dict[str, float]) -> Counts:
    total = counts[TOTAL]
    bad = counts.get(BAD, 0.0) if BAD in counts or GOOD not in counts else total - counts[GOOD]
    return Counts(min(total, max(0.0, bad)), total)
