"""Tokens as JSON: what their page does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock, paging
from app.accounts import queries, token_commands, token_shapes
from app.accounts.queries import TokenLine
from app.accounts.token_commands import Scope
from app.db import begin
from app.guards import confirmed, requires, who
from app.openapi.operation import operation
from app.ui.scope import environments

blueprint = Blueprint("tokens_api", __name__, url_prefix="/api/v1/tokens")

Json = dict[str, Any]
CREATED, NO_CONTENT = 201, 204
FILTERS = ("kind", "state", "environment", "role")


@blueprint.get("")
@requires("accounts.manage")
@operation(query=token_shapes.LISTED, answers={200: token_shapes.TOKENS})
def index() -> Response:
    """List tokens: those in force first, the newest first.

    Secrets are never among what is listed.
    """
    now = clock.now()
    with begin() as session:
        lines = queries.tokens(session, now)
    asked = {name: request.args[name] for name in FILTERS if name in request.args}
    found = [line for line in lines if all(getattr(line, name) == value for name, value in asked.items())]
    page = paging.of_list(
        found, lambda line: (line.state in ("revoked", "expired"), -line.created_at.timestamp(), -line.id)
    )
    return paging.answer("tokens", page, as_json)


@blueprint.post("")
@requires("accounts.manage")
@confirmed
@operation(body=token_shapes.DRAFT, answers={CREATED: token_shapes.MADE})
def create() -> Response:
    """Make a token; its secret is shown this once.

    It ends after 90 days unless `days` says otherwise; `days: null` needs an `endless_reason`.
    """
    wanted: Json = request.get_json()
    kind, environment = wanted["kind"], wanted["environment"]
    days, reason = wanted.get("days", token_commands.DAYS), wanted.get("endless_reason", "")
    token_commands.check_environment(kind, environment, environments())
    token_commands.check_end(days, reason)
    with begin() as session:
        raw = token_commands.create_token(
            session,
            kind,
            environment,
            wanted["name"],
            wanted.get("role"),
            clock.now(),
            who(),
            wanted.get("projects", ()),
            days,
            Scope(*(tuple(wanted.get(name, ())) for name in ("permissions", "environments", "locales"))),
            reason,
        )
        number = queries.token_number(session, raw)
    response = jsonify(token=raw, id=number)
    response.status_code = CREATED
    response.headers["Location"] = url_for("tokens_api.show", token_id=number)
    return response


@blueprint.get("/<int:token_id>")
@requires("accounts.manage")
@operation(answers={200: token_shapes.TOKEN})
def show(token_id: int) -> Response:
    """Read one token, without its secret."""
    with begin() as session:
        return jsonify(as_json(queries.token(session, token_id, clock.now())))


@blueprint.post("/<int:token_id>/rotate")
@requires("accounts.manage")
@confirmed
@operation(
    body=token_shapes.ROTATION,
    body_may_be_left_out=True,
    answers={200: token_shapes.ROTATED},
)
def rotate(token_id: int) -> Response:
    """Exchange the secret of a token.

    `grace_hours`: how long the old one is good for yet, a day where nothing is said.
    """
    wanted: Json = request.get_json() if request.content_length else {}
    with begin() as session:
        hours = wanted.get("grace_hours", token_commands.GRACE_HOURS)
        raw = token_commands.rotate_token(session, token_id, hours, clock.now(), who())
    return jsonify(token=raw)


@blueprint.delete("/<int:token_id>")
@requires("accounts.manage")
@confirmed
@operation(answers={NO_CONTENT: None})
def revoke(token_id: int) -> tuple[str, int]:
    """Revoke a token: it is refused from now on."""
    with begin() as session:
        token_commands.revoke_token(session, token_id, clock.now(), who())
    return "", NO_CONTENT


def as_json(line: TokenLine) -> Json:
    return {
        "id": line.id,
        "name": line.name,
        "hint": line.hint,
        "kind": line.kind,
        "environment": line.environment,
        "projects": list(line.projects),
        "role": line.role,
        "permissions": list(line.permissions),
        "environments": list(line.environments),
        "locales": list(line.locales),
        "state": line.state,
        "created_at": line.created_at.isoformat(),
        "created_by": line.created_by,
        "used_at": _moment(line.used_at),
        "used_from": line.used_from,
        "expires_at": _moment(line.expires_at),
        "endless_reason": line.endless_reason,
        "rotated_at": _moment(line.rotated_at),
        "previous_until": _moment(line.previous_until),
        "revoked_at": _moment(line.revoked_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
