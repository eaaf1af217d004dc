"""The first page and its live part."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.guards import may, requires
from app.overview import queries
from app.overview.verdict import troubles, verdict
from app.ui.timerange import read_range

blueprint = Blueprint("overview", __name__, template_folder="templates")


def _now(session: Session, now: datetime) -> dict[str, Any]:
    seen = queries.gather(session, now, may("audit.view"))
    alerts = [(entry.at, entry.title, entry.url) for entry in seen.open_alerts]
    visitors = seen.point("live.visitors")
    return {
        "seen": seen,
        "verdict": verdict(seen.slos, seen.parts, now),
        "troubles": troubles(seen.slos, seen.parts, alerts, visitors.at if visitors else None, now),
        "at": now,
    }


@blueprint.get("/")
@requires("view")
def index() -> str:
    now = clock.now()
    span = read_range(request.args, now, queries.RANGE)
    with begin() as session:
        shown = _now(session, now)
        data = queries.budget_chart(session, span)
    return render_template("overview/index.html", span=span, chart_data=data, **shown)


@blueprint.get("/overview/now")
@requires("view")
def current() -> str:
    with begin() as session:
        return render_template("overview/_now.html", **_now(session, clock.now()))
