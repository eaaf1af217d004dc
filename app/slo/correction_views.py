"""Corrections and maintenance windows: all of them, those of one objective, making and undoing."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.slo import correction_queries, corrections, page_queries, queries, status, words
from app.slo.correction_form import read
from app.slo.objective import Objective
from app.sources import sources

blueprint = Blueprint("slo_corrections", __name__, url_prefix="/slo", template_folder="templates")


@blueprint.get("/-/corrections")
@requires("view")
def index() -> str:
    now = clock.now()
    with begin() as session:
        made = correction_queries.listed(session)
        known = queries.objectives(session, archived=True)
    keys = {slo.id: slo for slo in known}
    shown = [words.Told(one, keys.get(one.correction.slo_id or 0), now) for one in made]
    return render_template(
        "slo/corrections.html",
        corrections=shown,
        slo_options=[(slo.key, slo.name) for slo in known if not slo.archived_at],
        **words.correction_choices(),
    )


@blueprint.get("/<key>/corrections")
@requires("view")
def of_slo(key: str) -> str:
    """For the page of an objective: what is left out of its budget, and both numbers."""
    now = clock.now()
    with begin() as session:
        line = queries.line(session, key, now)
        made = correction_queries.listed(session, line.slo)
        uncorrected = page_queries.beside(session, line.slo).left_uncorrected
    shown = [words.Told(one, line.slo, now) for one in made]
    return render_template(
        "slo/_corrections.html",
        line=line,
        corrections=shown,
        uncorrected=uncorrected,
        **words.correction_choices(),
    )


@blueprint.post("/-/corrections")
@requires("slo.write")
def create() -> Response:
    now = clock.now()
    with begin() as session:
        slo = _chosen(session)
        made = read(request.form, request.form.getlist("weekdays"), slo.id if slo else None)
        corrections.create(session, made, who(), now)
        _judge_again(session, slo, now)
    back = url_for("slo.detail", key=slo.key) if slo else url_for("slo_corrections.index")
    return done(back, _("Events in this time do not count. What was measured is kept beside it."))


def _chosen(session: Session) -> Objective | None:
    """The one objective it is for; None: for all with its labels."""
    key = request.form.get("slo", "").strip()
    if not key:
        return None
    found = next((slo for slo in queries.objectives(session) if slo.key == key), None)
    if found is None:
        why = _("There is no SLO %(key)s.", key=key)
        raise Refused(_("The correction was not saved."), {"slo": why})
    return found


@blueprint.post("/-/corrections/<int:number>/undo")
@requires("slo.write")
def undo(number: int) -> Response:
    now = clock.now()
    key = request.form.get("slo", "")
    with begin() as session:
        corrections.undo(session, number, who(), now)
        slo = queries.objective(session, key) if key else None
        _judge_again(session, slo, now)
    back = url_for("slo.detail", key=key) if key else url_for("slo_corrections.index")
    return done(back, _("These events count again."))


def _judge_again(session: Session, slo: Objective | None, now: datetime) -> None:
    """The page that follows shows the new numbers; for many objectives the next gathering does it."""
    publish_on_commit(session, sources().redis, "slo")
    publish_on_commit(session, sources().redis, "timeline")
    if slo is not None:
        status.refresh(session, slo, now)
