"""The page of delivery: receivers, routes with a preview, mute times, escalations."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.alerts.delivery import commands, document, edits, passing_on, queries
from app.alerts.delivery.delivery import (
    WEEKDAYS,
    Delivery,
    read_escalation,
    read_mute_time,
    read_route,
    with_escalation,
    with_mute_time,
    with_receiver,
    without_escalation,
    without_mute_time,
    without_receiver,
)
from app.alerts.delivery.receiver import KINDS, OURS, TEAMS_SINCE, Receiver
from app.alerts.delivery.receiver import read as read_receiver
from app.alerts.delivery.stored import route_as_dict
from app.audit import commands as audit
from app.db import begin
from app.errors import NotFound
from app.events import publish_on_commit
from app.guards import confirmed, requires, who
from app.htmx import done, is_fragment
from app.sources import sources

blueprint = Blueprint(
    "alert_delivery", __name__, url_prefix="/alerts/delivery", template_folder="../templates"
)


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        current = queries.current(session)
    return render_template("alerts/delivery/index.html", **_shown(current))


def _shown(current: queries.Current) -> dict[str, Any]:
    house = commands.house_of(sources())
    return {
        **_choices(current),
        "kinds": KINDS,
        "ours": OURS,
        "config": document.masked(current.delivery, house),
        "is_written": sources().config.alertmanager_config is not None,
        "version": house.version,
        "teams_are_known": house.version is not None and house.version >= TEAMS_SINCE,
        "labels": request.args.get("labels", "")[:2000],
        "leads_to": _leads_to(current.delivery, request.args.get("labels", "")[:2000]),
    }


def _weekday_names() -> dict[str, str]:
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return dict(zip(WEEKDAYS, names, strict=True))


def _leads_to(delivery: Delivery, text: str) -> list[str] | None:
    """Where an alert with these labels would go; None where none were given."""
    labels = dict(line.partition("=")[::2] for line in text.replace(",", "\n").splitlines() if line.strip())
    if not labels:
        return None
    return document.where(
        delivery, {name.strip(): value.strip().strip('"') for name, value in labels.items()}
    )


@blueprint.get("/-/where")
@requires("view")
def where() -> str:
    with begin() as session:
        shown = _leads_to(queries.current(session).delivery, request.args.get("labels", "")[:2000])
    return render_template("alerts/delivery/_where.html", leads_to=shown)


def _change(edit: commands.Edit, what: str, said: str) -> Response:
    text = request.form.get("revision", "")
    revision = int(text) if text.isdecimal() and len(text) < 10 else -1
    with begin() as session:
        commands.change(session, edit, revision, what, who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
    return done(url_for("alert_delivery.index"), said)


@blueprint.post("/receivers")
@requires("alerts.write")
@confirmed
def save_receiver() -> Response:
    def edit(delivery: Delivery) -> Delivery:
        before = delivery.receiver(request.form.get("name", ""))
        raw = {**request.form, "send_resolved": request.form.get("send_resolved", "")}
        return with_receiver(delivery, read_receiver(raw, before))

    return _change(edit, "receiver", _("The receiver is saved; Alertmanager has it."))


@blueprint.get("/receivers/-/new")
@requires("alerts.write")
def new_receiver() -> str:
    kind = request.args.get("kind", "webhook")
    if kind not in KINDS:
        raise NotFound(_("There is no receiver %(name)s.", name=kind[:80]))
    return _receiver_page(Receiver("", kind))


@blueprint.get("/receivers/<name>")
@requires("view")
def receiver(name: str) -> str:
    with begin() as session:
        found = _known(queries.current(session).delivery, name)
    return _receiver_page(found)


def _receiver_page(shown: Receiver) -> str:
    with begin() as session:
        revision = queries.current(session).revision
    version = commands.version_of(sources())
    return render_template(
        "alerts/delivery/receiver.html",
        receiver=shown,
        kind=KINDS[shown.kind],
        revision=revision,
        is_plain_teams=shown.kind == "teams" and (version is None or version < TEAMS_SINCE),
    )


def _known(delivery: Delivery, name: str) -> Receiver:
    found = delivery.receiver(name)
    if found is None:
        raise NotFound(_("There is no receiver %(name)s.", name=name[:80]))
    return found


@blueprint.post("/receivers/<name>/delete")
@requires("alerts.write")
def remove_receiver(name: str) -> Response:
    return _change(lambda delivery: without_receiver(delivery, name), "receiver", _("The receiver is gone."))


@blueprint.post("/receivers/<name>/test")
@requires("alerts.write")
def test_receiver(name: str) -> str | Response:
    with begin() as session:
        found = _known(queries.current(session).delivery, name)
        audit.record(session, who(), "alerts.receiver.test", f"receiver:{name}", {}, {}, clock.now())
    tried = passing_on.try_receiver(sources().alertmanager, found, who(), clock.now())
    if is_fragment():
        return render_template("alerts/delivery/_tried.html", tried=tried)
    said = _("delivered") if tried.delivered else _("refused") if tried.failed else _("nothing heard yet")
    return done(url_for("alert_delivery.receiver", name=name), said)


def _edit(what: str, action: str, raw: dict[str, Any]) -> str:
    with begin() as session:
        current = queries.current(session)
    return render_template(
        "alerts/delivery/edit.html", what=what, action=action, raw=raw, **_choices(current)
    )


def _choices(current: queries.Current) -> dict[str, Any]:
    return {
        "current": current,
        "delivery": current.delivery,
        "receiver_options": [(name, name) for name in current.delivery.receiver_names],
        "weekdays": WEEKDAYS,
        "weekday_names": _weekday_names(),
    }


@blueprint.get("/routes/-/new")
@requires("alerts.write")
def new_route() -> str:
    return _edit("route", url_for("alert_delivery.add_route"), {})


@blueprint.get("/routes/<int:place>")
@requires("alerts.write")
def route(place: int) -> str:
    with begin() as session:
        routes = queries.current(session).delivery.routes
    if place >= len(routes):
        raise NotFound(_("There is no %(name)s.", name=f"{place + 1}"))
    action = url_for("alert_delivery.change_route", place=place)
    return _edit("route", action, route_as_dict(routes[place]))


@blueprint.get("/mute-times/-/new")
@requires("alerts.write")
def new_mute_time() -> str:
    return _edit("mute_time", url_for("alert_delivery.save_mute_time"), {})


@blueprint.get("/escalations/-/new")
@requires("alerts.write")
def new_escalation() -> str:
    raw = {"matchers": ['severity="page"']}
    return _edit("escalation", url_for("alert_delivery.save_escalation"), raw)


@blueprint.post("/routes")
@requires("alerts.write")
def add_route() -> Response:
    route = read_route(_route_form())
    return _change(lambda delivery: edits.add_route(delivery, route), "route", _("The route is there."))


def _route_form() -> dict[str, Any]:
    return {**request.form, "mute_times": request.form.getlist("mute_times")}


@blueprint.post("/routes/<int:place>")
@requires("alerts.write")
def change_route(place: int) -> Response:
    route = read_route(_route_form())
    return _change(
        lambda delivery: edits.change_route(delivery, place, route), "route", _("The route is saved.")
    )


@blueprint.post("/routes/<int:place>/delete")
@requires("alerts.write")
def remove_route(place: int) -> Response:
    return _change(lambda delivery: edits.remove_route(delivery, place), "route", _("The route is gone."))


@blueprint.post("/routes/<int:place>/move")
@requires("alerts.write")
def move_route(place: int) -> Response:
    by = -1 if request.form.get("to") == "up" else 1
    return _change(lambda delivery: edits.move_route(delivery, place, by), "route", _("The route has moved."))


@blueprint.post("/mute-times")
@requires("alerts.write")
def save_mute_time() -> Response:
    made = read_mute_time({**request.form, "weekdays": request.form.getlist("weekdays")})
    return _change(lambda delivery: with_mute_time(delivery, made), "mute_time", _("The mute time is saved."))


@blueprint.post("/mute-times/<name>/delete")
@requires("alerts.write")
def remove_mute_time(name: str) -> Response:
    return _change(
        lambda delivery: without_mute_time(delivery, name), "mute_time", _("The mute time is gone.")
    )


@blueprint.post("/escalations")
@requires("alerts.write")
def save_escalation() -> Response:
    made = read_escalation(request.form)
    return _change(
        lambda delivery: with_escalation(delivery, made), "escalation", _("The escalation is saved.")
    )


@blueprint.post("/escalations/<name>/delete")
@requires("alerts.write")
def remove_escalation(name: str) -> Response:
    return _change(
        lambda delivery: without_escalation(delivery, name), "escalation", _("The escalation is gone.")
    )
