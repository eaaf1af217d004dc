"""Looks at the whole chain, and what the last one found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit import chain, seals, verifying
from app.audit.models import AuditCheck, AuditHead
from app.audit.verifying import Verdict


def check(session: Session, now: datetime) -> Verdict:
    """Verify, and keep what came of it for pages, gauges and the job."""
    found = verifying.verify(session)
    values = {
        "at": now,
        "entries": found.entries,
        "broken_at": found.broken.sequence if found.broken else None,
        "how": found.broken.how if found.broken else None,
    }
    statement = insert(AuditCheck).values(id=chain.ONLY, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    return found


def last_check(session: Session) -> AuditCheck | None:
    return session.get(AuditCheck, chain.ONLY, populate_existing=True)


def end_of(session: Session) -> tuple[int, str]:
    """Number and seal of the newest entry: the anchor."""
    head = session.get(AuditHead, chain.ONLY, populate_existing=True)
    return (head.sequence, head.entry_seal) if head else (0, seals.START)
