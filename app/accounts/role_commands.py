"""Writes of own roles. A change counts from the next request of everybody who holds the role."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts import role_queries, roles, second_admin
from app.accounts.invitation_models import InvitationRow
from app.accounts.models import PersonRow, TokenRow
from app.accounts.role_models import GrantRow, RoleRow
from app.accounts.roles import Draft
from app.audit import commands as audit
from app.errors import Conflict, NotFound, Refused

HOLDERS = (PersonRow.role, GrantRow.role, TokenRow.role, InvitationRow.role)


def create(session: Session, key: str, draft: Draft, now: datetime, who: str) -> RoleRow:
    taken = set(session.scalars(select(RoleRow.key)))
    row = RoleRow(
        key=roles.checked_key(key or roles.key_of(draft.name), taken),
        version=1,
        created_at=now,
        created_by=who,
        changed_at=now,
        changed_by=who,
    )
    _check_name(session, draft, row.key)
    _check_permissions(draft, who)
    _fill(row, draft)
    session.add(row)
    session.flush()
    audit.record(session, who, "role.create", f"role:{row.key}", {}, told(row), now)
    return row


def change(
    session: Session, key: str, draft: Draft, seen_version: int | None, now: datetime, who: str
) -> RoleRow:
    """`seen_version`: as whoever changes it has seen it; None: whatever it is."""
    row = locked(session, key)
    if seen_version is not None and seen_version != row.version:
        why = _l(
            "%(who)s changed this role meanwhile. Reload to see it; nothing was overwritten.",
            who=row.changed_by,
        )
        raise Conflict(why, {"name": why})
    _check_name(session, draft, key)
    if set(draft.permissions) - set(row.permissions):
        _check_permissions(draft, who)
    before = told(row)
    _fill(row, draft)
    if before != told(row):
        row.version, row.changed_at, row.changed_by = row.version + 1, now, who
        audit.record(session, who, "role.change", f"role:{key}", before, told(row), now)
    return row


def delete(session: Session, key: str, instead: str | None, now: datetime, who: str) -> None:
    """Not while somebody holds it, unless `instead` names the role that they hold from then on."""
    row = locked(session, key)
    count = holders(session, key)
    if count and not instead:
        why = _ln(
            "%(num)s person, token or invitation holds this role. Choose what they hold instead.",
            "%(num)s people, tokens and invitations hold this role. Choose what they hold instead.",
            count,
        )
        raise Conflict(why, {"instead": why})
    if count and instead:
        _reassign(session, key, instead, who)
    session.delete(row)
    after = {"instead": instead, "holders": count} if count else {}
    audit.record(session, who, "role.delete", f"role:{key}", told(row), after, now)


def holders(session: Session, key: str) -> int:
    return sum(
        session.scalar(select(func.count()).select_from(column.class_).where(column == key)) or 0
        for column in HOLDERS
    )


def _reassign(session: Session, key: str, instead: str, who: str) -> None:
    if instead == key or not role_queries.exists(session, instead):
        raise Refused(_l("The role was not deleted."), {"instead": _l("Choose one of the other roles.")})
    if second_admin.must_agree(session, instead, who):
        raise Refused(_l("The role was not deleted."), {"instead": _l("Choose a role that is no admin.")})
    _drop_doubles(session, key, instead)
    for column in HOLDERS:
        session.execute(update(column.class_).where(column == key).values(role=instead))


def _drop_doubles(session: Session, key: str, instead: str) -> None:
    """Who holds the other role in the same place already needs no second grant of it."""
    rows = session.scalars(select(GrantRow).where(GrantRow.role.in_((key, instead)))).all()
    kept = {_place(row) for row in rows if row.role == instead}
    for row in rows:
        if row.role == key and _place(row) in kept:
            session.delete(row)
    session.flush()


def _place(row: GrantRow) -> tuple[int, str | None, str | None, bool]:
    return row.person_id, row.environment, row.locale, row.is_main


def locked(session: Session, key: str) -> RoleRow:
    row = session.get(RoleRow, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(_l("There is no own role of this key."))
    return row


def told(row: RoleRow) -> dict[str, object]:
    return {"name": row.name, "about": row.about, "permissions": list(row.permissions)}


def _fill(row: RoleRow, draft: Draft) -> None:
    row.name, row.about, row.permissions = draft.name, draft.about, list(draft.permissions)


def _check_name(session: Session, draft: Draft, key: str) -> None:
    names = role_queries.role_names(session)
    if any(str(name).lower() == draft.name.lower() for other, name in names.items() if other != key):
        why = _l("There is a role of this name already.")
        raise Refused(_l("The role was not saved."), {"name": why})


def _check_permissions(draft: Draft, who: str) -> None:
    if wrong := second_admin.wrong_permissions(draft.permissions, who):
        raise Refused(_l("The role was not saved."), {"permissions": wrong})
