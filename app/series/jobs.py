"""Housekeeping of points."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.series import store

if TYPE_CHECKING:
    from app.sources import Sources

FINE_FOR = timedelta(days=7)


def thin(session: Session, now: datetime, sources: Sources) -> str:
    return f"{store.thin(session, now - FINE_FOR)} points of older hours forgotten"
