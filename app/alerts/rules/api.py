"""Alert rules as JSON: read, made, changed, tried on history; and the document that Prometheus gets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.alerts.rules import commands, house, queries, trial
from app.alerts.rules.backtest import Firing
from app.alerts.rules.document import text
from app.alerts.rules.rule import as_dict, read
from app.alerts.rules.starters import STARTERS
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.sources import sources

blueprint = Blueprint("alert_rules_api", __name__, url_prefix="/api/v1")

FIRED_WITHIN = timedelta(days=30)


@blueprint.get("/alert-rules")
@requires("view")
def index() -> Response:
    with begin() as session:
        lines = queries.lines(session, clock.now() - FIRED_WITHIN, request.args.get("q", "")[:200])
    return jsonify(rules=[_line(line) for line in lines], house=[as_dict(rule) for rule in house.RULES])


@blueprint.get("/alert-rules/<key>")
@requires("view")
def one(key: str) -> Response:
    with begin() as session:
        return jsonify(_line(queries.one(session, key, clock.now() - FIRED_WITHIN)))


@blueprint.post("/alert-rules")
@requires("alerts.write")
def create() -> tuple[Response, int]:
    """The whole rule; `accept_unmatched`: true saves one that matches no series yet."""
    body = _body()
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
    return jsonify(_line(line)), 201


@blueprint.put("/alert-rules/<key>")
@requires("alerts.write")
def change(key: str) -> Response:
    """The whole rule; `revision` says which one was read."""
    body = _body()
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
def remove(key: str) -> tuple[str, int]:
    with begin() as session:
        commands.remove(session, key, _revision(request.args), who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
    return "", 204


@blueprint.post("/alert-rules/<key>/enable")
@requires("alerts.write")
def enable(key: str) -> Response:
    return _set_enabled(key, is_enabled=True)


@blueprint.post("/alert-rules/<key>/disable")
@requires("alerts.write")
def disable(key: str) -> Response:
    return _set_enabled(key, is_enabled=False)


def _set_enabled(key: str, *, is_enabled: bool) -> Response:
    """Without a `revision` whatever is there now is switched."""
    body = _body(may_be_empty=True)
    with begin() as session:
        revision = _revision(body) or queries.row(session, key).revision
        commands.set_enabled(session, key, revision, is_enabled, who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
        session.expire_all()
        return jsonify(_line(queries.one(session, key, clock.now() - FIRED_WITHIN)))


@blueprint.post("/alert-rules/backtest")
@requires("view")
def backtest() -> Response:
    """When a rule would have fired over the last `days`; nothing is saved."""
    body = _body()
    days = body.get("days", 7)
    if isinstance(days, bool) or not isinstance(days, int | float) or not 0 < days <= trial.MOST_DAYS:
        why = _("Give a number of days up to %(most)s.", most=trial.MOST_DAYS)
        raise Refused(why, {"days": why})
    rule, now = read(body), clock.now()
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
def templates() -> Response:
    found = [{"about": str(starter.about), **as_dict(starter.rule)} for starter in STARTERS.values()]
    return jsonify(templates=found)


@blueprint.get("/alert-rules.yaml")
@requires("view")
def document() -> Response:
    """What Prometheus is given, for installations that load rules by other means than a folder."""
    with begin() as session:
        made = text(commands.all_rules(session), sources().config.control_url)
    return Response(made, mimetype="application/yaml")


def _body(*, may_be_empty: bool = False) -> dict[str, Any]:
    body = request.get_json(force=True, silent=may_be_empty)
    if body is None and may_be_empty:
        return {}
    if not isinstance(body, dict):
        raise Refused(_("Send a JSON object."))
    return body


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
