"""Delivery as JSON; secrets never leave: what is sent back masked stays as it was."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.alerts.delivery import commands, document, passing_on, queries
from app.alerts.delivery import delivery_shapes as shapes
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
from app.audit import commands as audit
from app.db import begin
from app.errors import NotFound
from app.guards import confirmed, requires, who
from app.openapi.operation import operation
from app.openapi.shapes import anything, table
from app.sources import sources

blueprint = Blueprint("alert_delivery_api", __name__, url_prefix="/api/v1")

NAMED = {"name": shapes.NAME}
CHANGED = {200: shapes.DELIVERY}
LABELS = table(shapes.LABEL_VALUE, "Its labels, each a parameter.", most=50, example={"severity": "page"})


@blueprint.get("/alert-delivery")
@requires("view")
@operation(answers=CHANGED)
def index() -> Response:
    """Where alerts go: receivers, routes, mute times and escalations."""
    with begin() as session:
        current = queries.current(session)
    return jsonify(revision=current.revision, **as_dict(current.delivery))


@blueprint.put("/alert-receivers/<name>")
@requires("alerts.write")
@confirmed
@operation(path={"name": shapes.RECEIVER_NAME}, body=shapes.RECEIVER_DRAFT, answers=CHANGED)
def put_receiver(name: str) -> Response:
    """Make or change a receiver; a secret that is left out, empty or masked stays what it was."""
    body = request.get_json()
    return _change(
        lambda delivery: with_receiver(
            delivery, read_receiver({**body, "name": name}, delivery.receiver(name))
        ),
        body,
        "receiver",
    )


@blueprint.put("/mute-times/<name>")
@requires("alerts.write")
@operation(path=NAMED, body=shapes.MUTE_TIME_DRAFT, answers=CHANGED)
def put_mute_time(name: str) -> Response:
    """Make or change a time in which routes that name it stay silent."""
    body = request.get_json()
    made = read_mute_time({**body, "name": name})
    return _change(lambda delivery: with_mute_time(delivery, made), body, "mute_time")


@blueprint.put("/escalations/<name>")
@requires("alerts.write")
@operation(path=NAMED, body=shapes.ESCALATION_DRAFT, answers=CHANGED)
def put_escalation(name: str) -> Response:
    """Make or change who hears of what nobody acknowledges."""
    body = request.get_json()
    made = read_escalation({**body, "name": name})
    return _change(lambda delivery: with_escalation(delivery, made), body, "escalation")


@blueprint.put("/alert-routes")
@requires("alerts.write")
@operation(body=shapes.ROUTES_DRAFT, answers=CHANGED)
def put_routes() -> Response:
    """All routes in their order; 409 where one names what is not there."""
    body = request.get_json()
    routes = [read_route(one) for one in body["routes"]]
    return _change(lambda delivery: with_routes(delivery, routes), body, "route")


@blueprint.delete("/alert-receivers/<name>")
@requires("alerts.write")
@operation(path=NAMED, query=shapes.SEEN, answers=CHANGED)
def remove_receiver(name: str) -> Response:
    """409 while a route or an escalation leads there."""
    return _change(lambda delivery: without_receiver(delivery, name), request.args, "receiver")


@blueprint.delete("/mute-times/<name>")
@requires("alerts.write")
@operation(path=NAMED, query=shapes.SEEN, answers=CHANGED)
def remove_mute_time(name: str) -> Response:
    """409 while a route uses it."""
    return _change(lambda delivery: without_mute_time(delivery, name), request.args, "mute_time")


@blueprint.delete("/escalations/<name>")
@requires("alerts.write")
@operation(path=NAMED, query=shapes.SEEN, answers=CHANGED)
def remove_escalation(name: str) -> Response:
    """Nobody hears of what nobody acknowledges, by this one."""
    return _change(lambda delivery: without_escalation(delivery, name), request.args, "escalation")


@blueprint.post("/alert-receivers/<name>/test")
@requires("alerts.write")
@operation(path=NAMED, answers={200: shapes.TRIED})
def test_receiver(name: str) -> Response:
    """Send an alert to one receiver alone, and say whether it was delivered."""
    with begin() as session:
        receiver = queries.current(session).delivery.receiver(name)
        if receiver is None:
            raise NotFound(_("There is no receiver %(name)s.", name=name[:80]))
        audit.record(session, who(), "alerts.receiver.test", f"receiver:{name}", {}, {}, clock.now())
    tried = passing_on.try_receiver(sources().alertmanager, receiver, who(), clock.now())
    return jsonify(delivered=tried.delivered, failed=tried.failed, is_known=tried.is_known)


@blueprint.get("/alert-routes/preview")
@requires("view")
@operation(query={"labels": LABELS}, answers={200: shapes.LEADS_TO})
def preview() -> Response:
    """The receivers that an alert with the labels of the query would go to."""
    with begin() as session:
        found = document.where(queries.current(session).delivery, request.args.to_dict())
    return jsonify(receivers=found)


@blueprint.get("/alertmanager.yaml")
@requires("view")
@operation(answers={200: anything("Alertmanager's.")}, gives={200: "application/yaml"})
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
