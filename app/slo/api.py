"""Objectives and their budgets as JSON, the data of their charts, and the generated rules."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock, paging
from app.db import begin
from app.errors import Refused
from app.guards import requires
from app.openapi.operation import operation
from app.openapi.shapes import PAGING, anything, one_of
from app.slo import charts, queries, sums
from app.slo import objective_shapes as shapes
from app.slo import rules as rule_texts
from app.slo.budget import Budget
from app.slo.objective import Objective
from app.slo.rows import KEEP_ROWS
from app.sources import sources
from app.ui.shapes import CHART, RANGE
from app.ui.timerange import read_moment, read_range

blueprint = Blueprint("slo_api", __name__, url_prefix="/api/v1")


@blueprint.get("/slos")
@requires("view")
@operation(query=PAGING, answers={200: shapes.OBJECTIVES})
def index() -> Response:
    """All objectives with what is left of their budgets, by their key."""
    with begin() as session:
        lines = queries.lines(session, clock.now())
    return paging.answer("slos", paging.of_list(lines, lambda line: (line.slo.key,)), _line)


@blueprint.get("/slos/<key>/budget")
@requires("view")
@operation(query=shapes.AT, answers={200: shapes.BUDGET})
def budget(key: str) -> Response:
    """What is left of an objective's budget: of the window that holds `at`, up to that moment.

    Counted from the five-minute rows, and from hour sums where those are forgotten already.
    """
    at = _at()
    with begin() as session:
        slo = queries.objective(session, key)
        counts, coverage = queries.recount(session, slo, at)
        start, end = slo.span.bounds(at)
        whole = sums.windows(session, [slo], {slo.id: start}, at)[slo.id]
    if start < clock.now() - KEEP_ROWS:
        counts = whole.counts
    made = Budget(slo.ratio, end - start, counts)
    return jsonify(
        **_objective(slo),
        at=at.isoformat(),
        window={
            "kind": slo.window_kind,
            "days": slo.window_days,
            "time_zone": slo.time_zone,
            "start": start.isoformat(),
            "end": end.isoformat(),
        },
        good=counts.good,
        bad=counts.bad,
        total=counts.total,
        error_ratio=counts.error_ratio,
        budget={
            "left": made.left,
            "allowed_events": made.allowed_events,
            "left_events": made.left_events,
            "allowed_minutes": made.allowed_minutes,
            "left_minutes": made.left_minutes,
            "left_uncorrected": Budget(slo.ratio, end - start, whole.uncorrected).left,
        },
        rows={
            "expected": coverage.expected,
            "ok": coverage.ok,
            "no_traffic": coverage.no_traffic,
            "no_data": coverage.no_data,
            "excluded": coverage.excluded,
            "missing": coverage.missing,
        },
    )


@blueprint.get("/slos/<key>/charts/<name>")
@requires("view")
@operation(query=RANGE, path={"name": one_of(*charts.CHARTS)}, answers={200: CHART})
def chart(key: str, name: str) -> Response:
    """The data of one of an objective's charts."""
    now = clock.now()
    with begin() as session:
        slo = queries.objective(session, key)
        data = charts.one(session, slo, name, read_range(request.args, now, charts.DEFAULT_RANGE), now)
    return jsonify(data)


@blueprint.get("/rules.yaml")
@requires("view")
@operation(answers={200: anything("Rules of Prometheus.")}, gives={200: "application/yaml"})
def rules() -> Response:
    """What Prometheus is given, for installations that load rules by other means than a folder."""
    with begin() as session:
        made = rule_texts.text(rule_texts.groups(queries.gathered(session), sources().config.control_url))
    return Response(made, mimetype="application/yaml")


def _at() -> datetime:
    asked = request.args.get("at")
    if asked is None:
        return clock.now()
    at = read_moment(asked)
    if at is None or at > clock.now():
        why = _("Give a moment of the past, such as 2026-01-31T14:02:00Z.")
        raise Refused(why, {"at": why})
    return at


def _objective(slo: Objective) -> dict[str, object]:
    return {
        "key": slo.key,
        "name": slo.name,
        "objective": slo.ratio,
        "revision": slo.revision,
        "good_query": slo.good,
        "total_query": slo.total,
    }


def _line(line: queries.Line) -> dict[str, object]:
    status = line.status
    return {
        **_objective(line.slo),
        "state": line.state,
        "budget_left": status.budget_left if status else None,
        "window_kind": line.slo.window_kind,
        "window_days": line.slo.window_days,
        "indicator": line.slo.indicator,
        "owner": line.slo.owner,
        "labels": dict(line.slo.labels),
        "group_key": line.slo.parent_key or None,
        "gathered_at": status.gathered_at.isoformat() if status else None,
    }
