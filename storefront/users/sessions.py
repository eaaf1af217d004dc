"""Who is signed in. The table is the truth; Redis remembers it for a minute.

The cookie holds a random token; table and cache know only its hash. Signing out removes both at once.
While neither answers nobody is signed in: an outage opens no account. A session ends after two weeks without
a page, and a month after the sign-in in any case.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
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
from storefront.users.devices import Device
from storefront.users.models import User, UserSession

COOKIE = "signed_in"
KEEP = timedelta(days=30)
REST = timedelta(days=14)
TOUCH = timedelta(hours=1)  # how exactly the last page is kept, at one write each
FRESH_SECONDS = 60


@dataclass(frozen=True)
class SignedIn:
    user_id: int
    name: str
    email: str
    expires_at: float  # unix seconds
    locale: str  # that was read last while signed in
    seen_at: float  # unix seconds, to the hour


def recognise() -> None:
    """Before each page: put the account, if there is one, on the shopper."""
    token = cookies.read(COOKIE)
    if not token or len(token) > 100:
        return
    now = datetime.now(UTC)
    person = _look_up(_hash(token), now)
    if person is not None:
        g.signed_in = person
        sign_in_as(person.user_id)
        if person.seen_at < (now - TOUCH).timestamp():
            _touch(_hash(token), now)


def look_again() -> None:
    """The account has changed: this browser's next page reads it anew."""
    drop("session", _hash(cookies.read(COOKIE)))


def person() -> SignedIn | None:
    found = g.get("signed_in")
    return found if isinstance(found, SignedIn) else None


def open_session(session: Session, user: User, where: Device, now: datetime) -> str:
    """A new token for the cookie. The token of an earlier visitor is never taken over."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_hash=_hash(token),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=now + REST,
            device=where.name,
            network=where.network,
        )
    )
    session.execute(
        sa.delete(UserSession).where(UserSession.user_id == user.id, UserSession.expires_at < now)
    )
    return token


def open_sessions(session: Session, user_id: int, now: datetime) -> Sequence[UserSession]:
    """The one that was used last comes first."""
    alive = sa.select(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at > now)
    return session.scalars(alive.order_by(UserSession.seen_at.desc(), UserSession.id.desc())).all()


def is_this_one(row: UserSession) -> bool:
    """Whether it is the session of the browser that asks."""
    return row.token_hash == _hash(cookies.read(COOKIE))


def close_session(session: Session, token: str) -> None:
    _close(session, UserSession.token_hash == _hash(token))


def close_one_session(session: Session, user_id: int, number: int) -> None:
    """One of the account's own; what has ended meanwhile, or is somebody else's, stays as it is."""
    _close(session, sa.and_(UserSession.user_id == user_id, UserSession.id == number))


def close_all_sessions(session: Session, user_id: int) -> None:
    """Sign out everywhere."""
    _close(session, UserSession.user_id == user_id)


def forget_ended(session: Session, now: datetime) -> int:
    return changed(session, sa.delete(UserSession).where(UserSession.expires_at < now))


def give_cookie(response: Response, token: str) -> None:
    cookies.give(response, COOKIE, token, int(KEEP.total_seconds()))


def take_cookie(response: Response) -> None:
    cookies.take(response, COOKIE)


def _close(session: Session, which: sa.ColumnElement[bool]) -> None:
    hashes = session.scalars(sa.delete(UserSession).where(which).returning(UserSession.token_hash)).all()
    # Once it is committed: whoever reads in between would remember what is about to go.
    sa.event.listen(session, "after_commit", lambda _: _drop(hashes), once=True)


def _drop(hashes: Iterable[str]) -> None:
    for token_hash in hashes:
        drop("session", token_hash)


def _touch(token_hash: str, now: datetime) -> None:
    """A page of today moves the end. A database that is away just now is asked again with the next page."""
    with suppress(Unavailable), db.begin() as session:
        session.execute(
            sa.update(UserSession)
            .where(UserSession.token_hash == token_hash, UserSession.seen_at < now - TOUCH)
            .values(seen_at=now, expires_at=sa.func.least(UserSession.created_at + KEEP, now + REST))
        )
        sa.event.listen(session, "after_commit", lambda _: drop("session", token_hash), once=True)


def _look_up(token_hash: str, now: datetime) -> SignedIn | None:
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
    return found if found is not None and found.expires_at > now.timestamp() else None


def _load(token_hash: str) -> SignedIn | None:
    with db.begin() as session:
        row = session.execute(
            sa.select(
                User.id, User.name, User.email, UserSession.expires_at, User.locale, UserSession.seen_at
            )
            .join(UserSession, UserSession.user_id == User.id)
            .where(UserSession.token_hash == token_hash)
        ).one_or_none()
    if row is None:
        return None
    return SignedIn(
        row.id, row.name, row.email, row.expires_at.timestamp(), row.locale, row.seen_at.timestamp()
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
