"""Delivery as JSON; secrets never leave: what is sent back masked stays as it was."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.alerts.delivery import commands, document, passing_on, queries
from app.alerts.delivery.delivery import (
    read_escalation,
    read_mute_time,
    read_route,
    with_escalation,
    with_mute_time,
    with_receiver,
    with_routes,
    without_escalation,
    without_mute_time,
    without_receiver,
)
from app.alerts.delivery.receiver import read as read_receiver
from app.alerts.delivery.stored import as_dict
from app.db import begin
from app.errors import NotFound, Refused
from app.guards import requires, who
from app.sources import sources

blueprint = Blueprint("alert_delivery_api", __name__, url_prefix="/api/v1")


@blueprint.get("/alert-delivery")
@requires("view")
def index() -> Response:
    with begin() as session:
        current = queries.current(session)
    return jsonify(revision=current.revision, **as_dict(current.delivery))


@blueprint.put("/alert-receivers/<name>")
@requires("alerts.write")
def put_receiver(name: str) -> Response:
    body = _body()
    return _change(
        lambda delivery: with_receiver(
            delivery, read_receiver({**body, "name": name}, delivery.receiver(name))
        ),
        body,
        "receiver",
    )


@blueprint.put("/mute-times/<name>")
@requires("alerts.write")
def put_mute_time(name: str) -> Response:
    body = _body()
    made = read_mute_time({**body, "name": name})
    return _change(lambda delivery: with_mute_time(delivery, made), body, "mute_time")


@blueprint.put("/escalations/<name>")
@requires("alerts.write")
def put_escalation(name: str) -> Response:
    body = _body()
    made = read_escalation({**body, "name": name})
    return _change(lambda delivery: with_escalation(delivery, made), body, "escalation")


@blueprint.put("/alert-routes")
@requires("alerts.write")
def put_routes() -> Response:
    """All routes in their order."""
    body = _body()
    raw = body.get("routes")
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise Refused(_("Send a list of routes."), {"routes": _("Send a list of routes.")})
    routes = [read_route(one) for one in raw]
    return _change(lambda delivery: with_routes(delivery, routes), body, "route")


@blueprint.delete("/alert-receivers/<name>")
@requires("alerts.write")
def remove_receiver(name: str) -> Response:
    return _change(lambda delivery: without_receiver(delivery, name), request.args, "receiver")


@blueprint.delete("/mute-times/<name>")
@requires("alerts.write")
def remove_mute_time(name: str) -> Response:
    return _change(lambda delivery: without_mute_time(delivery, name), request.args, "mute_time")


@blueprint.delete("/escalations/<name>")
@requires("alerts.write")
def remove_escalation(name: str) -> Response:
    return _change(lambda delivery: without_escalation(delivery, name), request.args, "escalation")


@blueprint.post("/alert-receivers/<name>/test")
@requires("alerts.write")
def test_receiver(name: str) -> Response:
    with begin() as session:
        receiver = queries.current(session).delivery.receiver(name)
    if receiver is None:
        raise NotFound(_("There is no receiver %(name)s.", name=name[:80]))
    tried = passing_on.try_receiver(sources().alertmanager, receiver, who(), clock.now())
    return jsonify(delivered=tried.delivered, failed=tried.failed, is_known=tried.is_known)


@blueprint.get("/alert-routes/preview")
@requires("view")
def preview() -> Response:
    """The receivers that an alert with the labels of the query would go to."""
    with begin() as session:
        found = document.where(queries.current(session).delivery, request.args.to_dict())
    return jsonify(receivers=found)


@blueprint.get("/alertmanager.yaml")
@requires("view")
def configuration() -> Response:
    """What Alertmanager is given, secrets masked; `backroom alerts config` prints the whole on the server."""
    with begin() as session:
        delivery = queries.current(session).delivery
    made = document.masked(delivery, commands.house_of(sources()))
    return Response(made, mimetype="application/yaml")


def _change(edit: commands.Edit, body: Any, what: str) -> Response:
    text = str(body.get("revision", ""))
    revision = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
    with begin() as session:
        after = commands.change(session, edit, revision, what, who(), clock.now(), sources())
        now_at = queries.current(session).revision
    return jsonify(revision=now_at, **as_dict(after))


def _body() -> dict[str, Any]:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise Refused(_("Send a JSON object."))
    return body
