"""Environments as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, url_for
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.flags import admin_json, environment_commands, queries
from app.flags import place_shapes as shapes
from app.flags.pages import writing
from app.flags.requests import body
from app.guards import confirmed, requires, who
from app.openapi.operation import operation

blueprint = Blueprint("flag_environments_api", __name__, url_prefix="/api/v1/environments")

CREATED = 201
ONE, ALL = {200: shapes.ENVIRONMENT}, {200: shapes.ENVIRONMENTS}


@blueprint.get("")
@requires("view")
@operation(answers=ALL)
def index() -> Response:
    """All environments, archived ones too, in the order of pages."""
    with begin() as session:
        return _all(session)


@blueprint.post("")
@requires("accounts.manage")
@operation(body=shapes.ENVIRONMENT_DRAFT, answers={201: shapes.ENVIRONMENT})
def create() -> Response:
    """A place where every flag is off; it comes last on pages."""
    wanted = body()
    name, kind = wanted["name"], wanted.get("type", "development")
    with writing() as session:
        environment_commands.create(session, name, kind, clock.now(), who())
        response = jsonify(admin_json.place(queries.place(session, name)))
    response.status_code = CREATED
    response.headers["Location"] = url_for("flag_environments_api.detail", name=name)
    return response


@blueprint.get("/<name>")
@requires("view")
@operation(answers=ONE)
def detail(name: str) -> Response:
    """One environment."""
    with begin() as session:
        return jsonify(admin_json.place(queries.place(session, name)))


@blueprint.put("")
@requires("accounts.manage")
@operation(body=shapes.ENVIRONMENT_ORDER, answers=ALL)
def reorder() -> Response:
    """In which order pages show them; 409 where not all of them are named."""
    names = body()["names"]
    with writing() as session:
        environment_commands.reorder(session, names, clock.now(), who())
        return _all(session)


@blueprint.patch("/<name>")
@requires("accounts.manage")
@confirmed
@operation(body=shapes.ENVIRONMENT_CHANGES, answers=ONE)
def change(name: str) -> Response:
    """What kind of place it is, and whether changes there need the word of others."""
    with writing() as session:
        environment_commands.change(session, name, body(), clock.now(), who())
        return jsonify(admin_json.place(queries.place(session, name)))


@blueprint.post("/<name>/archive")
@requires("accounts.manage")
@operation(answers=ONE)
def archive(name: str) -> Response:
    """Pages no longer show it; SDKs that still ask keep its last state."""
    return _set_archived(name, True)


@blueprint.post("/<name>/revive")
@requires("accounts.manage")
@operation(answers=ONE)
def revive(name: str) -> Response:
    """Pages show it again."""
    return _set_archived(name, False)


def _set_archived(name: str, archived: bool) -> Response:
    with writing() as session:
        environment_commands.set_archived(session, name, archived, clock.now(), who())
        return jsonify(admin_json.place(queries.place(session, name)))


def _all(session: Session) -> Response:
    return jsonify(environments=[admin_json.place(place) for place in queries.places(session)])
