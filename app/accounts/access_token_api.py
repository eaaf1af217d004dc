"""Access tokens of people: had for a password or a browser's session, renewed, given back. And their keys."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.accounts import access_token_commands, access_tokens, commands, identity, queries, sign_in, throttle
from app.accounts.access_token_commands import Pair
from app.accounts.credentials import clean_email
from app.accounts.models import PersonRow
from app.accounts.sign_in import Step
from app.csrf import csrf_exempt, protect
from app.db import begin
from app.errors import Forbidden, Refused, Slowed, Unauthenticated
from app.guards import person, public, requires, who
from app.openapi.operation import operation
from app.openapi.shapes import Named, one_of, text, thing, whole
from app.sources import sources

blueprint = Blueprint("auth_api", __name__)

MINUTE = 60
LASTS_SECONDS = int(access_tokens.LASTS.total_seconds())
KEYS_KEPT_SECONDS = 3_600  # a key is published a day before it signs

# What a sign-in by the API cannot do.
WITH_A_BROWSER = {
    "set up": _l("Your role needs a second factor. Sign in with a browser and set it up."),
    "choose": _l("This password was made for you. Sign in with a browser and choose one of your own."),
}

SIGN_IN = thing(
    {},
    {
        "email": text("With the password; without both the session of the browser counts.", most=254),
        "password": text(least=1, most=800, example="tall grass beside cold water"),
        "code": text("Of the second factor, where there is one.", most=100, example="123456"),
    },
)
REFRESH = thing({"refresh_token": text("Good once.", least=20, most=200, example="k3J" * 14)})
TOKENS = Named(
    "AccessTokens",
    thing(
        {
            "access_token": text("A JWT; send it as `Authorization: Bearer …`.", most=2_000),
            "token_type": one_of("Bearer"),
            "expires_in": whole("Seconds that the access token is good for.", least=1, example=LASTS_SECONDS),
            "refresh_token": text("Exchange it once for the next pair; twice ends the session.", most=200),
        }
    ),
)


@blueprint.post("/api/v1/auth/tokens")
@csrf_exempt
@public
@operation(body=SIGN_IN, body_may_be_left_out=True, answers={201: TOKENS}, problems=(401, 403))
def create() -> Response:
    """Sign in as a person.

    With e-mail and password (and a code), or without them from a browser that is signed in.
    """
    wanted = (request.get_json(silent=True) or {}) if request.content_length else {}
    pair = _from_password(wanted) if {"email", "password"} & wanted.keys() else _from_session()
    response = _answer(pair)
    response.status_code, response.headers["Location"] = 201, url_for("me_api.show")
    return response


@blueprint.post("/api/v1/auth/refresh")
@csrf_exempt
@public
@operation(body=REFRESH, answers={200: TOKENS}, problems=(401,))
def renew() -> Response:
    """Exchange a refresh token for a new pair.

    One that comes a second time has been stolen from somebody: the whole session ends.
    """
    sent: str = request.get_json()["refresh_token"]
    with begin() as session:
        pair = access_token_commands.refresh(session, sent, identity.issuer(), clock.now())
    if pair is None:
        raise Unauthenticated(_l("This refresh token is not good, or not any more. Sign in again."))
    return _answer(pair)


@blueprint.delete("/api/v1/auth/tokens")
@requires("view")
@operation(answers={204: None})
def end() -> tuple[str, int]:
    """Sign out: the session ends, and with it every token that was had for it."""
    someone, number = person(), identity.session_id()
    if someone is None or number is None:
        raise Forbidden(_l("A machine's token has no session. Revoke it instead."))
    with begin() as session:
        commands.end_session(session, someone.id, number, clock.now(), who())
    return "", 204


@blueprint.get("/.well-known/jwks.json")
@public
def keys() -> Response:
    """What access tokens are proven with (RFC 7517)."""
    with begin() as session:
        found = access_token_commands.public_keys(session)
    response = jsonify(keys=found)
    response.mimetype = "application/jwk-set+json"
    response.headers["Cache-Control"] = f"public, max-age={KEYS_KEPT_SECONDS}"
    return response


def _answer(pair: Pair) -> Response:
    response = jsonify(
        access_token=pair.access_token,
        token_type="Bearer",  # noqa: S106 # nosec B106 # what kind it is
        expires_in=LASTS_SECONDS,
        refresh_token=pair.refresh_token,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _from_session() -> Pair:
    """Of the cookie alone: whoever has an access token renews it by its refresh token."""
    if "Authorization" in request.headers or person() is None:
        raise Unauthenticated(_l("Send e-mail and password, or sign in with this browser first."))
    protect.protect()
    with begin() as session:
        return _issue(session, identity.cookie_of(identity.COOKIE), person_id=_somebody())


def _somebody() -> int:
    someone = person()
    if someone is None:
        raise Unauthenticated(_l("Sign in first."))
    return someone.id


def _from_password(wanted: dict[str, str]) -> Pair:
    """Slowed like the sign-in of the pages; who is unknown learns no more than who mistyped."""
    email, now = clean_email(wanted.get("email", "")), clock.now()
    tried = throttle.try_password(sources().redis, request.remote_addr or "", email)
    if tried.wait_seconds:
        raise _slowed(tried.wait_seconds)
    with begin() as session:  # refused tries are committed: the audit trail names them
        someone = sign_in.check_password(session, email, wanted.get("password", ""), now)
        step = sign_in.go_on(session, someone, identity.arrival(), now) if someone else None
    if step is None or someone is None:
        raise Unauthenticated(_l("The address or the password is not right."))
    throttle.forget(sources().redis, email)
    if step.stage == "code":
        step = _second_step(someone, step, wanted.get("code", ""))
    if step.stage in WITH_A_BROWSER:
        raise Forbidden(WITH_A_BROWSER[step.stage])
    with begin() as session:
        return _issue(session, step.cookie, someone.id)


def _second_step(someone: PersonRow, half: Step, code: str) -> Step:
    if not code:
        why = _l("Give the code of your second factor.")
        raise Refused(why, {"code": why})
    if wait := throttle.code_wait_seconds(sources().redis, someone.email):
        raise _slowed(wait)
    with begin() as session:
        step = sign_in.finish(session, someone, half.cookie, code, identity.arrival(), clock.now())
    if step is None:
        raise Unauthenticated(_l("This code is not right, or was used already."))
    throttle.forget_codes(sources().redis, someone.email)
    return step


def _slowed(seconds: int) -> Slowed:
    minutes = -(-seconds // MINUTE)
    return Slowed(_l("Too many tries. Wait %(minutes)s min, then try again.", minutes=minutes), seconds)


def _issue(session: Session, cookie: str, person_id: int) -> Pair:
    number = queries.session_number(session, cookie)
    return access_token_commands.issue(session, person_id, number, identity.issuer(), clock.now())
