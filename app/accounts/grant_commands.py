"""Writes of what people hold beside their main role. They count from the person's next request."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import role_queries, second_admin
from app.accounts.models import PersonRow
from app.accounts.role_models import GrantRow
from app.audit import commands as audit
from app.errors import Conflict, Forbidden, NotFound, Refused
from app.guards import SCOPED_BY, Scope

LONGEST_SCOPE = 100


def grant(
    session: Session,
    person_id: int,
    role: str,
    environment: str | None,
    locale: str | None,
    ends_at: datetime | None,
    now: datetime,
    who: str,
) -> GrantRow:
    """A role everywhere, in one environment or in one locale. Given again, it ends when it is said now."""
    person = _person(session, person_id)
    _check(session, role, environment, locale, ends_at, now)
    waits = second_admin.must_agree(session, role, who) and environment is None and locale is None
    if waits:
        second_admin.check_author(who)
    row = _same(session, person_id, role, environment, locale, is_main=False)
    before = told(row) if row is not None else {}
    if row is None:
        row = _new(person_id, role, environment, locale, now, who, waits=waits, is_main=False)
        session.add(row)
    row.ends_at = ends_at
    session.flush()
    if before != told(row):
        audit.record(session, who, "person.grant", f"person:{person.email}", before, told(row), now)
    return row


def ask_for_main(session: Session, person: PersonRow, role: str, now: datetime, who: str) -> GrantRow:
    """Another main role, once a second admin agrees; until then the person keeps the one they have."""
    second_admin.check_author(who)
    if _same(session, person.id, role, None, None, is_main=True) is not None:
        raise Conflict(_l("This waits for a second admin already."))
    row = _new(person.id, role, None, None, now, who, waits=True, is_main=True)
    session.add(row)
    session.flush()
    audit.record(
        session, who, "person.role.ask", f"person:{person.email}", {"role": person.role}, told(row), now
    )
    return row


def approve(session: Session, grant_id: int, now: datetime, who: str) -> GrantRow | None:
    """A second admin agrees: neither who asked for it nor who gets it. None: it is the main role now."""
    row, person = _locked(session, grant_id)
    if row.approved_at is not None:
        raise Conflict(_l("Somebody agreed to this already."))
    second_admin.check_author(who)
    if who in (row.created_by, person.email):
        raise Forbidden(_l("This is your own change. Somebody else has to approve it."))
    before, subject = told(row), f"person:{person.email}"
    if row.is_main:
        before = {"role": person.role}
        person.role = row.role
        session.delete(row)
        audit.record(
            session, who, "person.role", subject, before, {"role": row.role, "asked_by": row.created_by}, now
        )
        return None
    row.approved_at, row.approved_by = now, who
    audit.record(session, who, "person.grant.approve", subject, before, told(row), now)
    return row


def withdraw(session: Session, grant_id: int, now: datetime, who: str) -> None:
    row, person = _locked(session, grant_id)
    session.delete(row)
    audit.record(session, who, "person.grant.withdraw", f"person:{person.email}", told(row), {}, now)


def told(row: GrantRow) -> dict[str, object]:
    return {
        "role": row.role,
        "environment": row.environment,
        "locale": row.locale,
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "waits": row.approved_at is None,
    }


def _new(
    person_id: int,
    role: str,
    environment: str | None,
    locale: str | None,
    now: datetime,
    who: str,
    *,
    waits: bool,
    is_main: bool,
) -> GrantRow:
    return GrantRow(
        person_id=person_id,
        role=role,
        environment=environment,
        locale=locale,
        is_main=is_main,
        created_at=now,
        created_by=who,
        approved_at=None if waits else now,
        approved_by=None if waits else who,
    )


def _check(
    session: Session,
    role: str,
    environment: str | None,
    locale: str | None,
    ends_at: datetime | None,
    now: datetime,
) -> None:
    wrong: dict[str, object] = {}
    permissions = role_queries.permissions_of(session, role)
    scope: Scope | None = "environment" if environment else "locale" if locale else None
    if environment and locale:
        wrong["locale"] = _l("Choose an environment or a locale, not both.")
    elif max(len(environment or ""), len(locale or "")) > LONGEST_SCOPE:
        wrong[scope or "environment"] = _l("Use at most %(most)s characters.", most=LONGEST_SCOPE)
    if permissions is None:
        wrong["role"] = _l("Choose one of the roles.")
    elif scope is not None and not any(SCOPED_BY.get(each) == scope for each in permissions):
        wrong["role"] = _l("Nothing that this role holds can be given for one place alone.")
    if ends_at is not None and ends_at <= now:
        wrong["ends_at"] = _l("Choose a time that is still to come.")
    if wrong:
        raise Refused(_l("Nothing was granted."), wrong)


def _person(session: Session, person_id: int) -> PersonRow:
    person = session.get(PersonRow, person_id, with_for_update=True)
    if person is None:
        raise NotFound(_l("There is no such person."))
    return person


def _same(
    session: Session, person_id: int, role: str, environment: str | None, locale: str | None, *, is_main: bool
) -> GrantRow | None:
    return session.scalar(
        select(GrantRow).where(
            GrantRow.person_id == person_id,
            GrantRow.role == role,
            GrantRow.environment.is_not_distinct_from(environment),
            GrantRow.locale.is_not_distinct_from(locale),
            GrantRow.is_main == is_main,
        )
    )


def _locked(session: Session, grant_id: int) -> tuple[GrantRow, PersonRow]:
    row = session.get(GrantRow, grant_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(_l("There is no such grant."))
    return row, _person(session, row.person_id)
