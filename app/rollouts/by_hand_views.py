"""Pages of flags that people move by hand. The person decides; these show what the decision rests on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.events import publish_on_commit
from app.flags import commands as flags
from app.flags.flag import PRODUCTION
from app.flags.percent import checked_percent
from app.guards import requires, who
from app.htmx import done
from app.rollouts import progress, queries, scoping
from app.sources import sources
from app.ui import formats
from app.ui.chart import chart
from app.ui.timerange import TimeRange, read_range

blueprint = Blueprint("by_hand", __name__, url_prefix="/rollouts", template_folder="templates")


@blueprint.get("/<name>")
@requires("view")
def detail(name: str) -> str:
    now = clock.now()
    span = read_range(request.args, now, default="6h")
    with begin() as session:
        rollout = queries.one(session, name, now)
        steps = queries.steps(session, name, now)
        guarded = queries.of_flag(session, name)
        data = _errors(session, name, span)
    return render_template(
        "rollouts/by_hand.html",
        rollout=rollout,
        steps=steps,
        data=data,
        range=span,
        now=now,
        progress=progress,
        guarded=guarded,
    )


@blueprint.get("/<name>/groups")
@requires("view")
def groups(name: str) -> str:
    with begin() as session:
        rollout = queries.one(session, name, clock.now())
    return render_template("rollouts/_groups.html", rollout=rollout, now=clock.now(), progress=progress)


@blueprint.get("/<name>/errors.json")
@requires("view")
def errors(name: str) -> Response:
    with begin() as session:
        return jsonify(_errors(session, name, read_range(request.args, clock.now(), default="6h")))


@blueprint.post("/<name>/advance")
@requires("rollouts.write", "environment", scoping.production)
def advance(name: str) -> Response:
    """To any percentage: nothing guards it. A rollout that runs sees the hand and lets go."""
    share = checked_percent(request.form.get("percent"))
    return _move(name, share, _expected())


@blueprint.post("/<name>/roll-back")
@requires("rollouts.write", "environment", scoping.production)
def roll_back(name: str) -> Response:
    """To 0, whatever others are editing."""
    return _move(name, 0, None)


def _move(name: str, share: int, expected: int | None) -> Response:
    with begin() as session:
        entry = flags.set_percent(session, name, PRODUCTION, share, clock.now(), who(), expected=expected)
        for topic in ("flags", "rollouts", "timeline"):
            publish_on_commit(session, sources().redis, topic)
    told = _("%(name)s goes to %(percent)s of shoppers.", name=name, percent=formats.percent(share / 100))
    undo = f"/flags/{name}/undo/{entry}" if entry else None
    return done(url_for("by_hand.detail", name=name), told, undo=undo)


def _expected() -> int | None:
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _errors(session: Session, name: str, span: TimeRange) -> dict[str, Any]:
    """Error share of each group since its step began, as it was read."""
    lines: dict[str, list[tuple[datetime, float | None]]] = {}
    for reading in queries.readings(session, name, span.start, span.end):
        group = progress.Group(reading.variant, None, None, reading.good, reading.bad)
        lines.setdefault(reading.variant, []).append((reading.at, group.error_share))
    return chart(
        lines, start=span.start, end=span.end, step_seconds=span.step_seconds(least=30), unit="ratio"
    )
