"""Who makes this request: the session cookie's person, or the Authorization header's token."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from flask import Response, current_app, request
from sqlalchemy.orm import Session

from app import clock
from app.accounts import commands, queries, token_commands
from app.db import begin
from app.guards import Person, Token

COOKIE = "control_session"


def identify() -> tuple[Person | None, Token | None]:
    """A header wins over a cookie: a machine is a machine, even in somebody's browser."""
    header = request.headers.get("Authorization", "")
    if header:
        return None, _token(header)
    cookie = request.cookies.get(COOKIE)
    return (_person(cookie) if cookie else None), None


def _person(cookie: str) -> Person | None:
    now = clock.now()
    with begin() as session:
        found = queries.signed_in(session, cookie, now)
        if found is None:
            return None
        if now - found.seen_at > commands.SEEN_EVERY:
            commands.note_seen(session, found.session_id, now)
        return found.person


def _secret(header: str) -> str:
    """SDKs send the bare token, others "Bearer" before it."""
    kind, _, rest = header.strip().partition(" ")
    return rest.strip() if kind.lower() == "bearer" else header.strip()


def _token(header: str) -> Token | None:
    now = clock.now()
    with begin() as session:
        found = queries.token_of(session, _secret(header), now)
        if found is None:
            return None
        token, used_at = found
        if used_at is None or now - used_at > commands.SEEN_EVERY:
            token_commands.note_used(session, token.id, now)
        return token


def signed_in_before(session: Session, addresses: Collection[str]) -> frozenset[str]:
    """Of these e-mail addresses, in small letters, those with which somebody has signed in."""
    return queries.signed_in_before(session, addresses)


def is_in_force(session: Session, header: str, now: datetime) -> bool:
    """Whether an Authorization header is still good: asked again by answers that last, such as streams."""
    return queries.token_of(session, _secret(header), now) is not None


def remember(response: Response, cookie: str) -> Response:
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(queries.LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def forget(response: Response) -> Response:
    response.delete_cookie(
        COOKIE, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response
