"""Environments as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Refused
from app.flags import admin_json, environment_commands, queries
from app.flags.pages import writing
from app.flags.requests import body
from app.guards import requires, who

blueprint = Blueprint("flag_environments_api", __name__, url_prefix="/api/v1/environments")

CREATED = 201


@blueprint.get("")
@requires("view")
def index() -> Response:
    """All, archived ones too, in the order of pages."""
    with begin() as session:
        return _all(session)


@blueprint.post("")
@requires("accounts.manage")
def create() -> tuple[Response, int]:
    """name, type (development, test, preproduction, production)."""
    wanted = body()
    name, kind = wanted.get("name"), wanted.get("type", "development")
    with writing() as session:
        environment_commands.create(session, name, kind, clock.now(), who())
        return jsonify(admin_json.place(queries.place(session, str(name)))), CREATED


@blueprint.put("")
@requires("accounts.manage")
def reorder() -> Response:
    """names, each once, in the order that pages show."""
    names = body().get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Refused(_("The environment was not saved."), {"names": _("Name each environment once.")})
    with writing() as session:
        environment_commands.reorder(session, names, clock.now(), who())
        return _all(session)


@blueprint.patch("/<name>")
@requires("accounts.manage")
def change(name: str) -> Response:
    """Any of type, requires_approval, approvals_needed."""
    with writing() as session:
        environment_commands.change(session, name, body(), clock.now(), who())
        return jsonify(admin_json.place(queries.place(session, name)))


@blueprint.post("/<name>/archive")
@requires("accounts.manage")
def archive(name: str) -> Response:
    """Pages no longer show it; SDKs that still ask keep its last state."""
    return _set_archived(name, True)


@blueprint.post("/<name>/revive")
@requires("accounts.manage")
def revive(name: str) -> Response:
    return _set_archived(name, False)


def _set_archived(name: str, archived: bool) -> Response:
    with writing() as session:
        environment_commands.set_archived(session, name, archived, clock.now(), who())
        return jsonify(admin_json.place(queries.place(session, name)))


def _all(session: Session) -> Response:
    return jsonify(environments=[admin_json.place(place) for place in queries.places(session)])
