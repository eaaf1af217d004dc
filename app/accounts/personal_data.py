"""What is kept of somebody who runs the shop: handed out whole, and erased.

Features keep who did what by address, in columns with such names; what belongs to one person alone refers to
`people`. Both are found by walking the tables, so that a new feature is heeded without being named here.

What people did to production stays attributable: the audit trail keeps the address until its own retention
ends (AUDIT_KEEP_DAYS), and only there. Everywhere else it becomes `erased-<number>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Column, Table, Text, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts import commands
from app.accounts.invitation_models import InvitationRow
from app.accounts.models import PersonRow
from app.audit import commands as audit
from app.db import Base
from app.errors import NotFound, Refused
from app.vault import Sealed

NAMES_A_PERSON = re.compile(r"(^|_)(who|person|email|by|author|writer|owner|to)$")
GETS_MAIL = re.compile(r"(^|_)(email|mail|to)$")
SECRET = re.compile(r"hash|seed|secret|code|link")
TRAIL = ("audit_entries", "audit_checks")
MOST_ROWS = 5_000  # of one table
KEEP_INVITATIONS = timedelta(days=90)


def export_of(session: Session, person_id: int) -> dict[str, Any]:
    """Table → rows. What would let whoever holds the file act as the person is left out."""
    person = _person(session, person_id)
    (own,) = _plain(Base.metadata.tables["people"], session, PersonRow.id == person_id)
    return {"person": own, "kept": dict(_everything(session, person.id, person.email))}


def _everything(session: Session, person_id: int, email: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for table in _tables():
        mine = [column == person_id for column in _references(table)]
        mine += [func.lower(column) == email.lower() for column in _names(table)]
        if mine and (rows := _plain(table, session, or_(*mine))):
            yield table.name, rows


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name != "people"]


def _references(table: Table) -> list[Column[Any]]:
    """Columns that refer to one person."""
    return [one for one in table.columns for key in one.foreign_keys if key.target_fullname == "people.id"]


def _names(table: Table) -> list[Column[Any]]:
    """Columns that may hold an address."""
    return [one for one in table.columns if isinstance(one.type, Text) and NAMES_A_PERSON.search(one.name)]


def _plain(table: Table, session: Session, mine: Any) -> list[dict[str, Any]]:
    shown = [one for one in table.columns if not SECRET.search(one.name) and not isinstance(one.type, Sealed)]
    rows = session.execute(select(*shown).where(mine).limit(MOST_ROWS)).mappings()
    return [{name: _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)


def erase(session: Session, person_id: int, who: str, now: datetime) -> None:
    """Refused for the last admin. Erasing again changes nothing."""
    person = _person(session, person_id)
    address = f"erased-{person_id}"
    if person.email == address:
        return
    if person.email == who:
        raise Refused(_l("Have another admin erase you, so that somebody knows."))
    commands.set_active(session, person_id, False, now, who)
    audit.record(
        session, who, "person.erase", f"person:{person.email}", {"name": person.name}, {"as": address}, now
    )
    email = person.email
    for table in reversed(_tables()):
        if table.name not in TRAIL:
            _forget(session, table, person_id, email, address)
    person.email, person.name, person.password_hash, person.role = address, "", "", "viewer"
    person.locale = person.theme = person.signed_in_at = None
    session.flush()


def _forget(session: Session, table: Table, person_id: int, email: str, address: str) -> None:
    """Rows of the person's own go, as do those by which mails are sent; elsewhere the address is replaced."""
    for column in _references(table):
        session.execute(delete(table).where(column == person_id))
    for column in _names(table):
        same = func.lower(column) == email.lower()
        if GETS_MAIL.search(column.name) and not column.nullable:
            session.execute(delete(table).where(same))
        else:
            session.execute(update(table).where(same).values({column: address}))


def _person(session: Session, person_id: int) -> PersonRow:
    person = session.get(PersonRow, person_id, with_for_update=True)
    if person is None:
        raise NotFound(_l("There is no such person."))
    return person


def prune_invitations(session: Session, now: datetime) -> int:
    """Addresses of people who were invited long ago, and joined or never came. How many went."""
    ended = func.coalesce(InvitationRow.accepted_at, InvitationRow.withdrawn_at, InvitationRow.expires_at)
    gone = delete(InvitationRow).where(ended < now - KEEP_INVITATIONS).returning(InvitationRow.id)
    return len(session.scalars(gone).all())
