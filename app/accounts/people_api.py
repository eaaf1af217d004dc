"""People as JSON: what their page does."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy.orm import Session

from app import clock, paging
from app.accounts import account_shapes, commands, factor_commands, queries
from app.accounts.account_json import person_json, session_json
from app.accounts.here import house_words
from app.db import begin
from app.guards import confirmed, requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING

blueprint = Blueprint("people_api", __name__, url_prefix="/api/v1/people")

PATH = {"person_id": account_shapes.NUMBER}
NO_CONTENT = "", 204


def _line(session: Session, person_id: int) -> queries.PersonLine:
    return queries.person(session, person_id, clock.now())


@blueprint.get("")
@requires("accounts.manage")
@operation(query=PAGING, answers={200: account_shapes.PEOPLE})
def index() -> Response:
    """Everybody who has an account, by address."""
    with begin() as session:
        found = queries.people(session, clock.now())
    page = paging.of_list(found, lambda line: (line.email, line.id))
    return paging.answer("people", page, person_json)


@blueprint.post("")
@requires("accounts.manage")
@confirmed
@operation(body=account_shapes.PERSON_DRAFT, answers={201: account_shapes.PERSON_MADE})
def add() -> tuple[Response, int, dict[str, str]]:
    """Add somebody who reads no mail.

    The password is made here, shown this once, and to be handed over; the first sign-in, with a browser,
    asks for one of their own. Whoever reads mails is invited instead.
    """
    wanted, now, password = request.get_json(), clock.now(), commands.new_password()
    with begin() as session:
        name = wanted.get("name", "")
        person = commands.add_person(
            session,
            wanted["email"],
            wanted["role"],
            password,
            now,
            who(),
            name,
            house_words(),
            ends_at=now,
        )
        line = _line(session, person.id)
    where = {"Location": url_for("people_api.show", person_id=line.id)}
    return jsonify(person=person_json(line), password=password), 201, where


@blueprint.get("/<int:person_id>")
@requires("accounts.manage")
@operation(path=PATH, answers={200: account_shapes.PERSON})
def show(person_id: int) -> Response:
    """One person."""
    with begin() as session:
        return jsonify(person_json(_line(session, person_id)))


@blueprint.put("/<int:person_id>/active")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, body=account_shapes.ACTIVE, answers={200: account_shapes.PERSON})
def set_active(person_id: int) -> Response:
    """Let in again, or sign out everywhere and keep out."""
    with begin() as session:
        commands.set_active(session, person_id, request.get_json()["active"], clock.now(), who())
        session.flush()
        return jsonify(person_json(_line(session, person_id)))


@blueprint.post("/<int:person_id>/password")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, answers={200: account_shapes.PASSWORD_MADE})
def reset_password(person_id: int) -> Response:
    """Make a new password, shown this once; every session ends.

    The next sign-in, with a browser, asks for one of their own.
    """
    with begin() as session:
        return jsonify(password=commands.reset_password(session, person_id, clock.now(), who()))


@blueprint.post("/<int:person_id>/password-link")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, answers={202: None})
def mail_password_link(person_id: int) -> tuple[str, int]:
    """Mail a link to choose a new password; the old one stays until it is used."""
    with begin() as session:
        commands.mail_password_link(session, person_id, clock.now(), who())
    return "", 202


@blueprint.delete("/<int:person_id>/second-factor")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, answers={204: None}, problems=(409,))
def reset_factor(person_id: int) -> tuple[str, int]:
    """Take the second factor away, for somebody who lost phone and recovery codes. They are told by mail."""
    with begin() as session:
        factor_commands.reset(session, person_id, clock.now(), who())
    return NO_CONTENT


@blueprint.get("/<int:person_id>/sessions")
@requires("accounts.manage")
@operation(path=PATH, query=PAGING, answers={200: account_shapes.SESSIONS})
def sessions(person_id: int) -> Response:
    """Where somebody is signed in."""
    with begin() as session:
        _line(session, person_id)
        found = queries.sessions_of(session, person_id, clock.now())
    page = paging.of_list(found, lambda row: (row.seen_at, row.id), descending=True)
    return paging.answer("sessions", page, session_json)


@blueprint.delete("/<int:person_id>/sessions")
@requires("accounts.manage")
@confirmed
@operation(path=PATH, answers={204: None})
def end_sessions(person_id: int) -> tuple[str, int]:
    """Sign somebody out everywhere."""
    with begin() as session:
        commands.sign_out_everywhere(session, person_id, clock.now(), who())
    return NO_CONTENT


@blueprint.delete("/<int:person_id>/sessions/<int:session_id>")
@requires("accounts.manage")
@confirmed
@operation(path=PATH | {"session_id": account_shapes.NUMBER}, answers={204: None})
def end_session(person_id: int, session_id: int) -> tuple[str, int]:
    """Sign somebody out of one browser."""
    with begin() as session:
        commands.end_session(session, person_id, session_id, clock.now(), who())
    return NO_CONTENT


@blueprint.get("/second-factor-rule")
@requires("accounts.manage")
@operation(answers={200: account_shapes.RULE})
def rule() -> Response:
    """Whose people must have a second factor."""
    with begin() as session:
        return jsonify(roles=sorted(factor_commands.required_roles(session)))


@blueprint.put("/second-factor-rule")
@requires("accounts.manage")
@confirmed
@operation(body=account_shapes.RULE, answers={200: account_shapes.RULE})
def set_rule() -> Response:
    """Say whose people must have a second factor; it counts from the next sign-in on."""
    with begin() as session:
        factor_commands.require(session, request.get_json()["roles"], clock.now(), who())
        session.flush()
        return jsonify(roles=sorted(factor_commands.required_roles(session)))
