"""Reads of the audit trail, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry

Line = AuditEntry
ROWS = 50
MOST_PAGES = 10_000
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Wanted:
    """What the reader looks for; an empty text looks for nothing in particular."""

    text: str = ""  # in who, action or subject
    who: str = ""
    subject: str = ""  # such as flag:new-checkout


def wanted(args: Mapping[str, str]) -> Wanted:
    """From an address. What is too long is cut; nothing here can be wrong enough for an error."""
    text, who, subject = (
        args.get(name, "").replace("\x00", "").strip()[:LONGEST_SEARCH] for name in ("q", "who", "subject")
    )
    return Wanted(text, who, subject)


def page(args: Mapping[str, str]) -> int:
    text = args.get("page", "1")
    return min(MOST_PAGES, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _matching(wanted: Wanted) -> Select[Any]:
    found = select(AuditEntry)
    if wanted.text:
        like = f"%{_literal(wanted.text)}%"
        found = found.where(
            or_(
                *(
                    column.ilike(like, escape="\\")
                    for column in (AuditEntry.who, AuditEntry.action, AuditEntry.subject)
                )
            )
        )
    if wanted.who:
        found = found.where(AuditEntry.who == wanted.who)
    if wanted.subject:
        found = found.where(AuditEntry.subject == wanted.subject)
    return found


def _literal(text: str) -> str:
    """Signs that LIKE would read as patterns stand for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def newest(session: Session, most: int) -> Sequence[Line]:
    return session.scalars(
        select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(most)
    ).all()


def search(session: Session, wanted: Wanted, page: int) -> tuple[Sequence[Line], int]:
    """One page (from 1) and how many pages there are."""
    found = _matching(wanted)
    count = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    ordered = found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    lines = session.scalars(ordered.limit(ROWS).offset((page - 1) * ROWS)).all()
    return lines, max(1, -(-count // ROWS))
