"""What is kept of somebody: for oneself, and for an admin who is asked; and erasing it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, url_for
from flask_babel import gettext as _

from app import clock
from app.accounts import personal_data
from app.accounts.here import myself
from app.db import begin
from app.guards import confirmed, requires, who
from app.htmx import done

blueprint = Blueprint("personal_data", __name__, url_prefix="/accounts", template_folder="templates")


@blueprint.get("/me/data.json")
@requires("view")
@confirmed
def mine() -> Response:
    return _file(myself().id)


@blueprint.get("/<int:person_id>/data")
@requires("accounts.manage")
def of_person(person_id: int) -> str:
    with begin() as session:
        told = personal_data.export_of(session, person_id)
    return render_template("accounts/data.html", told=told, person_id=person_id)


@blueprint.get("/<int:person_id>/data.json")
@requires("accounts.manage")
@confirmed
def download(person_id: int) -> Response:
    return _file(person_id)


@blueprint.post("/<int:person_id>/erase")
@requires("accounts.manage")
@confirmed
def erase(person_id: int) -> Response:
    with begin() as session:
        personal_data.erase(session, person_id, who(), clock.now())
    return done(
        url_for("accounts.index"), _("Erased. The audit trail keeps the address until its time is over.")
    )


def _file(person_id: int) -> Response:
    with begin() as session:
        answer = jsonify(personal_data.export_of(session, person_id))
    answer.headers["Content-Disposition"] = 'attachment; filename="personal-data.json"'
    return answer
