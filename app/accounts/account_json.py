"""How accounts are written in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.browsers import browser_name
from app.accounts.invitations import Invited
from app.accounts.models import SessionRow
from app.accounts.queries import PersonLine

Json = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def person_json(line: PersonLine) -> Json:
    return {
        "id": line.id,
        "email": line.email,
        "name": line.name,
        "role": line.role,
        "is_active": line.is_active,
        "signed_in_at": moment(line.signed_in_at),
        "sessions": line.sessions,
        "second_factor_since": moment(line.second_factor_since),
        "has_made_password": line.has_made_password,
    }


def session_json(row: SessionRow, here: int | None = None) -> Json:
    """`here`: the number of the session that asks."""
    return {
        "id": row.id,
        "browser": browser_name(row.agent),
        "address": row.address,
        "created_at": moment(row.created_at),
        "seen_at": moment(row.seen_at),
        "is_this_one": row.id == here,
    }


def invitation_json(line: Invited) -> Json:
    return {
        "id": line.id,
        "email": line.email,
        "name": line.name,
        "role": line.role,
        "locale": line.locale,
        "state": line.state,
        "created_at": moment(line.created_at),
        "created_by": line.created_by,
        "sent_at": moment(line.sent_at),
        "expires_at": moment(line.expires_at),
    }
