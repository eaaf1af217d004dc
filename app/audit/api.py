"""The audit trail as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.audit import queries
from app.db import begin
from app.guards import requires

blueprint = Blueprint("audit_api", __name__, url_prefix="/api/v1/audit")


@blueprint.get("")
@requires("audit.view")
def index() -> Response:
    wanted, page = queries.wanted(request.args), queries.page(request.args)
    with begin() as session:
        lines, last = queries.search(session, wanted, page)
    return jsonify(entries=[_json(line) for line in lines], page=page, last_page=last)


def _json(line: queries.Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "at": line.at.isoformat(),
        "who": line.who,
        "action": line.action,
        "subject": line.subject,
        "before": line.before,
        "after": line.after,
    }
