"""Scheduled work on silences: remind before one ends, end those whose alerts have gone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import mail
from app.alerts.models import Alert
from app.alerts.silences import commands
from app.alerts.silences.models import SilenceNote
from app.alerts.silences.silence import Silence, from_api, is_ending, is_over
from app.events import publish_on_commit
from app.sources import Sources

WHO = "job:alerts.silences"


def look(session: Session, now: datetime, sources: Sources) -> str:
    active = {
        one.id: one for raw in sources.alertmanager.silences() if (one := from_api(raw)).state == "active"
    }
    notes = session.scalars(select(SilenceNote).where(SilenceNote.id.in_(active))).all()
    ended = sum(_end_if_over(session, active[note.id], now, sources) for note in notes if note.until_resolved)
    reminded = sum(_remind(session, active[note.id], now, sources) for note in notes)
    if ended or reminded:
        publish_on_commit(session, sources.redis, "alerts")
    return f"{len(active)} silences, {ended} ended, {reminded} reminded of"


def _end_if_over(session: Session, silence: Silence, now: datetime, sources: Sources) -> bool:
    firing = session.scalars(select(Alert.labels).where(Alert.ends_at.is_(None))).all()
    if not is_over(silence, firing, now):
        return False
    commands.expire(session, silence.id, WHO, now, sources)
    return True


def _remind(session: Session, silence: Silence, now: datetime, sources: Sources) -> bool:
    """Once for each end: whoever sets the mark sends the mail; a mail that fails leaves no mark."""
    if not is_ending(silence, now):
        return False
    marked = (
        update(SilenceNote)
        .where(SilenceNote.id == silence.id, SilenceNote.reminded_at.is_(None))
        .values(reminded_at=now)
        .returning(SilenceNote.made_by)
    )
    made_by = session.scalar(marked)
    if made_by is None:
        return False
    if "@" in made_by:
        mail.deliver(sources.config, _mail(silence, made_by, sources.config.control_url), now)
    return True


def _mail(silence: Silence, to: str, control_url: str) -> mail.Mail:
    what = ", ".join(str(one) for one in silence.matchers)
    ends = f"{silence.ends_at:%Y-%m-%d %H:%M} UTC"
    return mail.Mail(
        name=f"silence-{silence.id}-{silence.ends_at:%Y%m%d%H%M}",
        to=to,
        subject=f"A silence ends at {ends}",
        text=(
            f"Your silence of {what} ends at {ends}. Alerts that it hides will be heard again.\n"
            f"Why it was made: {silence.comment}\n\n"
            f"Make it longer, or let it end: {control_url}/alerts/silences/\n"
        ),
    )
