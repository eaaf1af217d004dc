"""Lifting the freeze of an error budget's policy for a while, with a name and a reason."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.slo import policies
from app.slo.words import OVERRIDE_HOURS
from app.sources import sources
from app.ui.formats import span

blueprint = Blueprint("slo_policy", __name__, url_prefix="/slo")


@blueprint.post("/<key>/override")
@requires("slo.write")
def override(key: str) -> Response:
    hours = request.form.get("hours", "")
    if hours not in {str(choice) for choice in OVERRIDE_HOURS}:
        why = _("Choose for how long.")
        raise Refused(why, {"hours": why})
    now, length = clock.now(), timedelta(hours=int(hours))
    with begin() as session:
        policies.override(session, key, request.form.get("reason", ""), now + length, who(), now)
        publish_on_commit(session, sources().redis, "slo")
    told = _("Rollouts may go on for %(span)s.", span=span(length))
    return done(url_for("slo.detail", key=key), told, undo=url_for("slo_policy.end", key=key))


@blueprint.post("/<key>/override/end")
@requires("slo.write")
def end(key: str) -> Response:
    with begin() as session:
        policies.end_override(session, key, who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return done(url_for("slo.detail", key=key), _("The policy holds again."))
