"""Reads of guarded releases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.word_releases.models import WordDecision, WordRollout

MOST_DECISIONS = 100


def open_codes(session: Session) -> list[str]:
    wanted = select(WordRollout.locale).where(WordRollout.ended_at.is_(None)).order_by(WordRollout.id)
    return list(session.scalars(wanted))


def latest(session: Session, code: str) -> WordRollout | None:
    """The candidate that is on its way, else the one before."""
    wanted = select(WordRollout).where(WordRollout.locale == code).order_by(WordRollout.id.desc()).limit(1)
    return session.scalar(wanted)


def decisions(session: Session, rollout_id: int) -> list[WordDecision]:
    """Newest first."""
    wanted = select(WordDecision).where(WordDecision.rollout_id == rollout_id)
    return list(session.scalars(wanted.order_by(WordDecision.id.desc()).limit(MOST_DECISIONS)))


def unmailed(session: Session, since: datetime, most: int) -> list[int]:
    wanted = select(WordDecision.id).where(
        WordDecision.mail_to != "", WordDecision.mailed_at.is_(None), WordDecision.at >= since
    )
    return list(session.scalars(wanted.order_by(WordDecision.id).limit(most)))


def mail_due(session: Session, number: int) -> tuple[WordDecision, WordRollout] | None:
    """Locked, so that two schedulers send it once."""
    wanted = (
        select(WordDecision, WordRollout)
        .join(WordRollout, WordRollout.id == WordDecision.rollout_id)
        .where(WordDecision.id == number, WordDecision.mailed_at.is_(None))
        .with_for_update(of=WordDecision, skip_locked=True)
    )
    found = session.execute(wanted).first()
    return (found[0], found[1]) if found else None
