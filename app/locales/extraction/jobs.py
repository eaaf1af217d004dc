"""Scheduled work: reading what the shop says, where its sources lie here, and what its goods are called."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app import events
from app.db import transaction
from app.locales.extraction import commands, content, template

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

ROOT = Path(__file__).parents[3]
WHO = "scheduler"


def extract(session: Session, now: datetime, sources: Sources) -> str:
    place = template.find(ROOT)
    return commands.extract(session, place, WHO, now) if place else "neither sources nor a template are here"


def goods(session: Session, now: datetime, sources: Sources) -> str:
    """Take over what the goods are called. Twice for one moment changes nothing."""
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        found = content.read(reporting)
    if found is None:
        return "the shop does not tell its goods yet"
    events.publish_on_commit(session, sources.redis, "locales")
    return content.take(session, *found, now)
