"""Writing the audit trail: in the transaction of the change, so that neither exists without the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.audit import chain
from app.audit.keeping import clean, kept
from app.audit.models import AuditEntry
from app.audit.origin import origin


def record(
    session: Session,
    who: str,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> AuditEntry:
    """`before` and `after`: the changed thing as plain values; None or {} where there was nothing.

    From where it comes is read from the request, where there is one.
    """
    entry = AuditEntry(
        at=now,
        who=clean(who),
        action=action,
        subject=clean(subject),
        before=kept(before or {}),
        after=kept(after or {}),
        **vars(origin(who)),
    )
    session.add(entry)
    chain.expect(session, entry)
    return entry
