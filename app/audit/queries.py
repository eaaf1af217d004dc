"""Reads of the audit trail, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, Text, cast, or_, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.errors import Refused
from app.ui.timerange import read_moment

Line = AuditEntry
LONGEST_SEARCH = 200
AT_ONCE = 500  # rows of an export that are in memory together


@dataclass(frozen=True)
class Wanted:
    """What the reader looks for; an empty text looks for nothing in particular."""

    q: str = ""  # in who, action or subject
    who: str = ""
    action: str = ""  # how it begins: flag, or flag.roll
    subject: str = ""  # such as flag:new-checkout
    address: str = ""
    text: str = ""  # in what was there before and after
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_all(self) -> bool:
        return self == Wanted()


def wanted(args: Mapping[str, str]) -> Wanted:
    """From an address. What is too long is cut; a moment that is none is refused beside its field."""
    texts = {
        one.name: args.get(one.name, "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        for one in fields(Wanted)
        if one.name not in ("since", "until")
    }
    return Wanted(**texts, since=_moment(args, "from"), until=_moment(args, "to"))


def _moment(args: Mapping[str, str], name: str) -> datetime | None:
    text = args.get(name, "").strip()
    if not text:
        return None
    if (found := read_moment(text)) is None:
        why = _l("Give a moment such as 2026-01-31T14:00:00Z.")
        raise Refused(why, {name: why})
    return found


def matching(wanted: Wanted) -> Select[Any]:
    found = select(AuditEntry)
    if wanted.q:
        columns = (AuditEntry.who, AuditEntry.action, AuditEntry.subject)
        found = found.where(or_(*(column.ilike(_within(wanted.q), escape="\\") for column in columns)))
    if wanted.text:
        values = (cast(AuditEntry.before, Text), cast(AuditEntry.after, Text))
        found = found.where(or_(*(value.ilike(_within(wanted.text), escape="\\") for value in values)))
    if wanted.action:
        found = found.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    for column, value in (
        (AuditEntry.who, wanted.who),
        (AuditEntry.subject, wanted.subject),
        (AuditEntry.address, wanted.address),
    ):
        if value:
            found = found.where(column == value)
    if wanted.since:
        found = found.where(AuditEntry.at >= wanted.since)
    return found.where(AuditEntry.at <= wanted.until) if wanted.until else found


def _within(text: str) -> str:
    """Signs that LIKE would read as patterns stand for themselves."""
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"


def newest(session: Session, most: int, subject: str = "") -> Sequence[Line]:
    """Of one thing, or of all."""
    found = matching(Wanted(subject=subject))
    return session.scalars(found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(most)).all()


def in_order(session: Session, wanted: Wanted) -> Iterator[Line]:
    """All that match, as the chain has them; those without a seal last. Few are in memory at a time."""
    rows = matching(wanted).order_by(AuditEntry.sequence.nulls_last(), AuditEntry.id)
    for some in session.scalars(rows.execution_options(yield_per=AT_ONCE)).partitions():
        yield from some  # the session holds on to none that nobody uses
