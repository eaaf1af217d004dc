"""Pages of growth: the phases with where we are, and technical and business figures with targets by date."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.guards import requires, who
from app.htmx import done
from app.kpi import words
from app.kpi.goals import commands, queries
from app.kpi.goals.goal import ROOMS, name_of, read_goal
from app.kpi.growth import PHASES
from app.kpi.views import csv_file
from app.series.glossary import GLOSSARY

blueprint = Blueprint("kpi_growth", __name__, url_prefix="/kpi/-", template_folder="../templates")


@blueprint.get("/growth")
@requires("view")
def growth_phases() -> str:
    with begin() as session:
        found = queries.growth(session)
    return render_template(
        "kpi/growth.html",
        key=found.key,
        now=found.now,
        day=found.day,
        phase=found.phase,
        phases=PHASES,
        crossings=found.crossings,
        trend=[found.users.get(day) for day in sorted(found.users)],
        words=words,
    )


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
