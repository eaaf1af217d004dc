"""What happened, as a page and as a part of other pages."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request

from app import clock
from app.db import begin
from app.guards import requires
from app.timeline import queries
from app.ui.timerange import read_range

blueprint = Blueprint("timeline", __name__, url_prefix="/timeline", template_folder="templates")

RECENT = timedelta(days=7)
RECENT_ENTRIES = 8
DEFAULT_RANGE = "7d"


@blueprint.get("/")
@requires("view")
def index() -> str:
    span = read_range(request.args, clock.now(), DEFAULT_RANGE)
    with begin() as session:
        entries = queries.between(session, span.start, span.end)
    return render_template("timeline/index.html", entries=entries[::-1], span=span)


@blueprint.get("/recent")
@requires("view")
def recent() -> str:
    now = clock.now()
    with begin() as session:
        entries = queries.between(session, now - RECENT, now, RECENT_ENTRIES)
    return render_template("timeline/_recent.html", entries=entries[::-1])
