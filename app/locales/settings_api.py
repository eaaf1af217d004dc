"""Locales themselves for machines: adding one, who sees it, its fallback, and who may do what."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.guards import requires, who
from app.locales import bodies, locale_commands, locale_rules, queries, rights
from app.locales.bodies import Body
from app.locales.locale_commands import Settings
from app.locales.plurals import read_rule
from app.sources import sources

blueprint = Blueprint("locale_settings_api", __name__, url_prefix="/api/v1/locales")


@blueprint.post("")
@requires("locales.manage")
def add() -> ResponseReturnValue:
    """`code`, and `plural_forms` where it is not what CLDR proposes. A new locale is off."""
    sent = bodies.body()
    with begin() as session:
        header = bodies.text(sent, "plural_forms", "")
        added = locale_commands.add(session, bodies.text(sent, "code"), header, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
        return jsonify(_locale(session, added.code)), 201


@blueprint.get("/<code>")
@requires("view")
def read(code: str) -> Response:
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
def set_up(code: str) -> Response:
    """`availability` (off, preview, on), `fallback` (a code or null), `asks_review`; the rest stays."""
    sent = bodies.body()
    with begin() as session:
        now = locale_commands.settings_of(queries.locale(session, code))
        locale_commands.set_up(session, code, _settings(sent, now), who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
        return jsonify(_locale(session, code))


def _settings(sent: Body, now: Settings) -> Settings:
    if unknown := sorted(set(sent) - set(Settings.__dataclass_fields__)):
        raise bodies.wrong(unknown[0], "There is no such setting.")
    asks_review = sent.get("asks_review", now.asks_review)
    if not isinstance(asks_review, bool):
        raise bodies.wrong("asks_review", "Send true or false.")
    fallback = sent.get("fallback", now.fallback)
    return Settings(
        availability=bodies.text(sent, "availability", now.availability),
        fallback=None if fallback is None else bodies.text(sent, "fallback", now.fallback),
        asks_review=asks_review,
    )


@blueprint.get("/<code>/grants")
@requires("view")
def grants(code: str) -> Response:
    """Who is listed. Nobody: roles decide."""
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
def grant(code: str, person: str) -> Response:
    """Exactly these `permissions`: translate, review, publish."""
    permissions = bodies.texts(bodies.body(), "permissions")
    _grant(code, person, permissions)
    return grants(code)


@blueprint.delete("/<code>/grants/<person>")
@requires("locales.manage", "locale")
def withdraw(code: str, person: str) -> ResponseReturnValue:
    _grant(code, person, [])
    return "", 204


def _grant(code: str, person: str, permissions: list[str]) -> None:
    with begin() as session:
        locale_commands.grant(session, code, person, permissions, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
