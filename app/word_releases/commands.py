"""Writes: what people do with a candidate release. What the job does is in looking.py and deciding.py."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.locales.releases import candidates
from app.locales.releases import commands as releases
from app.locales.releases import queries as release_queries
from app.rollouts.machine import Decision
from app.word_releases import deciding, share_plan
from app.word_releases.models import WordRollout
from app.word_releases.share_plan import SharePlan


def start(
    session: Session,
    code: str,
    note: str,
    plan: SharePlan,
    who: str,
    now: datetime,
    language: str = "en",
    number: int | None = None,
) -> WordRollout:
    """Show a new release of what is approved (or release `number`) to the first share of shoppers."""
    releases.locked(session, code)
    first = plan.steps[0].percent
    release = candidates.offer(session, code, note, first, who, now, number)
    live = release_queries.live(session, code)
    row = WordRollout(
        locale=code,
        candidate=release.number,
        stable=live.number if live else 0,
        plan=share_plan.as_json(plan),
        language=language,
        started_at=now,
        started_by=who,
        state="running",
        outcome="",
        step=0,
        step_since=now,
        observed_seconds=0.0,
        steady_seconds=0.0,
        exposures=None,
        approved=0,
        halted=False,
        let_go=False,
        seen={},
        memory={},
        looks=[],
        facts=None,
        verdicts=[],
        reason={},
    )
    _end_left_over(session, code, who, now)
    session.add(row)
    session.flush()
    deciding.carry_out(session, row, Decision("stay", "started", {"percent": first}), now, who)
    return row


def _end_left_over(session: Session, code: str, who: str, now: datetime) -> None:
    """A candidate that went by another way, such as a rollback, before the next look."""
    row = open_rollout(session, code)
    if row is not None:
        deciding.carry_out(session, row, Decision("abort", "by_hand"), now, who)
        session.flush()


def set_share(session: Session, code: str, percent: int, who: str, now: datetime) -> WordRollout:
    """Another share, by hand: from here on a person takes the steps. Harm halts it all the same."""
    candidates.check_percent(percent)
    row = _open(session, code)
    row.plan, row.step = share_plan.as_json(share_plan.by_hand(percent)), 0
    candidates.set_share(session, code, percent, who, now)
    deciding.begin_step(row, now)
    deciding.carry_out(session, row, Decision("stay", "share", {"percent": percent}), now, who)
    return row


def promote(session: Session, code: str, who: str, now: datetime) -> WordRollout:
    """All shoppers see it, at once."""
    row = _open(session, code)
    deciding.carry_out(session, row, Decision("finish", "by_person"), now, who)
    return row


def withdraw(session: Session, code: str, who: str, now: datetime) -> WordRollout:
    row = _open(session, code)
    deciding.carry_out(session, row, Decision("roll_back", "by_person"), now, who)
    return row


def open_rollout(session: Session, code: str, *, lock: bool = True) -> WordRollout | None:
    wanted = select(WordRollout).where(WordRollout.locale == code, WordRollout.ended_at.is_(None))
    return session.scalar(wanted.with_for_update() if lock else wanted)


def _open(session: Session, code: str) -> WordRollout:
    releases.locked(session, code)
    row = open_rollout(session, code)
    if row is None:
        raise Conflict(_l("There is no candidate release at the moment."))
    return row
