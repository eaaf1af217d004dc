"""Writes: locales themselves, who sees them, and who may do what in them. Nothing commits here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, Refused
from app.locales import access, locale_rules, queries
from app.locales.locale_rules import AVAILABILITY, OFF, ON, SOURCE_LOCALE
from app.locales.models import Locale, LocaleGrant
from app.locales.plurals import read_rule

LONGEST_PERSON = 200


def fallbacks(session: Session) -> dict[str, str | None]:
    return {row.code: row.fallback for row in session.execute(select(Locale.code, Locale.fallback))}


def add(session: Session, typed: str, plural_forms: str, who: str, now: datetime) -> Locale:
    """A new locale, off. `plural_forms` empty: what CLDR proposes."""
    code = locale_rules.canonical(typed)
    header = " ".join(plural_forms.split()) or locale_rules.proposed_rule(code)
    _check_rule(header)
    fallback = locale_rules.proposed_fallback(code, fallbacks(session))
    row = insert(Locale).values(
        code=code, plural_forms=header, created_at=now, availability=OFF, fallback=fallback
    )
    added = session.execute(row.on_conflict_do_nothing().returning(Locale.code)).scalar()
    if added is None:
        there = _l("This locale is there already.")
        raise Conflict(there, {"code": there})
    after = {"plural_forms": header, "availability": OFF, "fallback": fallback}
    record(session, who, "locales.add", f"locale:{code}", None, after, now)
    return queries.locale(session, code)


def _check_rule(header: str) -> None:
    try:
        read_rule(header)
    except Refused as problem:
        raise Refused(problem.message, {"plural_forms": problem.message}) from None


@dataclass(frozen=True)
class Settings:
    availability: str
    fallback: str | None  # None: the source
    asks_review: bool


def settings_of(row: Locale) -> Settings:
    return Settings(row.availability, row.fallback, row.asks_review)


def set_up(session: Session, code: str, wanted: Settings, who: str, now: datetime) -> Locale:
    """Who sees a locale, its fallback, and whether it asks for a review. The same again changes nothing."""
    session.execute(select(Locale.code).with_for_update())  # two halves of a cycle must not be made at once
    row = queries.locale(session, code)
    if wanted.availability not in AVAILABILITY:
        known = ", ".join(AVAILABILITY)
        why = _l("Choose one of: %(known)s.", known=known)
        raise Refused(_l("Nothing was changed."), {"availability": why})
    if code == SOURCE_LOCALE and wanted.availability != ON:
        why = _l("Shoppers always have the language of the source.")
        raise Refused(_l("Nothing was changed."), {"availability": why})
    locale_rules.check_fallback(code, wanted.fallback, fallbacks(session))
    before = settings_of(row)
    if before == wanted:
        return row
    row.availability, row.fallback, row.asks_review = wanted.availability, wanted.fallback, wanted.asks_review
    record(session, who, "locales.set_up", f"locale:{code}", vars(before), vars(wanted), now)
    return row


def grant(
    session: Session, code: str, person: str, permissions: Collection[str], who: str, now: datetime
) -> None:
    """Exactly these permissions for a person (an e-mail address, or token:<name>); none: off the list."""
    queries.locale(session, code)
    person = person.strip().lower()
    _check_grant(person, permissions)
    mine = (LocaleGrant.locale == code) & (LocaleGrant.person == person)
    before = sorted(session.scalars(select(LocaleGrant.permission).where(mine).with_for_update()))
    after = sorted(set(permissions))
    if before == after:
        return
    session.execute(delete(LocaleGrant).where(mine))
    rows = [
        {"locale": code, "person": person, "permission": each, "granted_by": who, "granted_at": now}
        for each in after
    ]
    if rows:
        session.execute(insert(LocaleGrant).values(rows).on_conflict_do_nothing())
    told = {"person": person}
    record(
        session,
        who,
        "locales.grant",
        f"locale:{code}",
        {**told, "permissions": before},
        {**told, "permissions": after},
        now,
    )


def _check_grant(person: str, permissions: Collection[str]) -> None:
    is_address = person.count("@") == 1 and not person.startswith("@") and not person.endswith("@")
    is_named = (is_address or person.startswith("token:")) and person.isprintable()
    if not is_named or len(person) > LONGEST_PERSON or " " in person:
        why = _l("Write the e-mail address somebody signs in with, or token:name.")
        raise Refused(_l("Nobody was added."), {"person": why})
    if unknown := sorted(set(permissions) - set(access.PERMISSIONS)):
        known = ", ".join(access.PERMISSIONS)
        why = _l("%(name)s is no permission. Use: %(known)s.", name=unknown[0][:40], known=known)
        raise Refused(_l("Nobody was added."), {"permissions": why})


@dataclass(frozen=True)
class Grantee:
    person: str
    permissions: frozenset[str]
    granted_by: str
    granted_at: datetime


def grantees(session: Session, code: str) -> list[Grantee]:
    """Who is listed for a locale, by name."""
    rows = session.scalars(
        select(LocaleGrant).where(LocaleGrant.locale == code).order_by(LocaleGrant.person)
    ).all()
    people: dict[str, list[LocaleGrant]] = {}
    for row in rows:
        people.setdefault(row.person, []).append(row)
    return [
        Grantee(person, frozenset(each.permission for each in mine), mine[0].granted_by, mine[0].granted_at)
        for person, mine in people.items()
    ]
