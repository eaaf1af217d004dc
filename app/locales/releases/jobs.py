"""Scheduled work of releases: showing what waits for its hour."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from app.db import transaction
from app.errors import Unavailable
from app.events import publish_on_commit
from app.locales.releases import commands, planning

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

log = logging.getLogger(__name__)


def show_planned(session: Session, now: datetime, sources: Sources) -> str:
    """Each locale in a transaction of its own, so that one that fails stops no other."""
    codes = planning.due(session, now)
    failed = [code for code in codes if not _keep(code, now, sources)]
    if failed:
        raise Unavailable(f"Planned releases of {', '.join(failed)} were not shown", "releases")
    return f"{len(codes)} planned releases were due"


def _keep(code: str, now: datetime, sources: Sources) -> bool:
    try:
        with transaction(sources.control, "PostgreSQL") as session:
            planning.keep(session, code, now)
            for topic in ("locales", "timeline"):
                publish_on_commit(session, sources.redis, topic)
        commands.nudge(sources.redis, code)
    except Exception:  # isolated: logged, and the job counts as failed
        log.exception("the planned release of %s was not shown", code)
        return False
    return True
