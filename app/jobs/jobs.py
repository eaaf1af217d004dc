"""Housekeeping of the runs themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app import mail
from app.jobs import commands

if TYPE_CHECKING:
    from app.sources import Sources


def prune(session: Session, now: datetime, sources: Sources) -> str:
    mails = mail.forget_old(sources.config.mail_dir, now)
    return f"{commands.prune(session, now)} old runs and {mails} mails on disk forgotten"
