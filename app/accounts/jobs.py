"""Housekeeping of sessions, and the mails about accounts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import idempotency
from app.accounts import (
    access_token_commands,
    commands,
    letters,
    password_links,
    personal_data,
    sign_in,
    token_commands,
)
from app.accounts.invitation_models import AccountMailRow
from app.db import transaction
from app.mail import deliver, send_each

if TYPE_CHECKING:
    from app.sources import Sources

MAILS_AT_ONCE = 50
TRIES = timedelta(days=1)  # how long a mail that is not accepted is tried again


def prune(session: Session, now: datetime, sources: Sources) -> str:
    sign_in.prune(session, now)
    password_links.prune(session, now)
    personal_data.prune_invitations(session, now)
    session.execute(delete(AccountMailRow).where(AccountMailRow.created_at <= now - TRIES))
    return f"{commands.prune(session, now)} ended sessions forgotten"


def send_mails(session: Session, now: datetime, sources: Sources) -> str:
    """Each in a transaction of its own. A mail that went out is forgotten, and so is what it said."""
    due = session.scalars(
        select(AccountMailRow.id)
        .where(AccountMailRow.created_at > now - TRIES)
        .order_by(AccountMailRow.id)
        .limit(MAILS_AT_ONCE)
    ).all()
    return send_each(due, lambda number: _send(number, now, sources))


def _send(number: int, now: datetime, sources: Sources) -> None:
    with transaction(sources.control, "PostgreSQL") as session:
        row = session.get(AccountMailRow, number, with_for_update={"skip_locked": True})
        if row is None:
            return
        if (mail := letters.compose(session, row, sources.config, now)) is not None:
            deliver(sources.config, mail, now)
        session.delete(row)


def rotate_keys(session: Session, now: datetime, sources: Sources) -> str:
    return f"{access_token_commands.rotate_keys(session, now)} keys made"


def warn_of_tokens(session: Session, now: datetime, sources: Sources) -> str:
    return f"{token_commands.warn(session, now)} tokens end soon"


def prune_keys(session: Session, now: datetime, sources: Sources) -> str:
    return idempotency.prune(session, now, sources)
