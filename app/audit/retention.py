"""What is old goes, through a checkpoint that says so; what is older than the chain is taken into it.

Both happen under the chain's lock and leave an entry of their own, so that neither can be done unseen.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.audit import chain
from app.audit.commands import record
from app.audit.models import AuditCheck, AuditEntry

MOST = 20_000  # entries of one transaction
SUBJECT = "audit:chain"


def remove_old(session: Session, keep_days: int, now: datetime, who: str) -> int:
    """How many entries were removed. None of a chain that is broken: they are evidence."""
    cutoff = now - timedelta(days=keep_days)
    old = select(AuditEntry.id).where(AuditEntry.at < cutoff, AuditEntry.seal.is_not(None)).limit(1)
    if keep_days == 0 or _is_broken(session) or session.scalar(old) is None:
        return 0
    head = chain.locked_head(session)
    kept = select(AuditEntry.sequence).where(AuditEntry.at >= cutoff, AuditEntry.sequence.is_not(None))
    kept_from = session.scalar(kept.order_by(AuditEntry.sequence).limit(1))
    last = min((kept_from or head.sequence + 1) - 1, head.base + MOST)
    if last <= head.base:
        return 0
    removed = last - head.base
    seal = session.scalar(select(AuditEntry.seal).where(AuditEntry.sequence == last))
    session.execute(select(func.set_config("backroom.audit_retention", "on", True)))
    session.execute(delete(AuditEntry).where(AuditEntry.sequence <= last))
    session.execute(select(func.set_config("backroom.audit_retention", "off", True)))
    before = {"begins_after": head.base}
    head.base, head.base_seal = last, seal or ""
    chain.seal_head(session, head)
    after = {"begins_after": last, "removed": removed, "older_than": cutoff, "seal_before": seal}
    record(session, who, "audit.prune", SUBJECT, before, after, now)
    return removed


def _is_broken(session: Session) -> bool:
    return session.scalar(select(AuditCheck.how).where(AuditCheck.id == chain.ONLY)) is not None


def adopt(session: Session, now: datetime, who: str, *, strays: bool = False) -> int:
    """Seal entries from before there were seals. What was done to them before now, no seal can tell.

    `strays`: also those that came later and have no seal, which only somebody at the machine may decide.
    """
    unsealed = AuditEntry.sequence.is_(None) & AuditEntry.seal.is_(None)
    if session.scalar(select(AuditEntry.id).where(unsealed).limit(1)) is None:
        return 0  # asked without the lock, which all commits wait for
    head = chain.locked_head(session)
    waiting = select(AuditEntry).where(unsealed).order_by(AuditEntry.id).limit(MOST)
    found = session.scalars(
        waiting if strays else waiting.where(AuditEntry.id.between(1, head.adopts_to))
    ).all()
    if not found:
        if head.adopts_to:
            head.adopts_to = 0
            chain.seal_head(session, head)
        return 0
    chain.seal(session, found)
    if len(found) < MOST and not strays:
        head.adopts_to = 0
        chain.seal_head(session, head)
    after = {"sealed": len(found), "from_id": found[0].id, "to_id": found[-1].id, "strays": strays}
    record(session, who, "audit.adopt", SUBJECT, None, after, now)
    return len(found)
