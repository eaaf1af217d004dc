"""Webhooks in as JSON: sources are made and kept here; what they send comes in by hooks_api.py."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy import select

from app import clock, paging
from app.db import begin
from app.guards import confirmed, requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.webhooks import as_json, queries, receiving, shapes
from app.webhooks.models import Receipt, SourceRow
from app.webhooks.source_views import address_of

blueprint = Blueprint("sources_api", __name__, url_prefix="/api/v1/sources")


def _json(row: SourceRow) -> dict[str, Any]:
    return as_json.source(row, address_of(row.key))


@blueprint.get("")
@requires("webhooks.manage")
@operation(query=PAGING, answers={200: shapes.SOURCES})
def index() -> Response:
    """Every source, the newest first, with when it was last heard and last refused."""
    with begin() as session:
        page = paging.of_select(session, select(SourceRow), SourceRow.id.desc())
        return paging.answer("sources", page, _json)


@blueprint.post("")
@requires("webhooks.manage")
@confirmed
@operation(body=shapes.SOURCE_DRAFT, answers={201: shapes.SOURCE_WITH_SECRET})
def create() -> tuple[Response, int, dict[str, str]]:
    """Make a source. Its secret is in this answer and nowhere else."""
    body = request.get_json()
    with begin() as session:
        row = receiving.create(
            session,
            body["name"],
            body["kind"],
            body.get("environment", ""),
            body.get("secret", ""),
            who(),
            clock.now(),
        )
        made = {**_json(row), "secret": row.secret}
    return jsonify(made), 201, {"Location": url_for("sources_api.one", source_id=made["id"])}


@blueprint.get("/<int:source_id>")
@requires("webhooks.manage")
@operation(answers={200: shapes.SOURCE})
def one(source_id: int) -> Response:
    """One source."""
    with begin() as session:
        return jsonify(_json(queries.source(session, source_id)))


@blueprint.get("/<int:source_id>/messages")
@requires("webhooks.manage")
@operation(query=PAGING, answers={200: shapes.MESSAGES})
def messages(source_id: int) -> Response:
    """What it sent and was taken, the newest first."""
    with begin() as session:
        wanted = select(Receipt).where(Receipt.source_id == queries.source(session, source_id).id)
        page = paging.of_select(session, wanted, Receipt.at.desc(), Receipt.message.desc())
        return paging.answer("messages", page, _message)


def _message(row: Receipt) -> dict[str, Any]:
    return {"id": row.message, "at": row.at.isoformat(), "about": row.about}


@blueprint.patch("/<int:source_id>")
@requires("webhooks.manage")
@operation(body=shapes.ACTIVE, answers={200: shapes.SOURCE})
def switch(source_id: int) -> Response:
    """Switch a source on or off; what one that is off sends is refused."""
    with begin() as session:
        row = receiving.switch(session, source_id, request.get_json()["is_active"], who(), clock.now())
        return jsonify(_json(row))


@blueprint.post("/<int:source_id>/secret")
@requires("webhooks.manage")
@confirmed
@operation(body=shapes.NEW_SECRET, body_may_be_left_out=True, answers={201: shapes.SOURCE_WITH_SECRET})
def rotate(source_id: int) -> tuple[Response, int]:
    """Give it a new secret; the one before is good no longer."""
    body = request.get_json(silent=True) or {}
    with begin() as session:
        row = receiving.rotate(session, source_id, body.get("secret", ""), who(), clock.now())
        return jsonify(**_json(row), secret=row.secret), 201


@blueprint.delete("/<int:source_id>")
@requires("webhooks.manage")
@operation(answers={204: None})
def remove(source_id: int) -> tuple[str, int]:
    """Delete a source; what it sent stays on the timeline."""
    with begin() as session:
        receiving.remove(session, source_id, who(), clock.now())
    return "", 204
