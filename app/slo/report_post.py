"""Mails the report of the last whole week and month to each recipient, once."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from app.db import transaction
from app.errors import Refused, Unavailable
from app.mail import deliver
from app.slo import report_commands, report_mail, report_queries
from app.slo.report import KINDS, Report, last_whole
from app.sources import Sources

log = logging.getLogger(__name__)


def send_due(session: Session, now: datetime, sources: Sources) -> str:
    """Nobody is sent a period's report twice; a mail that failed is tried again at the next run."""
    tried = []
    for kind in KINDS:
        period = last_whole(kind, now)
        waiting = report_queries.waiting(session, period)
        made = report_queries.made(session, period, now) if waiting else None
        tried += [_mailed(made, one.email, one.language, now, sources) for one in waiting if made]
    said = f"reports sent: {tried.count(True)}"
    if False in tried:
        raise Refused(f"{said}, not accepted by the mail server: {tried.count(False)}")
    return said


def _mailed(made: Report, email: str, language: str, now: datetime, sources: Sources) -> bool:
    """In a transaction of its own, so that one that fails takes back nothing of the others."""
    try:
        with transaction(sources.control, "PostgreSQL") as session:
            if report_commands.claim(session, made.period.name, email, now):
                mail = report_mail.compose(made, email, language, sources.config.control_url)
                deliver(sources.config, mail, now)
    except Unavailable as error:
        log.warning("report %s: %s", made.period.name, error)
        return False
    return True
