"""What a person or token holds, read along with who it is: no further query of a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, Label, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.models import PersonRow, TokenRow
from app.accounts.role_models import GrantRow, RoleRow
from app.db import begin
from app.guards import ROLE_NAMES, ROLES, Grant


def own_permissions(role: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Label[Any]:
    """A column: what an own role holds; NULL for a built-in one."""
    return select(RoleRow.permissions).where(RoleRow.key == role).scalar_subquery().label("own_permissions")


def grant_rows(now: datetime) -> Label[Any]:
    """A column beside PersonRow: its grants in force, as `_grant` reads each of them."""
    line = func.jsonb_build_array(
        GrantRow.role, RoleRow.permissions, GrantRow.environment, GrantRow.locale, GrantRow.ends_at
    )
    return (
        select(func.jsonb_agg(line))
        .select_from(GrantRow)
        .outerjoin(RoleRow, RoleRow.key == GrantRow.role)
        .where(GrantRow.person_id == PersonRow.id, in_force(now))
        .scalar_subquery()
        .label("grant_rows")
    )


def in_force(now: datetime) -> ColumnElement[bool]:
    return (
        GrantRow.approved_at.is_not(None)
        & ~GrantRow.is_main
        & (GrantRow.ends_at.is_(None) | (GrantRow.ends_at > now))
    )


def grants_of(role: str | None, own: Sequence[str] | None, rows: Sequence[Any] | None) -> tuple[Grant, ...]:
    """The main role where it is an own one, and the grants beside it."""
    main = (Grant(role, frozenset(own)),) if role and own is not None else ()
    return main + tuple(_grant(*row) for row in rows or ())


def token_grants(row: TokenRow, own: Sequence[str] | None) -> tuple[Grant, ...]:
    """What an api token holds beside a built-in role.

    One that is good in some places alone reads the whole house where it may read, and holds nothing else
    everywhere.
    """
    if not _is_held_to(row):
        return grants_of(row.role, own, None)
    held = frozenset(row.permissions) | ROLES.get(row.role or "", frozenset(own or ()))
    if not (row.environments or row.locales):
        return (Grant("", held),)
    return (
        Grant("", held & {"view"}),
        *(Grant("", held, environment=name) for name in row.environments),
        *(Grant("", held, locale=code) for code in row.locales),
    )


def token_role(row: TokenRow) -> str | None:
    """The role that a token holds everywhere; its grants say all else."""
    return None if _is_held_to(row) else row.role


def _is_held_to(row: TokenRow) -> bool:
    return bool(row.permissions or row.environments or row.locales)


def _grant(
    role: str, own: Sequence[str] | None, environment: str | None, locale: str | None, ends_at: str | None
) -> Grant:
    permissions = ROLES.get(role, frozenset(own or ()))
    return Grant(role, permissions, environment, locale, datetime.fromisoformat(ends_at) if ends_at else None)


def role_names(session: Session) -> Mapping[str, object]:
    """Key and name of every role: the built-in ones first, then own ones by name."""
    own = session.execute(select(RoleRow.key, RoleRow.name).order_by(func.lower(RoleRow.name)))
    return ROLE_NAMES | {row.key: row.name for row in own}


def own_role_name(key: str) -> str | None:
    """For whoever only has the key in hand, such as a page's bar: asked once a request."""
    if "own_role_names" not in g:
        with begin() as session:
            g.own_role_names = {row.key: row.name for row in own_roles(session)}
    found: str | None = g.own_role_names.get(key)
    return found


def own_roles(session: Session) -> Sequence[RoleRow]:
    return session.scalars(select(RoleRow).order_by(func.lower(RoleRow.name))).all()


def permissions_of(session: Session, role: str) -> frozenset[str] | None:
    """None: there is no such role."""
    if role in ROLES:
        return ROLES[role]
    own = session.get(RoleRow, role)
    return frozenset(own.permissions) if own is not None else None


def exists(session: Session, role: str | None) -> bool:
    return role is not None and permissions_of(session, role) is not None
