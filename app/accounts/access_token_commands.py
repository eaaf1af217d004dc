"""Writes of signing keys, and of refresh tokens, which are good once each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts import access_tokens, credentials, queries
from app.accounts.access_token_models import RefreshTokenRow, SigningKeyRow
from app.accounts.credentials import fingerprint
from app.accounts.models import PersonRow, SessionRow
from app.audit import commands as audit
from app.vault import is_readable

KEY_LASTS = timedelta(days=30)
PUBLISHED_BEFORE = timedelta(days=1)  # it signs: whoever keeps the list of keys has read it by then
KEPT_AFTER = access_tokens.LASTS + access_tokens.LEEWAY
ROTATION_LOCK = 0x6B65_7973  # "keys"


@dataclass(frozen=True)
class Pair:
    access_token: str
    refresh_token: str


def rotate_keys(session: Session, now: datetime) -> int:
    """How many keys were made. There is one that signs, and the next is there a day before its turn; one
    that cannot be read any more, because what sealed it was lost, goes."""
    session.execute(select(func.pg_advisory_xact_lock(ROTATION_LOCK)))
    session.execute(delete(SigningKeyRow).where(SigningKeyRow.signs_until <= now - KEPT_AFTER))
    for lost in [row for row in session.scalars(select(SigningKeyRow)) if not is_readable(row.private_key)]:
        session.delete(lost)
    session.flush()
    last = session.scalar(select(func.max(SigningKeyRow.signs_until)))
    made = 0
    while last is None or last <= now + PUBLISHED_BEFORE:
        begins = now if last is None or last < now else last
        kid, public, private = access_tokens.new_key()
        last = begins + KEY_LASTS
        session.add(
            SigningKeyRow(
                kid=kid,
                public_key=public,
                private_key=private,
                created_at=now,
                signs_from=begins,
                signs_until=last,
            )
        )
        made += 1
    session.flush()
    return made


def signing_key(session: Session, now: datetime) -> SigningKeyRow:
    """The one whose turn it is; made here where no job has run yet."""
    rows = select(SigningKeyRow).where(SigningKeyRow.signs_until > now).order_by(SigningKeyRow.signs_from)
    found = session.scalars(rows.limit(1)).first()
    if found is None or not is_readable(found.private_key):
        rotate_keys(session, now)
        found = session.scalars(rows.limit(1)).one()
    return found


def public_keys(session: Session) -> list[dict[str, str]]:
    """As JWKs (RFC 7517): those that sign, will sign, and signed what may still live."""
    rows = session.execute(
        select(SigningKeyRow.kid, SigningKeyRow.public_key).order_by(SigningKeyRow.signs_from)
    )
    return [access_tokens.jwk(kid, public_key) for kid, public_key in rows]


def issue(session: Session, person_id: int, session_id: int, issuer: str, now: datetime) -> Pair:
    key = signing_key(session, now)
    refresh = credentials.new_cookie()
    session.add(RefreshTokenRow(token_hash=fingerprint(refresh), session_id=session_id, created_at=now))
    access = access_tokens.issue(key.kid, key.private_key, issuer, person_id, session_id, now)
    return Pair(access, refresh)


def refresh(session: Session, token: str, issuer: str, now: datetime) -> Pair | None:
    """A new pair for a refresh token that was never used. One that was has been stolen: its session ends."""
    hashed = fingerprint(token)
    used = (
        update(RefreshTokenRow)
        .where(RefreshTokenRow.token_hash == hashed, RefreshTokenRow.used_at.is_(None))
        .values(used_at=now)
        .returning(RefreshTokenRow.session_id)
    )
    session_id = session.scalar(used)
    if session_id is None:
        _end_family(session, hashed, now)
        return None
    person_id = session.scalar(
        update(SessionRow)
        .where(
            SessionRow.id == session_id,
            SessionRow.seen_at > now - queries.IDLE,
            SessionRow.created_at > now - queries.LONGEST,
            SessionRow.person_id == PersonRow.id,
            PersonRow.is_active,
        )
        .values(seen_at=now)
        .returning(SessionRow.person_id)
    )
    return issue(session, person_id, session_id, issuer, now) if person_id is not None else None


def _end_family(session: Session, hashed: str, now: datetime) -> None:
    of_token = select(RefreshTokenRow.session_id).where(RefreshTokenRow.token_hash == hashed)
    person_id = session.scalar(
        delete(SessionRow).where(SessionRow.id == of_token.scalar_subquery()).returning(SessionRow.person_id)
    )
    if person_id is not None:
        email = queries.email_of(session, person_id)
        why = {"why": "a refresh token was used twice"}
        audit.record(session, "nobody", "person.session.end", f"person:{email}", {}, why, now)
