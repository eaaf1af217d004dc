"""Scheduled work of guarded releases: look at each candidate, tell people what was decided."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.db import transaction
from app.errors import Unavailable
from app.events import publish_on_commit
from app.locales.releases.commands import nudge
from app.mail import deliver, send_each
from app.word_releases import commands, looking, mails, queries

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

log = logging.getLogger(__name__)

MAILS_AT_ONCE = 20
TRIES = timedelta(days=1)  # how long a mail that is not accepted is tried again


def decide(session: Session, now: datetime, sources: Sources) -> str:
    """One look at each candidate, each in a transaction of its own: one that fails stops no other."""
    codes = queries.open_codes(session)
    failed = [code for code in codes if not _look(code, now, sources)]
    if failed:
        raise Unavailable(f"No look at the candidates of {', '.join(failed)}", "candidate releases")
    return f"{len(codes)} candidates looked at"


def _look(code: str, now: datetime, sources: Sources) -> bool:
    try:
        with transaction(sources.control, "PostgreSQL") as session:
            row = commands.open_rollout(session, code)
            decision = looking.look(session, row, now, sources) if row else None
            for topic in ("locales", "timeline") if decision else ():
                publish_on_commit(session, sources.redis, topic)
        if decision is not None and decision.action in ("advance", "finish", "roll_back", "expire"):
            nudge(sources.redis, code)
    except Exception:  # isolated: logged, and the job counts as failed
        log.exception("no look at the candidate of %s", code)
        return False
    return True


def tell(session: Session, now: datetime, sources: Sources) -> str:
    """Mail what was decided to who published it. A mail keeps its name at each try, so it is there once."""
    due = queries.unmailed(session, now - TRIES, MAILS_AT_ONCE)
    return send_each(due, lambda number: _mail(number, now, sources))


def _mail(number: int, now: datetime, sources: Sources) -> None:
    with transaction(sources.control, "PostgreSQL") as session:
        if (found := queries.mail_due(session, number)) is not None:
            entry, row = found
            deliver(sources.config, mails.mail(sources.config.control_url, row, entry), entry.at)
            entry.mailed_at = now
