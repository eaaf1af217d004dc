"""Housekeeping of sessions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.accounts import commands

if TYPE_CHECKING:
    from app.sources import Sources


def prune(session: Session, now: datetime, sources: Sources) -> str:
    return f"{commands.prune(session, now)} ended sessions forgotten"
