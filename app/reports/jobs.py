"""Scheduled work: make the review of each period once it is over, and mail it once."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from app.db import transaction
from app.errors import Refused, Unavailable
from app.mail import deliver
from app.reports import commands, gather, mails, queries
from app.reports.gather import House
from app.reports.period import KINDS, Period, last_settled, read_period

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

log = logging.getLogger(__name__)
WHO = "scheduler"


def make(session: Session, now: datetime, sources: Sources) -> str:
    """The last week, month, quarter and year, if anything was recorded in it. Each is made once."""
    whose = gather.house(sources.config)
    due = [last_settled(kind, now) for kind in KINDS]
    waiting = [period for period in due if not queries.exists(session, period.name)]
    made = [period.name for period in waiting if _is_known(session, period, now, whose)]
    for name in made:
        commands.make(session, read_period(name), whose, WHO, now)
    return f"reviews made: {', '.join(made)}" if made else "every review is made"


def _is_known(session: Session, period: Period, now: datetime, whose: House) -> bool:
    found = gather.sections(session, period, now, whose)
    return any(figure.value is not None for section in found for figure in section.figures)


def mail(session: Session, now: datetime, sources: Sources) -> str:
    """Nobody is sent a review twice; a mail that failed is tried again at the next run."""
    tried = []
    for period in (last_settled(kind, now) for kind in KINDS):
        if queries.exists(session, period.name):
            waiting = queries.waiting(session, period)
            tried += [_mailed(period, one.email, one.language, now, sources) for one in waiting]
    said = f"reviews sent: {tried.count(True)}"
    if False in tried:
        raise Refused(f"{said}, not accepted by the mail server: {tried.count(False)}")
    return said


def _mailed(period: Period, email: str, language: str, now: datetime, sources: Sources) -> bool:
    """In a transaction of its own, so that one that fails takes back nothing of the others."""
    try:
        with transaction(sources.control, "PostgreSQL") as session:
            if commands.claim(session, period.name, email, now):
                made = queries.one(session, period.name)
                deliver(sources.config, mails.compose(made, email, language, sources.config.control_url), now)
    except Unavailable as error:
        log.warning("review %s: %s", period.name, error)
        return False
    return True
