"""Locales themselves for machines: adding one, who sees it, its fallback, and who may do what."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.guards import confirmed, requires, who
from app.locales import locale_commands, locale_rules, queries, rights, shapes
from app.locales.plurals import read_rule
from app.locales.shapes import PATH
from app.openapi.operation import operation
from app.sources import sources

blueprint = Blueprint("locale_settings_api", __name__, url_prefix="/api/v1/locales")

GRANT_PATH = {**PATH, "person": shapes.PERSON}


@blueprint.post("")
@requires("locales.manage")
@operation(body=shapes.LOCALE_DRAFT, answers={201: shapes.LOCALE_IN_FULL})
def add() -> tuple[Response, int, dict[str, str]]:
    """Add a locale. It is off until it is set up."""
    sent = request.get_json()
    with begin() as session:
        header = sent.get("plural_forms", "")
        added = locale_commands.add(session, sent["code"], header, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
        at = {"Location": url_for("locale_settings_api.read", code=added.code)}
        return jsonify(_locale(session, added.code)), 201, at


@blueprint.get("/<code>")
@requires("view")
@operation(path=PATH, answers={200: shapes.LOCALE_IN_FULL})
def read(code: str) -> Response:
    """One locale with its settings."""
    with begin() as session:
        return jsonify(_locale(session, code))


def _locale(session: Session, code: str) -> dict[str, object]:
    row = queries.locale(session, code)
    rule = read_rule(row.plural_forms)
    name, own_name, is_rtl = queries.names(code, "en")
    return {
        "code": code,
        "name": name,
        "own_name": own_name,
        "direction": "rtl" if is_rtl else "ltr",
        "availability": row.availability,
        "fallback": row.fallback,
        "chain": list(locale_rules.chain(code, locale_commands.fallbacks(session))),
        "asks_review": row.asks_review,
        "plural_forms": row.plural_forms,
        "numbers": [list(rule.samples(form)) for form in range(rule.forms)],
        "strings": queries.counts(session, code),
        "you_may": sorted(rights.held(session, code)),
    }


@blueprint.patch("/<code>")
@requires("locales.manage", "locale")
@confirmed
@operation(path=PATH, body=shapes.LOCALE_CHANGE, answers={200: shapes.LOCALE_IN_FULL})
def set_up(code: str) -> Response:
    """Say who sees a locale, what it falls back to, and whether it asks for a review."""
    with begin() as session:
        now = locale_commands.settings_of(queries.locale(session, code))
        wanted = replace(now, **request.get_json())
        locale_commands.set_up(session, code, wanted, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
        return jsonify(_locale(session, code))


@blueprint.get("/<code>/grants")
@requires("view")
@operation(path=PATH, answers={200: shapes.GRANTS})
def grants(code: str) -> Response:
    """Who may do what in a locale. Nobody listed: roles decide."""
    with begin() as session:
        queries.locale(session, code)
        found = locale_commands.grantees(session, code)
    return jsonify(
        grants=[
            {
                "person": each.person,
                "permissions": sorted(each.permissions),
                "granted_by": each.granted_by,
                "granted_at": each.granted_at.isoformat(),
            }
            for each in found
        ]
    )


@blueprint.put("/<code>/grants/<person>")
@requires("locales.manage", "locale")
@confirmed
@operation(path=GRANT_PATH, body=shapes.GRANT, answers={200: shapes.GRANTS})
def grant(code: str, person: str) -> Response:
    """List somebody with exactly these permissions."""
    _grant(code, person, request.get_json()["permissions"])
    return grants(code)


@blueprint.delete("/<code>/grants/<person>")
@requires("locales.manage", "locale")
@confirmed
@operation(path=GRANT_PATH, answers={204: None})
def withdraw(code: str, person: str) -> tuple[str, int]:
    """Take somebody off the list."""
    _grant(code, person, [])
    return "", 204


def _grant(code: str, person: str, permissions: list[str]) -> None:
    with begin() as session:
        locale_commands.grant(session, code, person, permissions, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
