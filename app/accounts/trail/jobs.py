"""The audit trail, looked after: verified, anchored in the log, and rid of what is too old."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.audit import checks, retention
from app.timeline import commands as timeline

if TYPE_CHECKING:
    from app.sources import Sources

log = logging.getLogger(__name__)

VERIFY, ANCHOR, PRUNE = "job:audit.verify", "job:audit.anchor", "job:audit.prune"


def verify(session: Session, now: datetime, sources: Sources) -> str:
    """Also seals what is from before the chain. A chain that is broken is told of once."""
    if sealed := retention.adopt(session, now, VERIFY):  # under the lock, so that nothing long may follow
        return f"{sealed} entries from before the chain were sealed; the next run verifies them"
    found = checks.check(session, now)
    if found.broken is None:
        return f"{found.entries} entries are whole"
    log.error("the audit trail is broken at entry %s: %s", found.broken.sequence, found.broken.how)
    timeline.record(
        session,
        now,
        "incident",
        "The audit trail was tampered with",
        "audit:chain",
        detail=f"{found.broken.how}, entry {found.broken.sequence}",
        url="/audit/",
        key=f"audit.broken:{found.broken.sequence}:{found.broken.how}",
    )
    return f"BROKEN at entry {found.broken.sequence}: {found.broken.how}"


def anchor(session: Session, now: datetime, sources: Sources) -> str:
    """Into the log, which is kept elsewhere: who rewrites the trail cannot rewrite that."""
    sequence, seal = checks.end_of(session)
    log.warning("audit anchor: day=%s sequence=%s seal=%s", now.date(), sequence, seal)
    return f"entry {sequence} is the anchor of {now.date()}"


def prune(session: Session, now: datetime, sources: Sources) -> str:
    removed = retention.remove_old(session, sources.config.audit_keep_days, now, PRUNE)
    return f"{removed} entries were older than they are kept for"
