"""What is kept of people as JSON, and erasing it: what their pages do."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app import clock
from app.accounts import account_shapes, personal_data
from app.accounts.here import myself
from app.db import begin
from app.guards import confirmed, requires, who
from app.openapi.operation import operation
from app.openapi.shapes import Named, many, table, thing

blueprint = Blueprint("personal_data_api", __name__, url_prefix="/api/v1")

PATH = {"person_id": account_shapes.NUMBER}
ROW = table({}, "a row as it is kept, without what is secret", example={"email": "ada@example.org"})
KEPT = Named(
    "PersonalData",
    thing({"person": ROW, "kept": table(many(ROW), "table → rows", example={"sessions": [{"id": 7}]})}),
)


@blueprint.get("/me/personal-data")
@requires("view")
@confirmed
@operation(answers={200: KEPT})
def mine() -> Response:
    """Everything that is kept under one's own address."""
    with begin() as session:
        return jsonify(personal_data.export_of(session, myself().id))


@blueprint.get("/people/<int:person_id>/personal-data")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, answers={200: KEPT})
def of_person(person_id: int) -> Response:
    """Everything that is kept under somebody's address."""
    with begin() as session:
        return jsonify(personal_data.export_of(session, person_id))


@blueprint.delete("/people/<int:person_id>/personal-data")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, answers={204: None})
def erase(person_id: int) -> tuple[str, int]:
    """Erase a person; the audit trail alone keeps the address until its own time is over."""
    with begin() as session:
        personal_data.erase(session, person_id, who(), clock.now())
    return "", 204
