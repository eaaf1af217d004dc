"""Pages of incidents: the list, one incident from its opening to its review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import NotFound, Refused
from app.events import publish_on_commit
from app.guards import may, requires, who
from app.htmx import done
from app.incidents import acts, commands, incident, notice, procedure, queries
from app.incidents.incident import Opening
from app.incidents.models import Incident
from app.sources import sources
from app.ui.prose import inline
from app.ui.timerange import read_moment

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents", template_folder="templates")

WORDS = {
    "severities": incident.SEVERITIES,
    "procedures": incident.PROCEDURES,
    "states": incident.STATES,
    "open_states": incident.OPEN_STATES,
    "components": incident.COMPONENTS,
    "impacts": incident.IMPACTS,
    "impact_states": incident.IMPACT_STATES,
    "role_words": incident.ROLES,
    "action_words": procedure.ACTIONS,
    "notices": notice.NOTICES,
    "severity_options": [
        (key, _l("%(word)s: %(about)s", word=severity.word, about=severity.about))
        for key, severity in incident.SEVERITIES.items()
    ],
    "procedure_options": [(key, found.word) for key, found in incident.PROCEDURES.items()],
    "open_state_options": [(key, incident.STATES[key]) for key in incident.OPEN_STATES],
    "step_words": inline,
    "minutes": lambda count: timedelta(minutes=count),
}


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("incidents/index.html", **_listed())


@blueprint.get("/_list")
@requires("view")
def table() -> str:
    return render_template("incidents/_list.html", **_listed())


def _listed() -> dict[str, Any]:
    asked = request.args.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
    with begin() as session:
        over, last = queries.past(session, page)
        return {
            "going_on": queries.going_on(session),
            "over": over,
            "page": page,
            "last": last,
            "to_do": queries.actions_to_do(session),
            "moment": clock.now(),
            **WORDS,
        }


@blueprint.get("/new")
@requires("incidents.write")
def new() -> str:
    alert_id = request.args.get("alert", type=int)
    with begin() as session:
        alert = queries.alert(session, alert_id) if alert_id is not None else None
    form = {"severity": "major", "procedure": "failure", "is_public": "", "public_text": "", "title": ""}
    if alert is not None:
        form["title"] = alert.annotations.get("summary", alert.name)[: incident.MOST_TITLE]
        form["severity"] = "major" if alert.severity == "page" else "minor"
    return render_template("incidents/new.html", form=form, alert=alert, **WORDS)


@blueprint.post("/")
@requires("incidents.write")
def create() -> Response:
    now = clock.now()
    opening = _opening(now)
    with begin() as session:
        made = commands.open_incident(
            session, opening, who(), now, alert_id=request.form.get("alert", type=int)
        )
        _tell_pages(session)
    return done(url_for("incidents.detail", incident_id=made.id), _("The incident is open. Say who leads."))


def _opening(now: datetime) -> Opening:
    return incident.read_opening(request.form, _moment("started_at"), now)


def _moment(name: str) -> datetime | None:
    text = request.form.get(name, "").strip()
    found = read_moment(text) if text else None
    if text and found is None:
        wrong = _("Give a time such as 2026-01-31T14:02, in UTC.")
        raise Refused(_("Nothing was saved."), {name: wrong})
    return found


@blueprint.get("/<int:incident_id>")
@requires("view")
def detail(incident_id: int) -> str:
    return render_template("incidents/detail.html", **_shown(incident_id))


@blueprint.get("/<int:incident_id>/_now")
@requires("view")
def current(incident_id: int) -> str:
    return render_template("incidents/_now.html", **_shown(incident_id))


def _shown(incident_id: int) -> dict[str, Any]:
    now = clock.now()
    with begin() as session:
        shown = queries.whole(session, incident_id, now)
        return {
            "shown": shown,
            "incident": shown.incident,
            "moments": shown.moments,
            "flags_changed": queries.flags_changed(session, shown.incident, now),
            "moment": now,
            "can_write": may("incidents.write"),
            **WORDS,
        }


@blueprint.get("/of-alert/<int:alert_id>")
@requires("view")
def of_alert(alert_id: int) -> str:
    """For the page of an alert: the incident that it belongs to, or the way to open one."""
    with begin() as session:
        found = queries.of_alert(session, alert_id)
    return render_template("incidents/_of_alert.html", incident=found, alert_id=alert_id, **WORDS)


@blueprint.get("/banner")
@requires("view")
def banner() -> str:
    """For other pages: what goes on, the worst first; empty as long as nothing does."""
    with begin() as session:
        lines = queries.going_on(session)
    return render_template("incidents/_banner.html", lines=lines, **WORDS)


@blueprint.post("/<int:incident_id>/updates")
@requires("incidents.write")
def tell(incident_id: int) -> Response:
    said = incident.read_update(request.form)
    return _write(
        incident_id,
        lambda session, now: commands.tell(session, incident_id, said, who(), now),
        _("The update is in the log."),
    )


@blueprint.post("/<int:incident_id>/facts")
@requires("incidents.write")
def change_facts(incident_id: int) -> Response:
    now = clock.now()
    revision = _revision()
    with begin() as session:
        known = queries.one(session, incident_id)
        form = {**request.form.to_dict(), "procedure": known.procedure, "public_text": "–"}
        opening = incident.read_opening(form, _moment("started_at") or known.started_at, now)
        commands.change_facts(session, incident_id, opening, revision, who(), now)
        _tell_pages(session)
    return done(url_for("incidents.detail", incident_id=incident_id), _("The facts are changed."))


def _revision() -> int:
    revision = request.form.get("revision", type=int)
    if revision is None:
        raise Refused(_("The page is out of date. Reload it and try again."))
    return revision


@blueprint.post("/<int:incident_id>/roles")
@requires("incidents.write")
def assign(incident_id: int) -> Response:
    role = request.form.get("role", "")
    person = incident.read_text(request.form, f"role_{role}", most=commands.MOST_NAME)
    return _write(
        incident_id,
        lambda session, now: commands.assign(session, incident_id, role, person, who(), now),
        _("The role is given."),
    )


@blueprint.post("/<int:incident_id>/steps/<int:position>")
@requires("incidents.write")
def tick(incident_id: int, position: int) -> Response:
    is_done = request.form.get("done") == "on"
    return _write(
        incident_id,
        lambda session, now: commands.tick(session, incident_id, position, is_done, who(), now),
    )


@blueprint.post("/<int:incident_id>/acts/<action>")
@requires("incidents.write")
def act(incident_id: int, action: str) -> Response:
    position = request.form.get("position", type=int)

    def carry_out(session: Session, now: datetime) -> None:
        _act(session, incident_id, action, now)
        if position is not None:
            commands.tick(session, incident_id, position, True, who(), now)
        for topic in ("flags", "rollouts"):
            publish_on_commit(session, sources().redis, topic)

    return _write(incident_id, carry_out, _("Done, and in the log."))


def _act(session: Session, incident_id: int, action: str, now: datetime) -> Incident:
    form = request.form
    match action:
        case "freeze-rollouts":
            return acts.freeze_rollouts(session, incident_id, who(), now)
        case "thaw-rollouts":
            return acts.thaw_rollouts(session, incident_id, who(), now)
        case "kill-flag":
            flag = incident.read_text(form, "flag", is_needed=True)
            return acts.kill_flag(session, incident_id, flag, who(), now)
        case "note-scale":
            what = incident.read_text(form, "what", is_needed=True)
            return acts.note_scale(session, incident_id, what, who(), now)
        case "tell-shoppers":
            text = incident.read_text(form, "notice_text")
            return acts.tell_shoppers(session, incident_id, form.get("notice", ""), text, who(), now)
        case "stop-telling":
            return acts.stop_telling(session, incident_id, who(), now)
    raise NotFound(_("There is no such button."))


@blueprint.post("/<int:incident_id>/resolve")
@requires("incidents.write")
def resolve(incident_id: int) -> Response:
    text = incident.read_text(request.form, "resolution", is_needed=True)

    def end(session: Session, now: datetime) -> None:
        acts.resolve(session, incident_id, text, who(), now)
        publish_on_commit(session, sources().redis, "flags")

    return _write(incident_id, end, _("The incident is resolved. Review it while it is fresh."))


@blueprint.post("/<int:incident_id>/review")
@requires("incidents.write")
def review(incident_id: int) -> Response:
    cause = incident.read_text(request.form, "cause", is_needed=True)
    lessons = incident.read_text(request.form, "lessons")
    revision = _revision()
    return _write(
        incident_id,
        lambda session, now: commands.review(session, incident_id, cause, lessons, revision, who(), now),
        _("The review is saved."),
    )


@blueprint.post("/<int:incident_id>/actions")
@requires("incidents.write")
def add_action(incident_id: int) -> Response:
    text = incident.read_text(request.form, "action", is_needed=True)
    owner = incident.read_text(request.form, "owner", is_needed=True, most=commands.MOST_NAME)
    due_on = incident.read_due(request.form.get("due_on", ""))
    return _write(
        incident_id,
        lambda session, now: commands.add_action(session, incident_id, text, owner, due_on, who(), now),
        _("The action is noted."),
    )


@blueprint.post("/actions/<int:action_id>")
@requires("incidents.write")
def finish_action(action_id: int) -> Response:
    is_done = request.form.get("done") == "on"
    with begin() as session:
        action = commands.finish_action(session, action_id, is_done, who(), clock.now())
        _tell_pages(session)
    return done(url_for("incidents.detail", incident_id=action.incident_id), _("Saved."))


def _write(incident_id: int, write: Callable[[Session, datetime], object], told: str = "") -> Response:
    with begin() as session:
        write(session, clock.now())
        _tell_pages(session)
    return done(url_for("incidents.detail", incident_id=incident_id), told)


def _tell_pages(session: Session) -> None:
    for topic in ("incidents", "timeline"):
        publish_on_commit(session, sources().redis, topic)
