"""The chain: in the moment of the commit each new entry is given its number, the seal before it, and its own.

The lock is taken by `before_commit` and so held only for the commit itself, whatever else the transaction
did before. A seal is an HMAC under a key that the database does not know (app/vault.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, SessionTransaction

from app import vault
from app.audit import seals
from app.audit.models import AuditEntry, AuditHead

LOCK = 7_340_028  # one commit at a time is given numbers
PURPOSE, HEAD_PURPOSE = "audit", "audit head"
NEW = "audit_new"  # of a session: entries of this transaction
ONLY = 1  # the id of the one head


def expect(session: Session, entry: AuditEntry) -> None:
    """Have an entry sealed when its transaction is committed."""
    if NEW not in session.info:
        session.info[NEW] = []
        event.listen(session, "before_commit", _seal_new)
        event.listen(session, "after_soft_rollback", _forget)
    session.info[NEW].append(entry)


def _seal_new(session: Session) -> None:
    if session.in_nested_transaction() or not session.info[NEW]:
        return
    new = [entry for entry in session.info[NEW] if entry in session]
    session.info[NEW].clear()
    for entry in new:
        if entry in session.new:  # written once, with its seal, after all else and under the lock
            session.expunge(entry)
    session.flush()
    seal(session, new)


def _forget(session: Session, ended: SessionTransaction) -> None:
    """What was rolled back is sealed by nobody; what a savepoint took back has left the session by itself."""
    if ended.parent is None:
        session.info[NEW].clear()


def seal(session: Session, entries: Sequence[AuditEntry]) -> None:
    """Append entries to the chain, in this order. The head is locked to the end of the transaction."""
    if not entries:
        return
    written = [entry.id for entry in entries if entry in session]
    head = locked_head(session, before=min(written, default=None))
    for entry in entries:
        entry.sequence, entry.previous = head.sequence + 1, head.entry_seal
        entry.seal = sign(entry.previous, fields_of(entry))
        head.sequence, head.entry_seal = entry.sequence, entry.seal
    session.add_all(entries)
    seal_head(session, head)


def locked_head(session: Session, before: int | None = None) -> AuditHead:
    """The head, which nobody else moves until this transaction ends. Made when there is none yet.

    Entries that were there `before` the first sealed one are from a time without seals: they, and no others,
    may be sealed later.
    """
    return _head(session) or _first_head(session, before)


def _head(session: Session) -> AuditHead | None:
    """In one statement, which waits for the lock and then reads the newest row, not that of its beginning."""
    lock = func.pg_advisory_xact_lock(LOCK)
    wanted = select(AuditHead, lock).where(AuditHead.id == ONLY).with_for_update(of=AuditHead)
    return session.scalar(wanted, execution_options={"populate_existing": True})


def _first_head(session: Session, before: int | None) -> AuditHead:
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    if (made := _head(session)) is not None:
        return made  # meanwhile, by another
    older = select(func.coalesce(func.max(AuditEntry.id), 0)).where(AuditEntry.seal.is_(None))
    if before is not None:
        older = older.where(AuditEntry.id < before)
    head = AuditHead(
        id=ONLY,
        base=0,
        base_seal=seals.START,
        sequence=0,
        entry_seal=seals.START,
        adopts_to=session.scalar(older) or 0,
        seal="",
    )
    session.add(head)
    return head


def seal_head(session: Session, head: AuditHead) -> None:
    head.seal = vault.held().sign(HEAD_PURPOSE, head_data(head))
    session.flush()


def head_data(head: AuditHead) -> bytes:
    return seals.head_bytes(head.base, head.base_seal, head.sequence, head.entry_seal, head.adopts_to)


def sign(previous: str, fields: dict[str, Any]) -> str:
    return vault.held().sign(PURPOSE, seals.sealed_bytes(previous, fields))


def proves(seal: str, previous: str, fields: Mapping[Any, Any]) -> bool:
    return vault.held().proves(seal, PURPOSE, seals.sealed_bytes(previous, fields))


def fields_of(entry: AuditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in seals.FIELDS}
