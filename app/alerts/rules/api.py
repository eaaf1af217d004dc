"""Alert rules as JSON: read, made, changed, tried on history; and the document that Prometheus gets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock, paging
from app.alerts.rules import commands, house, queries, trial
from app.alerts.rules import rule_shapes as shapes
from app.alerts.rules.backtest import Firing
from app.alerts.rules.document import text
from app.alerts.rules.rule import as_dict, read
from app.alerts.rules.starters import STARTERS
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import anything
from app.sources import sources

blueprint = Blueprint("alert_rules_api", __name__, url_prefix="/api/v1")

FIRED_WITHIN = timedelta(days=30)
PATH = {"key": shapes.KEY}


@blueprint.get("/alert-rules")
@requires("view")
@operation(query=shapes.LISTED, answers={200: shapes.RULES})
def index() -> Response:
    """All rules, the worst first, and beside them those that the house brings along."""
    with begin() as session:
        lines = queries.lines(session, clock.now() - FIRED_WITHIN, request.args.get("q", ""))
    page = paging.of_list(lines, lambda line: (queries.STATES.index(line.state), line.rule.key))
    return paging.answer("rules", page, _line, house=[as_dict(rule) for rule in house.RULES])


@blueprint.get("/alert-rules/<key>")
@requires("view")
@operation(path=PATH, answers={200: shapes.RULE})
def one(key: str) -> Response:
    """One rule, with what Prometheus says of it."""
    with begin() as session:
        return jsonify(_line(queries.one(session, key, clock.now() - FIRED_WITHIN)))


@blueprint.post("/alert-rules")
@requires("alerts.write")
@operation(body=shapes.DRAFT, answers={201: shapes.RULE})
def create() -> Response:
    """Make a rule; Prometheus loads it at once. 409 where its name is taken.

    `accept_unmatched`: true saves one that matches no series yet.
    """
    body = request.get_json()
    rule = read(body)
    with begin() as session:
        commands.create(
            session,
            rule,
            who(),
            clock.now(),
            sources(),
            accept_unmatched=body.get("accept_unmatched") is True,
        )
        publish_on_commit(session, sources().redis, "alerts")
        line = queries.one(session, rule.key, clock.now() - FIRED_WITHIN)
    response = jsonify(_line(line))
    response.status_code = 201
    response.headers["Location"] = url_for("alert_rules_api.one", key=rule.key)
    return response


@blueprint.put("/alert-rules/<key>")
@requires("alerts.write")
@operation(path=PATH, body=shapes.REPLACEMENT, answers={200: shapes.RULE})
def change(key: str) -> Response:
    """The whole rule; `revision` says which one was read."""
    body = request.get_json()
    rule = read({"key": key, **body})
    with begin() as session:
        commands.change(
            session,
            key,
            _revision(body),
            rule,
            who(),
            clock.now(),
            sources(),
            accept_unmatched=body.get("accept_unmatched") is True,
        )
        publish_on_commit(session, sources().redis, "alerts")
        session.expire_all()
        return jsonify(_line(queries.one(session, key, clock.now() - FIRED_WITHIN)))


@blueprint.delete("/alert-rules/<key>")
@requires("alerts.write")
@operation(path=PATH, query=shapes.SEEN_BY_QUERY, required=("revision",), answers={204: None})
def remove(key: str) -> tuple[str, int]:
    """Prometheus lets it go; `revision` says which one was read."""
    with begin() as session:
        commands.remove(session, key, _revision(request.args), who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
    return "", 204


@blueprint.post("/alert-rules/<key>/enable")
@requires("alerts.write")
@operation(path=PATH, body=shapes.SEEN, body_may_be_left_out=True, answers={200: shapes.RULE})
def enable(key: str) -> Response:
    """Prometheus evaluates it again."""
    return _set_enabled(key, is_enabled=True)


@blueprint.post("/alert-rules/<key>/disable")
@requires("alerts.write")
@operation(path=PATH, body=shapes.SEEN, body_may_be_left_out=True, answers={200: shapes.RULE})
def disable(key: str) -> Response:
    """Prometheus evaluates it no longer; it stays as it is."""
    return _set_enabled(key, is_enabled=False)


def _set_enabled(key: str, *, is_enabled: bool) -> Response:
    """Without a `revision` whatever is there now is switched."""
    body = request.get_json() if request.data else {}
    with begin() as session:
        revision = _revision(body) or queries.row(session, key).revision
        commands.set_enabled(session, key, revision, is_enabled, who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
        session.expire_all()
        return jsonify(_line(queries.one(session, key, clock.now() - FIRED_WITHIN)))


@blueprint.post("/alert-rules/backtest")
@requires("view")
@operation(body=shapes.BACKTEST, answers={200: shapes.REPLAYED})
def backtest() -> Response:
    """When a rule would have fired over the last `days`; nothing is saved."""
    body = request.get_json()
    rule, days, now = read(body), body.get("days", 7), clock.now()
    found = trial.try_out(sources().prometheus, rule, now)
    replay = trial.replay(sources().prometheus, rule, now, days, found.series)
    return jsonify(
        series_now=found.series,
        samples_per_evaluation=found.samples,
        unmatched=list(found.unmatched),
        start=replay.timing.start.isoformat(),
        end=replay.timing.end.isoformat(),
        every_seconds=replay.timing.every_seconds,
        is_partial=replay.is_partial,
        count=len(replay.firings),
        firings=[_firing(firing) for firing in replay.firings],
    )


@blueprint.get("/alert-rules/templates")
@requires("view")
@operation(answers={200: shapes.TEMPLATES})
def templates() -> Response:
    """Rules to begin from."""
    found = [{"about": str(starter.about), **as_dict(starter.rule)} for starter in STARTERS.values()]
    return jsonify(templates=found)


@blueprint.get("/alert-rules.yaml")
@requires("view")
@operation(answers={200: anything("Rules of Prometheus.")}, gives={200: "application/yaml"})
def document() -> Response:
    """What Prometheus is given, for installations that load rules by other means than a folder."""
    with begin() as session:
        made = text(commands.all_rules(session), sources().config.control_url)
    return Response(made, mimetype="application/yaml")


def _revision(values: Any) -> int:
    text_ = str(values.get("revision", "0"))
    return int(text_) if text_.isascii() and text_.isdecimal() and len(text_) < 10 else 0


def _line(line: queries.Line) -> dict[str, Any]:
    return {
        **as_dict(line.rule),
        "revision": line.revision,
        "state": line.state,
        "error": line.error,
        "unmatched": list(line.unmatched),
        "evaluated_at": line.evaluated_at.isoformat() if line.evaluated_at else None,
        "fired_30d": line.fired,
        "updated_at": line.updated_at.isoformat(),
        "updated_by": line.updated_by,
    }


def _firing(firing: Firing) -> dict[str, Any]:
    return {
        "labels": dict(firing.labels),
        "active_at": firing.active_at.isoformat(),
        "starts_at": firing.starts_at.isoformat(),
        "ends_at": firing.ends_at.isoformat() if firing.ends_at else None,
        "began_before": firing.began_before,
    }
