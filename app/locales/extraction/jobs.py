"""Scheduled work: the shop's sources, where they lie beside the control plane, are read when they change."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.locales.extraction import commands, template

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

ROOT = Path(__file__).parents[3]
WHO = "scheduler"


def extract(session: Session, now: datetime, sources: Sources) -> str:
    place = template.find(ROOT)
    return commands.extract(session, place, WHO, now) if place else "neither sources nor a template are here"
