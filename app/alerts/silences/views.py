"""Pages of silences: what is hidden, by whom, why and until when; with a preview before."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.alerts import matcher
from app.alerts.silences import commands, queries
from app.alerts.silences.silence import Silence, read
from app.db import begin
from app.errors import Unavailable
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.sources import sources

blueprint = Blueprint(
    "alert_silences", __name__, url_prefix="/alerts/silences", template_folder="../templates"
)
LONGEST = 4_000


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("alerts/silences/index.html", **_listed())


@blueprint.get("/-/list")
@requires("view")
def table() -> str:
    return render_template("alerts/silences/_list.html", **_listed())


def _listed() -> dict[str, Any]:
    """Without Alertmanager there is nothing to show but that."""
    try:
        found = queries.known(sources().alertmanager)
        with begin() as session:
            return {"lines": queries.lines(session, found, clock.now())}
    except Unavailable as unavailable:
        _raise_unless_alertmanager(unavailable)
        return {"lines": None}


def _raise_unless_alertmanager(unavailable: Unavailable) -> None:
    if unavailable.dependency != sources().alertmanager.name:
        raise unavailable


@blueprint.get("/-/new")
@requires("alerts.write")
def new() -> str:
    raw = {"matchers": request.args.get("matchers", "")[:LONGEST], "duration": "2h", "comment": ""}
    return render_template("alerts/silences/form.html", raw=raw, silence_id="", **_preview(raw["matchers"]))


@blueprint.get("/-/preview")
@requires("view")
def preview() -> str:
    """What fires now and would be hidden."""
    return render_template(
        "alerts/silences/_preview.html", **_preview(request.args.get("matchers", "")[:LONGEST])
    )


def _preview(text: str) -> dict[str, Any]:
    try:
        matchers = matcher.read_all(matcher.lines(text))
    except ValueError as error:
        return {"hidden": None, "wrong": str(error)}
    if not matchers:
        return {"hidden": None, "wrong": ""}
    now = clock.now()
    with begin() as session:
        found = queries.matching(session, Silence("", matchers, now, now, "", "", "active"))
    return {"hidden": found, "wrong": ""}


@blueprint.post("/")
@requires("alerts.write")
def create() -> Response:
    return _save("")


@blueprint.get("/<silence_id>")
@requires("view")
def detail(silence_id: str) -> str:
    try:
        found = queries.known(sources().alertmanager)
        with begin() as session:
            line = queries.one(session, found, silence_id, clock.now())
    except Unavailable as unavailable:
        _raise_unless_alertmanager(unavailable)
        return render_template("alerts/silences/index.html", lines=None)
    silence = line.silence
    text = "\n".join(str(one) for one in silence.matchers)
    raw = {
        "matchers": text,
        "comment": silence.comment,
        "ends_at": f"{silence.ends_at:%Y-%m-%dT%H:%M}",
        "until_resolved": bool(line.note and line.note.until_resolved),
    }
    return render_template(
        "alerts/silences/form.html", raw=raw, silence_id=silence_id, line=line, **_preview(text)
    )


@blueprint.post("/<silence_id>")
@requires("alerts.write")
def change(silence_id: str) -> Response:
    return _save(silence_id)


def _save(silence_id: str) -> Response:
    wanted = read(request.form, clock.now())
    with begin() as session:
        commands.save(session, wanted, who(), clock.now(), sources(), silence_id)
        publish_on_commit(session, sources().redis, "alerts")
    return done(url_for("alert_silences.index"), _("Silenced. Alerts that match are still seen here."))


@blueprint.post("/<silence_id>/expire")
@requires("alerts.write")
def expire(silence_id: str) -> Response:
    with begin() as session:
        commands.expire(session, silence_id, who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
    return done(url_for("alert_silences.index"), _("The silence is over."))
