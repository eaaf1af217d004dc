"""Reads of people, sessions and tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, null, select
from sqlalchemy.orm import Session

from app.accounts import role_queries
from app.accounts.access_token_models import SigningKeyRow
from app.accounts.credentials import clean_email, fingerprint
from app.accounts.factor_models import SecondFactorRow
from app.accounts.models import PersonRow, SessionRow, TokenRow
from app.errors import NotFound
from app.four_eyes import TOKEN
from app.guards import Person, Token

IDLE = timedelta(hours=12)  # a session ends after so long without a page
LONGEST = timedelta(days=14)  # and after so long in any case
ENDS_SOON = timedelta(days=14)  # a token that ends within so long is worth a look

TokenState = Literal["in force", "ends soon", "expired", "revoked"]


@dataclass(frozen=True)
class PersonLine:
    """One row of the people page."""

    id: int
    email: str
    name: str
    role: str
    is_active: bool
    signed_in_at: datetime | None
    sessions: int
    second_factor_since: datetime | None  # None: there is none in use
    has_made_password: bool  # by somebody else, and not changed since


@dataclass(frozen=True)
class TokenLine:
    """One row of the tokens page."""

    id: int
    name: str
    hint: str
    kind: str
    environment: str
    projects: tuple[str, ...]  # empty: all
    role: str | None
    created_at: datetime
    created_by: str
    used_at: datetime | None
    expires_at: datetime | None  # None: never
    rotated_at: datetime | None
    previous_until: datetime | None  # while the secret before is still good
    revoked_at: datetime | None
    state: TokenState
    permissions: tuple[str, ...]  # beside the role
    environments: tuple[str, ...]  # where alone, as are locales; both empty: everywhere
    locales: tuple[str, ...]
    used_from: str | None
    endless_reason: str | None


@dataclass(frozen=True)
class SignedIn:
    """Whose cookie it is; `seen_at` says when that was last written down."""

    person: Person
    session_id: int
    seen_at: datetime


def has_email(email: str) -> ColumnElement[bool]:
    return func.lower(PersonRow.email) == clean_email(email)


def by_email(session: Session, email: str) -> PersonRow | None:
    return session.scalar(select(PersonRow).where(has_email(email)))


def email_of(session: Session, person_id: int) -> str:
    return session.scalars(select(PersonRow.email).where(PersonRow.id == person_id)).one()


def signed_in(session: Session, cookie: str, now: datetime) -> SignedIn | None:
    """The active person behind a cookie, while the session lasts."""
    found = _alive(session, SessionRow.cookie_hash == fingerprint(cookie), now, null())
    return found[0] if found else None


def session_number(session: Session, cookie: str) -> int:
    """Of the session behind a cookie that is known to be good."""
    return session.scalars(select(SessionRow.id).where(SessionRow.cookie_hash == fingerprint(cookie))).one()


def bearer(
    session: Session, kid: str, person_id: int, session_id: int, now: datetime
) -> tuple[SignedIn, str] | None:
    """Whom an access token names, as they are now, and the key that is to have signed it: in one query."""
    key = select(SigningKeyRow.public_key).where(SigningKeyRow.kid == kid).scalar_subquery()
    whose = (SessionRow.id == session_id) & (PersonRow.id == person_id)
    found = _alive(session, whose, now, key)
    return found if found and found[1] is not None else None


def _alive(
    session: Session, which: ColumnElement[bool], now: datetime, beside: ColumnElement[Any]
) -> tuple[SignedIn, Any] | None:
    """An active person with a session that lasts, and a value read along with them."""
    row = session.execute(
        select(
            PersonRow,
            SessionRow.id,
            SessionRow.seen_at,
            role_queries.own_permissions(PersonRow.role),
            role_queries.grant_rows(now),
            func.coalesce(SessionRow.confirmed_at, SessionRow.created_at),
            beside,
        )
        .join(SessionRow, SessionRow.person_id == PersonRow.id)
        .where(
            which,
            SessionRow.seen_at > now - IDLE,
            SessionRow.created_at > now - LONGEST,
            PersonRow.is_active,
        )
    ).first()
    if row is None:
        return None
    found, session_id, seen_at, own, grants, confirmed_at, more = row
    held = role_queries.grants_of(found.role, own, grants)
    person = Person(
        found.id, found.email, found.name, found.role, found.locale, found.theme, held, confirmed_at
    )
    return SignedIn(person, session_id, seen_at), more


def token_of(session: Session, raw: str, now: datetime) -> tuple[Token, datetime | None] | None:
    """The token that is in force, and when it was last used.

    What it says may be kept: every write of tokens is told on `backroom_tokens`, and `expires_at` says when
    this very secret stops, be it the token's end or the grace of a secret that was exchanged.
    """
    hashed = fingerprint(raw)
    is_previous = (TokenRow.previous_hash == hashed) & (TokenRow.previous_until > now)
    found = session.execute(
        select(TokenRow, role_queries.own_permissions(TokenRow.role))
        .where((TokenRow.token_hash == hashed) | is_previous)
        .where(TokenRow.revoked_at.is_(None))
        .where((TokenRow.expires_at.is_(None)) | (TokenRow.expires_at > now))
    ).first()
    if found is None:
        return None
    row, own = found
    kind = cast(Literal["client", "frontend", "api"], row.kind)
    ends = [at for at in (row.expires_at, None if row.token_hash == hashed else row.previous_until) if at]
    token = Token(
        row.id,
        kind,
        row.name,
        row.environment,
        role_queries.token_role(row),
        projects=tuple(row.projects),
        expires_at=min(ends, default=None),
        grants=role_queries.token_grants(row, own),
    )
    return token, row.used_at


def people(session: Session, now: datetime) -> list[PersonLine]:
    """Active people first, then by address."""
    rows = session.execute(_lines(now).order_by(PersonRow.is_active.desc(), PersonRow.email))
    return [PersonLine(*row) for row in rows]


def person(session: Session, person_id: int, now: datetime) -> PersonLine:
    row = session.execute(_lines(now).where(PersonRow.id == person_id)).first()
    if row is None:
        raise NotFound(_l("There is no such person."))
    return PersonLine(*row)


def _lines(now: datetime) -> Select[Any]:
    open_sessions = (
        select(func.count())
        .where(
            SessionRow.person_id == PersonRow.id,
            SessionRow.seen_at > now - IDLE,
            SessionRow.created_at > now - LONGEST,
        )
        .scalar_subquery()
    )
    return select(
        PersonRow.id,
        PersonRow.email,
        PersonRow.name,
        PersonRow.role,
        PersonRow.is_active,
        PersonRow.signed_in_at,
        open_sessions,
        SecondFactorRow.confirmed_at,
        PersonRow.password_ends_at.is_not(None),
    ).outerjoin(SecondFactorRow, SecondFactorRow.person_id == PersonRow.id)


def has_made_password(session: Session, person_id: int) -> bool:
    """Whether it was made by somebody else, and not changed since."""
    ends_at = select(PersonRow.password_ends_at).where(PersonRow.id == person_id)
    return session.scalar(ends_at) is not None


def is_empty(session: Session) -> bool:
    """Whether nobody was ever added: the sign-in page then says how."""
    return session.scalar(select(PersonRow.id).limit(1)) is None


def active_admins(session: Session) -> int:
    """How many could still let others in. Locks them, so that two people cannot remove each other at once."""
    rows = session.scalars(
        select(PersonRow.id).where(PersonRow.is_active, PersonRow.role == "admin").with_for_update()
    )
    return len(rows.all())


def tokens(session: Session, now: datetime) -> list[TokenLine]:
    """Those in force first, the newest first."""
    rows = session.scalars(select(TokenRow).order_by(TokenRow.created_at.desc(), TokenRow.id.desc()))
    lines = [_token_line(row, now) for row in rows]
    return sorted(lines, key=lambda line: line.state in ("revoked", "expired"))


def token(session: Session, token_id: int, now: datetime) -> TokenLine:
    row = session.get(TokenRow, token_id)
    if row is None:
        raise NotFound(_l("There is no such token."))
    return _token_line(row, now)


def token_number(session: Session, raw: str) -> int:
    """Of a token that was just made."""
    return session.scalars(select(TokenRow.id).where(TokenRow.token_hash == fingerprint(raw))).one()


def names_of(session: Session, who: str) -> frozenset[str]:
    """Every name that the trail may keep of the people behind one: those who were shown a token's secret, and
    all tokens whose secrets they were shown, be it by another token. Names that two tokens share are one; for
    whom a token was made at the command line is not known."""
    held = _holders_of_tokens(session)
    names = {who}
    while more := {one for name, by in held if name in names for one in by} - names:
        names |= more
    while more := {name for name, by in held if by & names} - names:
        names |= more
    return frozenset(names)


def _holders_of_tokens(session: Session) -> list[tuple[str, set[str]]]:
    """Each token's name in the trail, and the people and tokens that were shown its secret."""
    people = set(session.scalars(select(PersonRow.email)))
    columns = (TokenRow.name, TokenRow.created_by, TokenRow.rotated_by)
    return [
        (f"{TOKEN}{name}", {one for one in by if one and (one in people or one.startswith(TOKEN))})
        for name, *by in session.execute(select(*columns))
    ]


def _token_line(row: TokenRow, now: datetime) -> TokenLine:
    is_changing = row.previous_until is not None and row.previous_until > now
    return TokenLine(
        id=row.id,
        name=row.name,
        hint=row.hint,
        kind=row.kind,
        environment=row.environment,
        projects=tuple(row.projects),
        role=row.role,
        created_at=row.created_at,
        created_by=row.created_by,
        used_at=row.used_at,
        expires_at=row.expires_at,
        rotated_at=row.rotated_at,
        previous_until=row.previous_until if is_changing else None,
        revoked_at=row.revoked_at,
        state=_token_state(row, now),
        permissions=tuple(row.permissions),
        environments=tuple(row.environments),
        locales=tuple(row.locales),
        used_from=row.used_from,
        endless_reason=row.endless_reason,
    )


def _token_state(row: TokenRow, now: datetime) -> TokenState:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is None:
        return "in force"
    if row.expires_at <= now:
        return "expired"
    return "ends soon" if row.expires_at - now < ENDS_SOON else "in force"


def sessions_of(session: Session, person_id: int, now: datetime) -> Sequence[SessionRow]:
    return session.scalars(
        select(SessionRow)
        .where(
            SessionRow.person_id == person_id,
            SessionRow.seen_at > now - IDLE,
            SessionRow.created_at > now - LONGEST,
        )
        .order_by(SessionRow.seen_at.desc())
    ).all()


def signed_in_before(session: Session, addresses: Collection[str]) -> frozenset[str]:
    email = func.lower(PersonRow.email)
    return frozenset(
        session.scalars(select(email).where(email.in_(addresses), PersonRow.signed_in_at.is_not(None)))
    )
