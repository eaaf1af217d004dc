"""Scheduled work of flags."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.db import transaction
from app.errors import Unavailable
from app.events import publish_on_commit
from app.flags import change_request_commands as change_requests
from app.flags import sightings
from app.mail import Mail, deliver
from app.series import store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.flags.change_request_models import ChangeRequest
    from app.sources import Sources

log = logging.getLogger(__name__)

AUDIENCE_KEY = "live.shoppers_hour"
AUDIENCE = timedelta(hours=1)
_SHOPPERS = text(
    "SELECT count(DISTINCT visitor_id) FROM reporting.usage_events WHERE at >= :start AND at < :end"
)


def audience(session: Session, now: datetime, sources: Sources) -> str:
    """How many shoppers a percentage is of: pages say "about 12 of 48" without counting in a request."""
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        shoppers = reporting.scalar(_SHOPPERS, {"start": now - AUDIENCE, "end": now}) or 0
    store.record(session, AUDIENCE_KEY, [(now, shoppers)])
    return f"{shoppers} shoppers in the last hour"


def changes(session: Session, now: datetime, sources: Sources) -> str:
    """Make what was planned for an hour that has come, each once; tell authors of what could not be made."""
    made = kept_back = 0
    for request in change_requests.due(session, now):
        try:
            with session.begin_nested():
                done = change_requests.apply_planned(session, request, now)
        except Exception:  # isolated: logged, and tried again by the next run, so that the others go on
            log.exception("planned change %s failed", request.id)
            continue
        made, kept_back = made + done, kept_back + (not done)
    if made or kept_back:
        publish_on_commit(session, sources.redis, "flags")
        publish_on_commit(session, sources.redis, "timeline")
    told = _tell_authors(session, now, sources)
    return f"{made} planned changes made, {kept_back} not made, {told} authors told"


def _tell_authors(session: Session, now: datetime, sources: Sources) -> int:
    """By mail, where the author has an address. What the mail server did not take is sent by the next run."""
    told = 0
    for request in change_requests.untold(session):
        if "@" in request.author:
            try:
                deliver(sources.config, _mail(request, sources.config.control_url), now)
            except Unavailable as problem:
                log.warning("planned change %s: %s", request.id, problem)
                continue
        request.told_at = now
        told += 1
    return told


def _mail(request: ChangeRequest, control_url: str) -> Mail:
    reasons = {
        "late": "Its hour passed while the scheduler was down, and it would have reached more shoppers.",
        "changed": f"Somebody changed {request.problem_text} in between.",
    }
    why = reasons.get(request.problem or "", request.problem_text or "")
    text = (
        f"{request.title} ({request.environment}) was planned and was not made.\n\n{why}\n\n"
        f"Nothing was changed. Look at it and decide again: {control_url}/flags/-/changes/{request.id}\n"
    )
    name = f"flag-change-{request.id}-{request.round}-not-made"
    return Mail(name, request.author, f"Not made: {request.title}", text)


def prune(session: Session, now: datetime, sources: Sources) -> str:
    return f"{sightings.prune(session, now)} old counts and SDK instances forgotten"
