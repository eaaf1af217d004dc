"""The page of scheduled jobs."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.guards import requires, who
from app.htmx import done
from app.jobs import commands, plan, queries

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs", template_folder="templates")


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        rows = queries.board(session, plan.planned(), clock.now())
    return render_template("jobs/index.html", rows=rows, now=clock.now())


@blueprint.get("/_list")
@requires("view")
def table() -> str:
    with begin() as session:
        rows = queries.board(session, plan.planned(), clock.now())
    return render_template("jobs/_list.html", rows=rows, now=clock.now())


@blueprint.get("/-/retention")
@requires("view")
def retention() -> str:
    """What is kept how long, and what the jobs that remove it did last."""
    with begin() as session:
        rows = queries.kept(session, plan.retention().kept, plan.planned(), clock.now())
    return render_template("jobs/retention.html", rows=rows)


@blueprint.get("/<name>")
@requires("view")
def detail(name: str) -> str:
    job = plan.find(plan.planned(), name)
    with begin() as session:
        runs = queries.history(session, name)
    return render_template("jobs/detail.html", job=job, runs=runs, now=clock.now())


@blueprint.post("/<name>/run")
@requires("jobs.run")
def run_now(name: str) -> Response:
    job = plan.find(plan.planned(), name)
    with begin() as session:
        commands.request(session, job.name, who(), clock.now(), cause="page")
    return done(url_for("jobs.index"), _("%(job)s starts within a second.", job=name))
