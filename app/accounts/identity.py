"""Who makes this request: the session cookie's person, or the Authorization header's token."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from flask import Response, current_app, g, request
from sqlalchemy.orm import Session

from app import clock
from app.accounts import access_tokens, commands, queries, token_commands
from app.accounts.queries import SignedIn
from app.accounts.sign_in import BROWSER_LASTS, HALF_LASTS, Arrival, Step
from app.accounts.throttle import network
from app.db import begin
from app.guards import Person, Token
from app.sources import sources

COOKIE = "control_session"
HALF_COOKIE = "control_half"  # the password was right, the second step is to come
BROWSER_COOKIE = "control_browser"  # opens nothing: tells a browser that is known


def identify() -> tuple[Person | None, Token | None]:
    """A header wins over a cookie: a machine is a machine, even in somebody's browser."""
    header = request.headers.get("Authorization", "")
    if header:
        secret = _secret(header)
        return (_bearer(secret), None) if access_tokens.looks_like_one(secret) else (None, _token(header))
    cookie = cookie_of(COOKIE)
    return (_person(cookie) if cookie else None), None


def _person(cookie: str) -> Person | None:
    now = clock.now()
    with begin() as session:
        found = queries.signed_in(session, cookie, now)
        return _seen(session, found, now) if found else None


def _bearer(secret: str) -> Person | None:
    """The person of an access token, with the rights of now: it says who, and nothing of what they may."""
    now, claimed = clock.now(), access_tokens.claimed(secret)
    if claimed is None:
        return None
    with begin() as session:
        found = queries.bearer(session, claimed.kid, claimed.person_id, claimed.session_id, now)
        if found is None or not access_tokens.is_true(secret, found[1], issuer(), now):
            return None
        return _seen(session, found[0], now)


def issuer() -> str:
    """Who signs access tokens."""
    return sources().config.control_url


def _seen(session: Session, found: SignedIn, now: datetime) -> Person:
    g.session_id = found.session_id
    if now - found.seen_at > commands.SEEN_EVERY:
        commands.note_seen(session, found.session_id, now)
    return found.person


def session_id() -> int | None:
    """Of the person who makes this request; a machine has none."""
    number: int | None = g.get("session_id")
    return number


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
            token_commands.note_used(session, token.id, now, network(request.remote_addr or ""))
        return token


def signed_in_before(session: Session, addresses: Collection[str]) -> frozenset[str]:
    """Of these e-mail addresses, in small letters, those with which somebody has signed in."""
    return queries.signed_in_before(session, addresses)


def is_in_force(session: Session, header: str, now: datetime) -> bool:
    """Whether an Authorization header is still good: asked again by answers that last, such as streams."""
    return queries.token_of(session, _secret(header), now) is not None


def arrival() -> Arrival:
    """Where this request comes from."""
    return Arrival(
        request.headers.get("User-Agent", ""),
        network(request.remote_addr or ""),
        cookie_of(BROWSER_COOKIE),
    )


def cookie_name(name: str) -> str:
    """Over HTTPS no other host and no page without it can set the cookie (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if _is_secure() else name


def cookie_of(name: str) -> str:
    return request.cookies.get(cookie_name(name), "")


def admit(response: Response, step: Step) -> Response:
    """The cookies of a sign-in or of half of one; the other kind is taken away."""
    if step.stage != "in":
        return _keep(_drop(response, COOKIE), HALF_COOKIE, step.cookie, HALF_LASTS)
    _keep(response, BROWSER_COOKIE, step.browser, BROWSER_LASTS)
    return _drop(remember(response, step.cookie), HALF_COOKIE)


def remember(response: Response, cookie: str) -> Response:
    return _keep(response, COOKIE, cookie, queries.LONGEST)


def forget(response: Response) -> Response:
    """After a sign-out: no cookie, no page that the browser keeps, nothing that scripts kept."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return _drop(_drop(response, COOKIE), HALF_COOKIE)


def _keep(response: Response, name: str, value: str, lasts: timedelta) -> Response:
    """Lax, not Strict: whoever follows a link in a mail is still signed in."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=_is_secure(),
    )
    return response


def _drop(response: Response, name: str) -> Response:
    response.delete_cookie(cookie_name(name), httponly=True, samesite="Lax", secure=_is_secure())
    return response


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
