"""Who is signed in. The table is the truth; Redis remembers it for a minute.

The cookie holds a random token; table and cache know only its hash. Signing out removes both at once.
While neither answers nobody is signed in: an outage opens no account.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from storefront import cookies, db
from storefront.cache import cached, drop
from storefront.errors import Unavailable
from storefront.outbox import changed
from storefront.shopper import sign_in_as
from storefront.stored import restore, store
from storefront.users.models import User, UserSession

COOKIE = "signed_in"
KEEP = timedelta(days=30)
FRESH_SECONDS = 60


@dataclass(frozen=True)
class SignedIn:
    user_id: int
    name: str
    email: str
    expires_at: float  # unix seconds
    locale: str  # that was read last while signed in


def recognise() -> None:
    """Before each page: put the account, if there is one, on the shopper."""
    token = cookies.read(COOKIE)
    if not token or len(token) > 100:
        return
    person = _look_up(_hash(token))
    if person is not None:
        g.signed_in = person
        sign_in_as(person.user_id)


def look_again() -> None:
    """The account has changed: this browser's next page reads it anew."""
    drop("session", _hash(cookies.read(COOKIE)))


def person() -> SignedIn | None:
    found = g.get("signed_in")
    return found if isinstance(found, SignedIn) else None


def open_session(session: Session, user: User, now: datetime) -> str:
    """A new token for the cookie. The token of an earlier visitor is never taken over."""
    token = secrets.token_urlsafe(32)
    session.add(UserSession(token_hash=_hash(token), user_id=user.id, created_at=now, expires_at=now + KEEP))
    session.execute(
        sa.delete(UserSession).where(UserSession.user_id == user.id, UserSession.expires_at < now)
    )
    return token


def close_session(session: Session, token: str) -> None:
    session.execute(sa.delete(UserSession).where(UserSession.token_hash == _hash(token)))
    drop("session", _hash(token))


def forget_ended(session: Session, now: datetime) -> int:
    return changed(session, sa.delete(UserSession).where(UserSession.expires_at < now))


def close_all_sessions(session: Session, user_id: int) -> None:
    """Sign out everywhere."""
    hashes = session.scalars(
        sa.delete(UserSession).where(UserSession.user_id == user_id).returning(UserSession.token_hash)
    ).all()
    for token_hash in hashes:
        drop("session", token_hash)


def give_cookie(response: Response, token: str) -> None:
    cookies.give(response, COOKIE, token, int(KEEP.total_seconds()))


def take_cookie(response: Response) -> None:
    cookies.take(response, COOKIE)


def _look_up(token_hash: str) -> SignedIn | None:
    try:
        found = cached(
            "session",
            token_hash,
            FRESH_SECONDS,
            lambda: _load(token_hash),
            encode=store,
            decode=lambda raw: None if raw is None else restore(SignedIn, raw),
            keep_seconds=FRESH_SECONDS,
        )
    except Unavailable:
        return None
    return found if found is not None and found.expires_at > datetime.now(UTC).timestamp() else None


def _load(token_hash: str) -> SignedIn | None:
    with db.begin() as session:
        row = session.execute(
            sa.select(User.id, User.name, User.email, UserSession.expires_at, User.locale)
            .join(UserSession, UserSession.user_id == User.id)
            .where(UserSession.token_hash == token_hash)
        ).one_or_none()
    return None if row is None else SignedIn(row[0], row[1], row[2], row[3].timestamp(), row[4])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
