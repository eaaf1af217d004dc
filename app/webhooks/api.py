"""Webhooks out as JSON: endpoints, their deliveries, and the stream of events itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy import select

from app import clock, paging
from app.db import begin
from app.guards import confirmed, requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING, moment, one_of, text, thing, whole
from app.sources import sources
from app.ui.timerange import read_moment
from app.webhooks import as_json, commands, queries, shapes, words
from app.webhooks.endpoint import Draft, once
from app.webhooks.event import TYPES, Wish
from app.webhooks.models import Delivery, Endpoint, EventRow
from app.webhooks.stream import wish_of

blueprint = Blueprint("webhooks_api", __name__, url_prefix="/api/v1")


@blueprint.get("/events/types")
@requires("view")
@operation(answers={200: shapes.TYPES})
def types() -> Response:
    """Every type of event that there is."""
    return jsonify(types=[{"type": name, "about": words.label(name)} for name in TYPES])


@blueprint.get("/events")
@requires("webhooks.manage")
@operation(query={**PAGING, "type": text(least=1, most=80)}, answers={200: shapes.EVENTS})
def events() -> Response:
    """The stream of events, the newest first; kept for 90 days."""
    wanted = select(EventRow)
    if name := request.args.get("type"):
        wanted = wanted.where(EventRow.type == name)
    with begin() as session:
        page = paging.of_select(session, wanted, EventRow.id.desc())
        return paging.answer("events", page, as_json.event)


@blueprint.get("/webhooks")
@requires("webhooks.manage")
@operation(query=PAGING, answers={200: shapes.ENDPOINTS})
def index() -> Response:
    """Everybody's webhooks, the newest first."""
    wanted = select(Endpoint).where(Endpoint.person_id.is_(None))
    with begin() as session:
        return paging.answer(
            "webhooks", paging.of_select(session, wanted, Endpoint.id.desc()), as_json.endpoint
        )


@blueprint.post("/webhooks")
@requires("webhooks.manage")
@confirmed
@operation(body=shapes.DRAFT, answers={201: shapes.ENDPOINT_WITH_SECRET})
def create() -> tuple[Response, int, dict[str, str]]:
    """Make a webhook. Its secret is in this answer and nowhere else."""
    draft = _draft(request.get_json(), Draft("", ""))
    with begin() as session:
        row = commands.create(session, draft, sources().config.webhook_allowed_networks, who(), clock.now())
        made = {**as_json.endpoint(row), "secret": row.secret}
    return jsonify(made), 201, {"Location": url_for("webhooks_api.one", endpoint_id=made["id"])}


def _draft(body: dict[str, Any], before: Draft) -> Draft:
    wish = before.wish
    return Draft(
        body.get("name", before.name),
        body.get("url", before.url),
        body.get("format", before.format),
        Wish(
            once(body.get("types", wish.types)),
            once(body.get("environments", wish.environments)),
            once(body.get("locales", wish.locales)),
            once(body.get("subjects", wish.subjects)),
        ),
        body.get("is_active", before.is_active),
    )


@blueprint.get("/webhooks/<int:endpoint_id>")
@requires("webhooks.manage")
@operation(answers={200: shapes.ENDPOINT})
def one(endpoint_id: int) -> Response:
    """One webhook."""
    with begin() as session:
        return jsonify(as_json.endpoint(queries.endpoint(session, endpoint_id)))


@blueprint.patch("/webhooks/<int:endpoint_id>")
@requires("webhooks.manage")
@confirmed
@operation(body=shapes.CHANGE, answers={200: shapes.ENDPOINT})
def change(endpoint_id: int) -> Response:
    """Change what is given; all else stays. 409 where somebody changed it since `revision`."""
    body = request.get_json()
    with begin() as session:
        row = queries.endpoint(session, endpoint_id)
        draft = _draft(body, Draft(row.name, "", row.format, wish_of(row), row.is_active))
        allowed = sources().config.webhook_allowed_networks
        row = commands.change(session, endpoint_id, draft, body["revision"], allowed, who(), clock.now())
        return jsonify(as_json.endpoint(row))


@blueprint.delete("/webhooks/<int:endpoint_id>")
@requires("webhooks.manage")
@operation(answers={204: None})
def remove(endpoint_id: int) -> tuple[str, int]:
    """Delete a webhook with its log."""
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        commands.remove(session, endpoint_id, who(), clock.now())
    return "", 204


@blueprint.post("/webhooks/<int:endpoint_id>/secret")
@requires("webhooks.manage")
@confirmed
@operation(answers={201: shapes.ENDPOINT_WITH_SECRET})
def rotate(endpoint_id: int) -> tuple[Response, int]:
    """Make a new secret. For a day the one before signs beside it."""
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        row = commands.rotate(session, endpoint_id, who(), clock.now())
        return jsonify(**as_json.endpoint(row), secret=row.secret), 201


@blueprint.post("/webhooks/<int:endpoint_id>/test")
@requires("webhooks.manage")
@operation(answers={202: thing({"delivery": whole(least=1)})})
def test(endpoint_id: int) -> tuple[Response, int]:
    """Send a test event, through all that a real one goes through."""
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        made = commands.test(session, endpoint_id, who(), clock.now())
        return jsonify(delivery=made.id), 202


@blueprint.get("/webhooks/<int:endpoint_id>/deliveries")
@requires("webhooks.manage")
@operation(
    query={**PAGING, "state": one_of(*queries.STATES), "type": text(least=1, most=80)},
    answers={200: shapes.DELIVERIES},
)
def deliveries(endpoint_id: int) -> Response:
    """Its deliveries, the newest first; kept for 30 days."""
    state, type_ = request.args.get("state", ""), request.args.get("type", "")
    with begin() as session:
        row = queries.endpoint(session, endpoint_id)
        wanted = queries.deliveries_of(row.id, state, type_)
        page = paging.of_select(session, wanted, Delivery.id.desc())
        lines = queries.with_events(session, page.items)
        return paging.answer("deliveries", paging.Page(lines, page.next_cursor), as_json.delivery)


@blueprint.get("/webhooks/<int:endpoint_id>/deliveries/<int:delivery_id>")
@requires("webhooks.manage")
@operation(answers={200: shapes.ATTEMPTS})
def delivery(endpoint_id: int, delivery_id: int) -> Response:
    """One delivery with all its tries."""
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        row, _event, attempts = queries.delivery(session, endpoint_id, delivery_id)
        line = queries.with_events(session, [row])[0]
        return jsonify(
            delivery=as_json.delivery(line), attempts=[as_json.attempt(found) for found in attempts]
        )


@blueprint.post("/webhooks/<int:endpoint_id>/deliveries/<int:delivery_id>/replay")
@requires("webhooks.manage")
@operation(answers={202: thing({"delivery": whole(least=1)})})
def replay(endpoint_id: int, delivery_id: int) -> tuple[Response, int]:
    """Send it once more, under the same id."""
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        commands.replay(session, endpoint_id, delivery_id, who(), clock.now())
    return jsonify(delivery=delivery_id), 202


@blueprint.post("/webhooks/<int:endpoint_id>/replay")
@requires("webhooks.manage")
@operation(
    body=thing({"since": moment("All that were given up since then.")}),
    answers={202: thing({"deliveries": whole(least=0)})},
)
def replay_failed(endpoint_id: int) -> tuple[Response, int]:
    """Send once more all that was given up since a moment, such as after the receiver was down."""
    since = read_moment(request.get_json()["since"]) or clock.now()
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        count = commands.replay_failed(session, endpoint_id, since, who(), clock.now())
    return jsonify(deliveries=count), 202
