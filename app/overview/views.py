"""The first page and its live part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.guards import may, requires
from app.overview import queries
from app.overview.verdict import Slo, troubles, verdict
from app.ui import formats
from app.ui.states import badness
from app.ui.svg import bar_chart
from app.ui.timerange import read_range

blueprint = Blueprint("overview", __name__, template_folder="templates")

MOST_SLOS = 12  # tiles; the rest is a list of its own


def _now(session: Session, now: datetime) -> dict[str, Any]:
    seen = queries.gather(session, now, may("audit.view"))
    alerts = [(entry.at, entry.title, entry.url) for entry in seen.open_alerts]
    visitors = seen.point("live.visitors")
    slos = sorted(seen.slos, key=lambda slo: _worst_first(slo, now))
    return {
        "seen": seen,
        "slos": slos[:MOST_SLOS],
        "all_slos": len(slos),
        "verdict": verdict(seen.slos, seen.parts, now),
        "troubles": troubles(seen.slos, seen.parts, alerts, visitors.at if visitors else None, now),
        "order_bars": _order_bars(seen.days["kpi.orders"], now),
        "at": now,
    }


def _worst_first(slo: Slo, now: datetime) -> tuple[int, float]:
    return -badness(slo.state_at(now)), slo.budget_left if slo.budget_left is not None else float("inf")


def _order_bars(orders: Sequence[float | None], now: datetime) -> Markup:
    days = [now - timedelta(days=back) for back in range(len(orders), 0, -1)]
    labels = [formats.axis_time(day, "d MMM") for day in days]
    return bar_chart(orders, labels, _("Orders by day"), form=formats.number, width=480, height=180)


@blueprint.get("/")
@requires("view")
def index() -> str:
    now = clock.now()
    span = read_range(request.args, now, queries.RANGE)
    with begin() as session:
        shown = _now(session, now)
        data = queries.latency_chart(session, span)
    return render_template("overview/index.html", span=span, chart_data=data, **shown)


@blueprint.get("/overview/now")
@requires("view")
def current() -> str:
    with begin() as session:
        return render_template("overview/_now.html", **_now(session, clock.now()))
