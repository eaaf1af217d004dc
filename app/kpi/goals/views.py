"""Pages of growth: the phases with where we are, and technical and business figures with targets by date."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.guards import requires, who
from app.htmx import done
from app.kpi import growth, showing, tile_queries, words
from app.kpi.definitions import KPIS
from app.kpi.goals import commands, queries
from app.kpi.goals.goal import ROOMS, name_of, read_goal
from app.kpi.measures import Period as Days
from app.kpi.selection import Selection
from app.kpi.views import csv_file
from app.series.glossary import GLOSSARY

blueprint = Blueprint("kpi_growth", __name__, url_prefix="/kpi/-", template_folder="../templates")

USERS = ("monthly-active-users", "active-users")  # the first one that there is
KNOWN_DAYS = 7 * growth.WEEKS + growth.STEP_DAYS


@blueprint.get("/growth")
@requires("view")
def growth_phases() -> str:
    with begin() as session:
        key, users = _users(session)
    now = users[max(users)] if users else None
    phase = growth.phase_of(now) if now is not None else None
    ahead = [one for one in growth.PHASES if now is not None and one.from_users > now]
    return render_template(
        "kpi/growth.html",
        key=key,
        now=now,
        day=max(users) if users else None,
        phase=phase,
        phases=growth.PHASES,
        crossings={one.number: growth.crossing(users, one.from_users) for one in ahead},
        trend=[users.get(day) for day in sorted(users)],
        words=words,
    )


def _users(session: Session) -> tuple[str, dict[date, float]]:
    key = next(key for key in USERS if key in KPIS)
    last = showing.today() - timedelta(days=1)
    span = Days(last - timedelta(days=KNOWN_DAYS), KNOWN_DAYS + 1)
    chosen = Selection("custom", span, "weekdays", span, zone=showing.own_zone())
    days = tile_queries.days(session, KPIS[key], span.first, last, chosen)
    return key, {day: found.value for day, found in days.items()}


@blueprint.get("/targets")
@requires("view")
def targets() -> str:
    with begin() as session:
        lines = queries.lines(session, clock.now())
        measured = queries.measured(session) if request.args.get("add") else []
    return render_template(
        "kpi/goals.html",
        groups=ROOMS,
        lines=lines,
        measured=[(name_of(key, labels), _name(key, labels)) for key, labels in measured],
        words=words,
        name=_name,
    )


def _name(key: str, labels: dict[str, str]) -> str:
    called = str(GLOSSARY[key].name)
    return f"{called}: {', '.join(labels.values())}" if labels else called


@blueprint.post("/targets")
@requires("kpi.write")
def add() -> Response:
    now = clock.now()
    wanted = read_goal(request.form, str(get_locale()), now.date())
    with begin() as session:
        commands.add(session, wanted, who(), now)
    return done(url_for("kpi_growth.targets"), _("The target is saved."))


@blueprint.post("/targets/<int:goal_id>/remove")
@requires("kpi.write")
def remove(goal_id: int) -> Response:
    with begin() as session:
        commands.remove(session, goal_id, who(), clock.now())
    return done(url_for("kpi_growth.targets"), _("The target is gone; the audit trail keeps it."))


@blueprint.get("/targets.csv")
@requires("view")
def export() -> Response:
    with begin() as session:
        lines = queries.lines(session, clock.now())
    rows: list[list[object]] = [["table", "series", "labels", "now", "target", "due_on", "owner", "course"]]
    for one in lines:
        goal = one.goal
        labels = ",".join(f"{name}={value}" for name, value in sorted(goal.labels.items()))
        numbers = ("" if one.now is None else f"{one.now:.10g}", f"{goal.value:.10g}")
        rows.append(
            [goal.room, goal.series, labels, *numbers, goal.due_on.isoformat(), goal.owner, one.course]
        )
    return csv_file(rows, "targets-by-date.csv")
