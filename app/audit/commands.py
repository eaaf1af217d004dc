"""Writing the audit trail: in the transaction of the change, so that neither exists without the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from sqlalchemy.orm import Session

from app.audit.models import AuditEntry

# Values under these names are never kept, only that there was one.
SECRET = ("password", "secret", "token", "hash", "card")
HIDDEN = "•••"


def record(
    session: Session,
    who: str,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> AuditEntry:
    """`before` and `after`: the changed thing as plain values; None or {} where there was nothing."""
    entry = AuditEntry(
        at=now,
        who=who,
        action=action,
        subject=subject,
        before=_plain(before or {}),
        after=_plain(after or {}),
    )
    session.add(entry)
    return entry


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): HIDDEN if _is_secret(str(name)) else _value(value) for name, value in values.items()}


def _is_secret(name: str) -> bool:
    return any(word in name.lower().split("_") for word in SECRET)


def _value(value: Any) -> Any:
    """What JSON can hold; other things as their text."""
    match value:
        case float():
            return value if isfinite(value) else str(value)
        case None | bool() | int():
            return value
        case str():
            return value.replace("\x00", "").encode("utf-8", "replace").decode()
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            return _plain(value)
        case list() | tuple() | set() | frozenset():
            return [_value(item) for item in value]
        case _:
            return str(value)
