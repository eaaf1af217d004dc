"""Tokens as JSON: what their page does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.accounts import queries, token_commands
from app.accounts.queries import TokenLine
from app.db import begin
from app.errors import Refused
from app.guards import confirmed, requires, who
from app.ui.scope import environments

blueprint = Blueprint("tokens_api", __name__, url_prefix="/api/v1/tokens")

Json = dict[str, Any]
CREATED, NO_CONTENT = 201, 204


@blueprint.get("")
@requires("accounts.manage")
def index() -> Response:
    """Secrets are never among what is listed."""
    with begin() as session:
        return jsonify(tokens=[as_json(line) for line in queries.tokens(session, clock.now())])


@blueprint.post("")
@requires("accounts.manage")
@confirmed
def create() -> tuple[Response, int]:
    """name, kind (client, frontend, api), environment, projects, role, days. The secret is shown once."""
    wanted = _body()
    token_commands.check_environment(_text(wanted, "kind"), _text(wanted, "environment"), environments())
    with begin() as session:
        raw = token_commands.create_token(
            session,
            _text(wanted, "kind"),
            _text(wanted, "environment"),
            _text(wanted, "name"),
            _text(wanted, "role") or None,
            clock.now(),
            who(),
            _projects(wanted),
            None if wanted.get("days") is None else _whole(wanted, "days"),
        )
    return jsonify(token=raw), CREATED


@blueprint.post("/<int:token_id>/rotate")
@requires("accounts.manage")
@confirmed
def rotate(token_id: int) -> Response:
    """grace_hours that the old secret is good for yet; a day by itself."""
    wanted = {"grace_hours": token_commands.GRACE_HOURS} | _body()
    with begin() as session:
        hours = _whole(wanted, "grace_hours")
        raw = token_commands.rotate_token(session, token_id, hours, clock.now(), who())
    return jsonify(token=raw)


@blueprint.delete("/<int:token_id>")
@requires("accounts.manage")
def revoke(token_id: int) -> tuple[str, int]:
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
        "state": line.state,
        "created_at": _moment(line.created_at),
        "created_by": line.created_by,
        "used_at": _moment(line.used_at),
        "expires_at": _moment(line.expires_at),
        "rotated_at": _moment(line.rotated_at),
        "previous_until": _moment(line.previous_until),
        "revoked_at": _moment(line.revoked_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _body() -> Json:
    found = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(found, dict):
        raise Refused(_("The body is a JSON object."))
    return found


def _text(wanted: Json, key: str) -> str:
    value = wanted.get(key) or ""
    if not isinstance(value, str):
        raise Refused(_("This is a text."), {key: _("This is a text.")})
    return value


def _whole(wanted: Json, key: str) -> int:
    value = wanted.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(_("Use a whole number."), {key: _("Use a whole number.")})
    return value


def _projects(wanted: Json) -> list[str]:
    found = wanted.get("projects") or []
    if not isinstance(found, list) or not all(isinstance(project, str) for project in found):
        raise Refused(_("This is a list of texts."), {"projects": _("This is a list of texts.")})
    return found
