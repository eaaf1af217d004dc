"""Roles, grants, and who may what, as JSON: all that their pages do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, paging
from app.accounts import (
    access_exports,
    access_queries,
    access_shapes,
    grant_commands,
    queries,
    role_commands,
    role_queries,
    roles,
)
from app.accounts.access_queries import GrantLine, Holding, Someone
from app.accounts.access_views import asked_for, place_of
from app.accounts.role_models import RoleRow
from app.db import begin
from app.errors import NotFound, Refused
from app.guards import ROLES, confirmed, requires, who
from app.openapi.operation import operation
from app.ui.timerange import read_moment

blueprint = Blueprint("access_api", __name__, url_prefix="/api/v1")

Json = dict[str, Any]
CREATED, NO_CONTENT = 201, 204
KEY = {"key": access_shapes.KEY}


@blueprint.get("/access")
@requires("accounts.manage")
@operation(query=access_shapes.QUERY, answers={200: access_shapes.ANSWER}, problems=(404, 409, 422))
def access() -> Response:
    """Who may do this, or what may she do."""
    now, permission = clock.now(), request.args.get("permission", "")
    with begin() as session:
        if permission:
            environment, locale = place_of(permission)
            found = access_queries.who_may(session, permission, environment, locale, now)
            holders = [_holding_json(one) for one in found]
            return jsonify(permission=permission, environment=environment, locale=locale, holders=holders)
        someone = asked_for(session, now)
    if someone is None:
        why = _("Ask for a permission, a person or a token.")
        raise Refused(why, {"permission": why})
    return jsonify(_what_json(someone))


def _holding_json(one: Holding) -> Json:
    through = [access_exports.way_json(way) for way in one.through]
    return {"kind": one.kind, "id": one.id, "who": one.label, "may": one.may, "through": through}


def _what_json(someone: Someone) -> Json:
    held = [
        {
            "permission": permission,
            "may": someone.may(permission),
            "through": [access_exports.way_json(way) for way in ways],
        }
        for permission, ways in access_queries.what_may(someone).items()
    ]
    kind, label = access_exports.kind_of(someone), access_exports.label_of(someone)
    return {"kind": kind, "who": label, "permissions": held}


@blueprint.get("/roles")
@requires("accounts.manage")
@operation(query=access_shapes.PAGES, answers={200: access_shapes.ROLES})
def list_roles() -> Response:
    """Built-in and own ones."""
    with begin() as session:
        found = [role_json(session, key) for key in role_queries.role_names(session)]
    return paging.answer("roles", paging.of_list(found, lambda one: (one["key"],)), lambda one: one)


@blueprint.post("/roles")
@requires("accounts.manage")
@confirmed
@operation(body=access_shapes.ROLE_DRAFT, answers={201: access_shapes.ROLE}, problems=(409, 422))
def create_role() -> tuple[Response, int, Json]:
    """A role of one's own."""
    body = _body()
    with begin() as session:
        row = role_commands.create(session, body.get("key", ""), _draft(body), clock.now(), who())
        place = {"Location": url_for("access_api.role", key=row.key)}
        return jsonify(role_json(session, row.key)), CREATED, place


@blueprint.get("/roles/<key>")
@requires("accounts.manage")
@operation(path=KEY, answers={200: access_shapes.ROLE})
def role(key: str) -> Response:
    """One role."""
    with begin() as session:
        return jsonify(role_json(session, key))


@blueprint.put("/roles/<key>")
@requires("accounts.manage")
@confirmed
@operation(path=KEY, body=access_shapes.ROLE_CHANGE, answers={200: access_shapes.ROLE}, problems=(409, 422))
def change_role(key: str) -> Response:
    """All of an own role; it counts from everybody's next request on."""
    with begin() as session:
        role_commands.change(session, key, _draft(_body()), None, clock.now(), who())
        return jsonify(role_json(session, key))


@blueprint.delete("/roles/<key>")
@requires("accounts.manage")
@confirmed
@operation(
    path=KEY,
    query={"instead": access_shapes.KEY},
    answers={204: None},
    problems=(409, 422),
)
def delete_role(key: str) -> tuple[str, int]:
    """Not while somebody holds it, unless `instead` names what they hold from then on."""
    with begin() as session:
        role_commands.delete(session, key, request.args.get("instead") or None, clock.now(), who())
    return "", NO_CONTENT


@blueprint.get("/grants")
@requires("accounts.manage")
@operation(query=access_shapes.GRANT_PAGES, answers={200: access_shapes.GRANTS})
def list_grants() -> Response:
    """What people hold beside their main role, and what waits for a second admin."""
    with begin() as session:
        found = access_queries.grants(session, clock.now(), request.args.get("person", ""))
    return paging.answer("grants", paging.of_list(found, lambda one: (one.id,)), grant_json)


@blueprint.post("/grants")
@requires("accounts.manage")
@confirmed
@operation(body=access_shapes.GRANT_DRAFT, answers={201: access_shapes.GRANT}, problems=(409, 422))
def create_grant() -> tuple[Response, int, Json]:
    """A role beside the main one: everywhere, in one environment or in one locale."""
    body, now = _body(), clock.now()
    with begin() as session:
        person = queries.by_email(session, body["person"])
        if person is None:
            why = _("There is nobody of this address.")
            raise Refused(_("Nothing was granted."), {"person": why})
        row = grant_commands.grant(
            session,
            person.id,
            body["role"],
            body.get("environment") or None,
            body.get("locale") or None,
            _end(body.get("ends_at")),
            now,
            who(),
        )
        place = {"Location": url_for("access_api.one_grant", grant_id=row.id)}
        return jsonify(_grant(session, row.id, now)), CREATED, place


@blueprint.get("/grants/<int:grant_id>")
@requires("accounts.manage")
@operation(answers={200: access_shapes.GRANT})
def one_grant(grant_id: int) -> Response:
    """One grant."""
    with begin() as session:
        return jsonify(_grant(session, grant_id, clock.now()))


@blueprint.delete("/grants/<int:grant_id>")
@requires("accounts.manage")
@confirmed
@operation(answers={204: None})
def withdraw(grant_id: int) -> tuple[str, int]:
    """Taken away from the person's next request on."""
    with begin() as session:
        grant_commands.withdraw(session, grant_id, clock.now(), who())
    return "", NO_CONTENT


@blueprint.post("/grants/<int:grant_id>/approve")
@requires("accounts.manage")
@confirmed
@operation(answers={204: None}, problems=(409,))
def approve(grant_id: int) -> tuple[str, int]:
    """A second admin agrees: neither who asked for it nor who gets it."""
    with begin() as session:
        grant_commands.approve(session, grant_id, clock.now(), who())
    return "", NO_CONTENT


def role_json(session: Session, key: str) -> Json:
    permissions = role_queries.permissions_of(session, key)
    if permissions is None:
        raise NotFound(_("There is no such role."))
    row = session.get(RoleRow, key)
    return {
        "key": key,
        "name": str(role_queries.role_names(session)[key]),
        "about": row.about if row else str(roles.SENTENCES.get(key, "")),
        "permissions": sorted(permissions),
        "is_builtin": key in ROLES,
        "version": row.version if row else None,
    }


def grant_json(line: GrantLine) -> Json:
    return {
        "id": line.id,
        "person": line.email,
        "role": line.role,
        "environment": line.environment,
        "locale": line.locale,
        "ends_at": line.ends_at.isoformat() if line.ends_at else None,
        "waits": line.waits,
        "is_main": line.is_main,
        "created_at": line.created_at.isoformat(),
        "created_by": line.created_by,
        "approved_by": line.approved_by,
    }


def _grant(session: Session, grant_id: int, now: datetime) -> Json:
    found = next((one for one in access_queries.grants(session, now) if one.id == grant_id), None)
    if found is None:
        raise NotFound(_("There is no such grant."))
    return grant_json(found)


def _draft(body: Json) -> roles.Draft:
    return roles.checked(body["name"], body.get("about", ""), body["permissions"])


def _body() -> Json:
    """Held to its declaration already."""
    found: Json = request.get_json()
    return found


def _end(text: str | None) -> datetime | None:
    return read_moment(text) if text else None
