"""One's own account as JSON: what its pages do."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock, paging
from app.accounts import account_shapes, commands, confirm, factor, factor_commands, identity, queries
from app.accounts.account_json import moment, session_json
from app.accounts.here import house_words, my_row
from app.db import begin
from app.errors import Forbidden, Refused
from app.guards import Person, confirmed, person, requires
from app.openapi.operation import operation
from app.openapi.shapes import PAGING

blueprint = Blueprint("me_api", __name__, url_prefix="/api/v1/me")

NO_CONTENT = "", 204


def _myself() -> Person:
    someone = person()
    if someone is None:
        raise Forbidden(_l("A machine's token has no account of its own. Sign in as a person."))
    return someone


@blueprint.get("")
@requires("view")
@operation(answers={200: account_shapes.ME})
def show() -> Response:
    """Who one is, and how the account is kept."""
    someone = _myself()
    with begin() as session:
        return jsonify(_json(session, someone))


def _json(session: Session, someone: Person) -> dict[str, Any]:
    is_fresh = confirm.is_fresh(someone, clock.now())
    until = someone.confirmed_at + confirm.FRESH if is_fresh and someone.confirmed_at else None
    row = queries.by_email(session, someone.email)
    return {
        "id": someone.id,
        "email": someone.email,
        "name": row.name if row else someone.name,
        "role": someone.role,
        "locale": row.locale if row else None,
        "theme": row.theme if row else None,
        "confirmed_until": moment(until),
        "second_factor": _factor(session, someone),
    }


def _factor(session: Session, someone: Person) -> dict[str, Any]:
    return {
        "since": moment(factor_commands.since(session, someone.id)),
        "is_pending": factor_commands.pending_seed(session, someone.id) is not None,
        "is_required": factor_commands.is_required(session, someone.id, clock.now()),
        "recovery_codes_left": factor_commands.codes_left(session, someone.id),
    }


@blueprint.patch("")
@requires("view")
@operation(body=account_shapes.ME_DRAFT, answers={200: account_shapes.ME})
def change() -> Response:
    """Change name, language or theme; what is left out stays, null is as browser and system say."""
    someone, wanted = _myself(), request.get_json()
    now = {"name": someone.name, "locale": someone.locale, "theme": someone.theme} | wanted
    with begin() as session:
        commands.choose_looks(
            session, someone.id, now["name"], now["locale"] or "", now["theme"] or "", clock.now()
        )
        session.flush()
        return jsonify(_json(session, someone))


@blueprint.put("/password")
@requires("view")
@operation(body=account_shapes.PASSWORD_CHANGE, answers={204: None})
def change_password() -> tuple[str, int]:
    """Change the password; sessions elsewhere end."""
    someone, wanted = _myself(), request.get_json()
    confirm.slow_down(someone)
    with begin() as session:
        commands.change_password(
            session,
            someone.id,
            wanted["old_password"],
            wanted["new_password"],
            identity.session_id(),
            clock.now(),
            house_words(),
        )
    confirm.calm_down(someone)
    return NO_CONTENT


@blueprint.post("/confirmation")
@requires("view")
@operation(body=account_shapes.CONFIRMATION, answers={204: None}, problems=(429,))
def say_again() -> tuple[str, int]:
    """Give the password or a code again: for ten minutes what is dangerous asks for nothing.

    The answer carries a new session cookie; the one before is worth nothing any more.
    """
    someone, wanted = _myself(), request.get_json()
    if len(wanted) != 1:
        raise Refused(_l("Give the password or a code, one of the two."))
    confirm.prove(someone, wanted.get("password", ""), wanted.get("code", ""))
    return NO_CONTENT


@blueprint.get("/sessions")
@requires("view")
@operation(query=PAGING, answers={200: account_shapes.SESSIONS})
def sessions() -> Response:
    """Where one is signed in, seen last first."""
    someone = _myself()
    here = identity.session_id()
    with begin() as session:
        found = queries.sessions_of(session, someone.id, clock.now())
    page = paging.of_list(found, lambda row: (row.seen_at, row.id), descending=True)
    return paging.answer("sessions", page, lambda row: session_json(row, here))


@blueprint.delete("/sessions")
@requires("view")
@confirmed
@operation(answers={204: None})
def end_others() -> tuple[str, int]:
    """Sign out everywhere else."""
    someone = _myself()
    with begin() as session:
        commands.sign_out_elsewhere(session, someone.id, identity.session_id(), clock.now())
    return NO_CONTENT


@blueprint.delete("/sessions/<int:session_id>")
@requires("view")
@confirmed
@operation(path={"session_id": account_shapes.NUMBER}, answers={204: None})
def end_session(session_id: int) -> tuple[str, int]:
    """Sign out of one browser."""
    someone = _myself()
    with begin() as session:
        commands.end_session(session, someone.id, session_id, clock.now(), someone.email)
    return NO_CONTENT


@blueprint.get("/second-factor")
@requires("view")
@operation(answers={200: account_shapes.FACTOR})
def second_factor() -> Response:
    """Whether there is a second factor, and how many recovery codes are left."""
    someone = _myself()
    with begin() as session:
        return jsonify(_factor(session, someone))


@blueprint.post("/second-factor")
@requires("view")
@confirmed
@operation(answers={201: account_shapes.FACTOR_SEED})
def begin_factor() -> tuple[Response, int, dict[str, str]]:
    """Begin to set one up: a seed that counts from its first code on. The one in use stays until then."""
    someone = _myself()
    with begin() as session:
        seed = factor_commands.begin(session, someone.id)
    where = {"Location": url_for("me_api.second_factor")}
    return jsonify(seed=seed, uri=factor.setup_uri(seed, someone.email)), 201, where


@blueprint.post("/second-factor/confirmation")
@requires("view")
@confirmed
@operation(body=account_shapes.FIRST_CODE, answers={200: account_shapes.RECOVERY_CODES}, problems=(409,))
def confirm_factor() -> Response:
    """Give the first code: the second factor is in use, and these are its recovery codes."""
    _myself()
    with begin() as session:
        codes = factor_commands.confirm(session, my_row(session), request.get_json()["code"], clock.now())
    return jsonify(recovery_codes=codes)


@blueprint.delete("/second-factor")
@requires("view")
@confirmed
@operation(answers={204: None}, problems=(409, 422))
def turn_factor_off() -> tuple[str, int]:
    """Leave the second factor out, where one's role does not demand it."""
    _myself()
    with begin() as session:
        factor_commands.turn_off(session, my_row(session), clock.now())
    return NO_CONTENT


@blueprint.post("/recovery-codes")
@requires("view")
@confirmed
@operation(answers={201: account_shapes.RECOVERY_CODES}, problems=(409,))
def renew_codes() -> tuple[Response, int, dict[str, str]]:
    """Make new recovery codes; those before are worth nothing any more."""
    _myself()
    with begin() as session:
        codes = factor_commands.renew_own_codes(session, my_row(session), clock.now())
    where = {"Location": url_for("me_api.second_factor")}
    return jsonify(recovery_codes=codes), 201, where
