"""Somebody was erased: the numbers that stand for the person here become others, and every figure stays.

The shop says which visitor became which (`reporting.erased_visitors`), as long as it knows. Sessions, first
visits and first uses follow; orders follow by themselves, since the shop changed them. No day changes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, or_, select, text
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.kpi.models import KpiErasure, KpiEvent

_NEW = text("""
    SELECT erasure_id, at, user_id, former_user FROM reporting.erasures
    WHERE done_at IS NOT NULL AND NOT erasure_id = ANY (CAST(:known AS uuid[])) ORDER BY at""")
_VISITORS = text("""
    SELECT visitor_before, visitor_after FROM reporting.erased_visitors WHERE erasure_id = :erasure""")
_RENAME = (
    """UPDATE kpi_sessions AS old SET visitor = :after
       WHERE source = :source AND visitor = :before AND (account IS NULL OR account = :account_before)
         AND NOT EXISTS (
           SELECT FROM kpi_sessions AS new WHERE new.source = old.source AND new.visitor = :after
                                             AND new.began_at = old.began_at)""",
    """UPDATE kpi_sessions SET account = :account_after
       WHERE source = :source AND visitor = :after AND account = :account_before""",
    """INSERT INTO kpi_visitors AS known (source, visitor, first_at)
       SELECT source, :after, first_at FROM kpi_visitors WHERE source = :source AND visitor = :before
       ON CONFLICT (source, visitor)
           DO UPDATE SET first_at = least(known.first_at, excluded.first_at)""",
    """INSERT INTO kpi_first_uses AS known (source, visitor, feature, first_at)
       SELECT source, :after, feature, first_at FROM kpi_first_uses
       WHERE source = :source AND visitor = :before
       ON CONFLICT (source, visitor, feature)
           DO UPDATE SET first_at = least(known.first_at, excluded.first_at)""",
    # What is left under the old number is another account's on the same browser, or was read anew meanwhile.
    """DELETE FROM kpi_sessions AS old
       WHERE source = :source AND visitor = :before AND EXISTS (
           SELECT FROM kpi_sessions AS new WHERE new.source = old.source AND new.visitor = :after
                                             AND new.began_at = old.began_at)""",
    """DELETE FROM kpi_visitors AS seen WHERE source = :source AND visitor = :before AND NOT EXISTS (
           SELECT FROM kpi_sessions AS one WHERE one.source = seen.source AND one.visitor = seen.visitor)""",
    """DELETE FROM kpi_first_uses AS used WHERE source = :source AND visitor = :before AND NOT EXISTS (
           SELECT FROM kpi_sessions AS one WHERE one.source = used.source AND one.visitor = used.visitor)""",
)


@dataclass(frozen=True)
class Renamed:
    """Numbers as the tables hold them. Accounts None: the person never signed in."""

    before: int
    after: int
    account_before: int | None = None
    account_after: int | None = None


def number(name: str) -> int:
    """What `facts.SESSIONS` makes of an id: the first 64 bits of its MD5."""
    return int.from_bytes(hashlib.md5(name.encode(), usedforsecurity=False).digest()[:8], "big", signed=True)


def account_number(user_id: object) -> int | None:
    return None if user_id is None else number(f"user {user_id}")


def rename(session: Session, source: str, renamed: Sequence[Renamed]) -> None:
    for one in renamed:
        values = {"source": source, **asdict(one)}
        for statement in _RENAME:
            session.execute(
                text(statement), {name: values[name] for name in values if f":{name}" in statement}
            )


def follow(session: Session, reporting: Session, now: datetime) -> int:
    """Every erasure that the shop has done and that was not followed yet; how many there were."""
    known = list(session.scalars(select(KpiErasure.erasure_id)))
    found = reporting.execute(_NEW, {"known": known}).all()
    for erasure in found:
        accounts = account_number(erasure.user_id), account_number(erasure.former_user)
        pairs = reporting.execute(_VISITORS, {"erasure": erasure.erasure_id})
        rename(session, "shop", [Renamed(before, after, *accounts) for before, after in pairs])
        _note(session, erasure.erasure_id, erasure.at, erasure.user_id, now)
    return len(found)


def _note(session: Session, erasure_id: UUID, at: datetime, user_id: int | None, now: datetime) -> None:
    session.add(KpiErasure(erasure_id=erasure_id, erased_at=at, user_id=user_id, followed_at=now))
    session.flush()


def erase_imported(session: Session, who_it_is: str, who: str, now: datetime) -> int:
    """Imported events of a user or a visitor lead to nobody any more; how many there were."""
    mine = or_(KpiEvent.user_id == who_it_is, KpiEvent.visitor_id == who_it_is)
    visitors = session.scalars(select(KpiEvent.visitor_id).where(mine).distinct()).all()
    users = session.scalars(select(cast(KpiEvent.user_id, Text)).where(mine).distinct()).all()
    user, former = next((one for one in users if one is not None), None), f"erased-{secrets.token_hex(8)}"
    changed = 0
    for visitor in visitors:
        after = secrets.token_hex(16)
        values = {"before": visitor, "after": after, "user": user, "former": former}
        changed += session.execute(_EVENTS, values).rowcount  # type: ignore[attr-defined]
        pair = Renamed(
            number(visitor), number(after), account_number(user), account_number(former if user else None)
        )
        rename(session, "import", [pair])
    record(session, who, "usage.erase", "usage", None, {"events": changed}, now)
    return changed


_EVENTS = text("""
    UPDATE kpi_events
    SET visitor_id = :after, session_id = md5(:after || session_id), path = '',
        user_id = CASE WHEN user_id IS NULL THEN NULL ELSE :former END
    WHERE visitor_id = :before AND (user_id IS NULL OR user_id = CAST(:user AS text))""")
