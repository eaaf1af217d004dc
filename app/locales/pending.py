"""How many strings wait to be published, without comparing all of them at each look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.locales.catalog import Entry
from app.locales.models import Message, Translation
from app.locales.releases.models import Release
from app.locales.releases.queries import live, live_words, waiting

Forms = InstrumentedAttribute[list[str] | None]
# A text may be saved with a moment from just before a release, and committed after it was made.
MARGIN = timedelta(minutes=1)


def _said(forms: Forms) -> ColumnElement[Any]:
    """The texts; NULL where all of them are empty."""
    return case((func.coalesce(func.array_to_string(forms, ""), "") != "", forms))


def waiting_count(session: Session, code: str) -> int:
    """What `len(waiting(…))` is: only what changed since the live release was made can differ from it."""
    release = live(session, code)
    return _against_shipped(session, code) if release is None else _against_release(session, code, release)


def _against_shipped(session: Session, code: str) -> int:
    approved, shipped = Translation.approved_forms, Translation.shipped_forms
    # Most texts are as they ship: the plain comparison, which is quick, lets the other one see few of them.
    differs = approved.is_distinct_from(shipped) & _said(approved).is_distinct_from(_said(shipped))
    return _count(session, code, differs)


def _count(session: Session, code: str, what: ColumnElement[bool]) -> int:
    counted = (
        select(func.count())
        .select_from(Translation)
        .join(Message, Message.id == Translation.message_id)
        .where(Translation.locale == code, Message.obsolete_at.is_(None), what)
    )
    return session.scalar(counted) or 0


def _against_release(session: Session, code: str, release: Release) -> int:
    words = live_words(session, code)
    since = release.created_at - MARGIN
    now_said = {
        row.key: None if row.obsolete_at or not any(row.approved_forms or ()) else tuple(row.approved_forms)
        for row in session.execute(
            select(Message.key, Message.obsolete_at, Translation.approved_forms)
            .join(Translation, Translation.message_id == Message.id)
            .where(Translation.locale == code)
            .where(or_(Translation.updated_at >= since, Message.obsolete_at >= since))
        )
    }
    if _count(session, code, _said(Translation.approved_forms).is_not(None)) != _expected(words, now_said):
        return len(waiting(session, code))  # such as a message that came back: rare, so counted in full
    return sum(said != (words[key].forms if key in words else None) for key, said in now_said.items())


def _expected(words: Mapping[str, Entry], now_said: Mapping[str, tuple[str, ...] | None]) -> int:
    """How many strings are approved, if nothing changed but these."""
    gone = sum(said is None and key in words for key, said in now_said.items())
    new = sum(said is not None and key not in words for key, said in now_said.items())
    return len(words) - gone + new
