"""Who may do this, and what may she do: answered by the very objects that guards ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import role_queries
from app.accounts.credentials import clean_email
from app.accounts.models import PersonRow, TokenRow
from app.accounts.role_models import GrantRow
from app.accounts.ways import Through
from app.guards import PERMISSIONS, ROLES, Grant, Person, Token

Kind = Literal["person", "token"]


@dataclass(frozen=True)
class Holding:
    """Somebody who holds a permission, and how."""

    kind: Kind
    id: int
    label: str  # an address, or a token's name
    name: str
    through: tuple[Through, ...]
    may: bool  # as the guard decides for the place that was asked for; False: only in other places


Someone = Person | Token


def people(session: Session, now: datetime) -> list[Person]:
    """Everybody who may sign in, as guards see them."""
    rows = session.execute(
        select(PersonRow, role_queries.own_permissions(PersonRow.role), role_queries.grant_rows(now))
        .where(PersonRow.is_active)
        .order_by(PersonRow.email)
    )
    return [
        Person(
            row.id,
            row.email,
            row.name,
            row.role,
            row.locale,
            row.theme,
            role_queries.grants_of(row.role, own, grants),
        )
        for row, own, grants in rows
    ]


def tokens(session: Session, now: datetime) -> list[Token]:
    """The api tokens in force, as guards see them."""
    rows = session.execute(
        select(TokenRow, role_queries.own_permissions(TokenRow.role))
        .where(TokenRow.kind == "api", TokenRow.revoked_at.is_(None))
        .where(TokenRow.expires_at.is_(None) | (TokenRow.expires_at > now))
        .order_by(TokenRow.name, TokenRow.id)
    )
    return [
        Token(
            row.id,
            "api",
            row.name,
            row.environment,
            role_queries.token_role(row),
            expires_at=row.expires_at,
            grants=role_queries.token_grants(row, own),
        )
        for row, own in rows
    ]


def everybody(session: Session, now: datetime) -> list[Someone]:
    return [*people(session, now), *tokens(session, now)]


def who_may(
    session: Session, permission: str, environment: str | None, locale: str | None, now: datetime
) -> list[Holding]:
    """Who may first; then, where no place was asked for, who may in some places alone."""
    found = []
    for someone in everybody(session, now):
        may = someone.may(permission, environment, locale)
        if may or (environment is None and locale is None and someone.may_somewhere(permission)):
            ways = tuple(
                way for way in ways_of(someone, permission) if not may or _counts(way, environment, locale)
            )
            found.append(_holding(someone, ways, may))
    return sorted(found, key=lambda one: (not one.may, one.kind, one.label))


def _counts(way: Through, environment: str | None, locale: str | None) -> bool:
    if way.is_everywhere:
        return True
    return (environment is not None and way.environment == environment) or (
        locale is not None and way.locale == locale
    )


def _holding(someone: Someone, ways: tuple[Through, ...], may: bool) -> Holding:
    if isinstance(someone, Person):
        return Holding("person", someone.id, someone.email, someone.name, ways, may)
    return Holding("token", someone.id, someone.name, someone.name, ways, may)


def what_may(someone: Someone) -> dict[str, tuple[Through, ...]]:
    """Each permission that is held somewhere, and how."""
    held = {permission: tuple(ways_of(someone, permission)) for permission in PERMISSIONS}
    return {permission: ways for permission, ways in held.items() if ways}


def ways_of(someone: Someone, permission: str) -> Iterator[Through]:
    ends_at = someone.expires_at if isinstance(someone, Token) else None
    if permission in ROLES.get(someone.role or "", ()):
        yield Through(permission, someone.role or "", True, None, None, ends_at)
    for grant in someone.grants:
        if grant.holds(permission):
            yield _through(permission, grant, someone.role, ends_at)


def _through(permission: str, grant: Grant, main: str | None, ends_at: datetime | None) -> Through:
    is_main = grant.role == main and grant.scope is None and grant.ends_at is None
    ends = min((at for at in (grant.ends_at, ends_at) if at is not None), default=None)
    return Through(permission, grant.role, is_main, grant.environment, grant.locale, ends)


def person_of(session: Session, email: str, now: datetime) -> Person | None:
    wanted = clean_email(email)
    return next((one for one in people(session, now) if one.email.lower() == wanted), None)


def token_of(session: Session, token_id: int, now: datetime) -> Token | None:
    return next((one for one in tokens(session, now) if one.id == token_id), None)


@dataclass(frozen=True)
class GrantLine:
    """One row of what people hold beside their main role."""

    id: int
    email: str
    role: str
    environment: str | None
    locale: str | None
    ends_at: datetime | None
    is_over: bool
    is_main: bool
    waits: bool
    created_at: datetime
    created_by: str
    approved_by: str | None


def grants(session: Session, now: datetime, email: str = "") -> list[GrantLine]:
    """Those that wait first, then by person."""
    query = (
        select(GrantRow, PersonRow.email)
        .join(PersonRow, PersonRow.id == GrantRow.person_id)
        .order_by(GrantRow.approved_at.is_not(None), PersonRow.email, GrantRow.role, GrantRow.id)
    )
    if email:
        query = query.where(PersonRow.email == clean_email(email))
    return [_line(row, address, now) for row, address in session.execute(query)]


def _line(row: GrantRow, email: str, now: datetime) -> GrantLine:
    return GrantLine(
        id=row.id,
        email=email,
        role=row.role,
        environment=row.environment,
        locale=row.locale,
        ends_at=row.ends_at,
        is_over=row.ends_at is not None and row.ends_at <= now,
        is_main=row.is_main,
        waits=row.approved_at is None,
        created_at=row.created_at,
        created_by=row.created_by,
        approved_by=row.approved_by,
    )


def holders_by_role(session: Session, now: datetime) -> Mapping[str, int]:
    """How many people and tokens hold each role, mainly or beside."""
    count: dict[str, int] = {}
    for someone in everybody(session, now):
        for role in {someone.role, *(grant.role for grant in someone.grants)}:
            if role:
                count[role] = count.get(role, 0) + 1
    return count
