"""Reads of reviews, shaped for their pages and mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.reports.models import ReportAction, ReportMail, ReportNote, ReportRecipient, ReportRow
from app.reports.period import KINDS, Kind, Period, last_settled, read_period
from app.reports.report import Section, from_json

SHOWN = 60


@dataclass(frozen=True)
class Report:
    row: ReportRow
    period: Period
    sections: list[Section]
    notes: Sequence[ReportNote]
    actions: Sequence[ReportAction]

    def notes_of(self, section: str) -> list[ReportNote]:
        return [note for note in self.notes if note.section == section]


def one(session: Session, name: str) -> Report:
    period = read_period(name)
    row = session.get(ReportRow, name)
    if row is None:
        raise NotFound(_l("The review %(name)s was not made yet.", name=name))
    notes = session.scalars(select(ReportNote).where(ReportNote.period == name).order_by(ReportNote.id)).all()
    actions = session.scalars(
        select(ReportAction).where(ReportAction.period == name).order_by(ReportAction.id)
    ).all()
    return Report(row, period, from_json(row.sections), notes, actions)


# Those that are not closed yet first, each newest first.
NEWEST_FIRST: tuple[Any, ...] = (
    ReportRow.closed_at.is_not(None),
    ReportRow.last_day.desc(),
    ReportRow.period,
)


def rows(kind: Kind | None = None) -> Select[Any]:
    wanted = select(ReportRow)
    return wanted.where(ReportRow.kind == kind) if kind else wanted


def newest(session: Session, kind: Kind | None = None, most: int = SHOWN) -> Sequence[ReportRow]:
    return session.scalars(rows(kind).order_by(*NEWEST_FIRST).limit(most)).all()


def missing(session: Session, now: datetime) -> list[Period]:
    """Of each kind the last period, where it is over and has no review."""
    last = [last_settled(kind, now) for kind in KINDS]
    return [period for period in last if not exists(session, period.name)]


def exists(session: Session, name: str) -> bool:
    return session.scalar(select(ReportRow.period).where(ReportRow.period == name)) is not None


OPEN_ACTIONS = select(ReportAction).where(ReportAction.done_at.is_(None))
DUE_FIRST: tuple[Any, ...] = (ReportAction.due_on, ReportAction.id)


def open_actions(session: Session) -> Sequence[ReportAction]:
    """What reviews asked for and nobody has done, what is due first on top."""
    return session.scalars(OPEN_ACTIONS.order_by(ReportAction.due_on.nulls_last(), ReportAction.id)).all()


RECIPIENTS = select(ReportRecipient)
BY_KIND: tuple[Any, ...] = (ReportRecipient.kind, ReportRecipient.email)


def recipients(session: Session) -> Sequence[ReportRecipient]:
    return session.scalars(RECIPIENTS.order_by(*BY_KIND)).all()


def recipient(session: Session, kind: str, email: str) -> ReportRecipient:
    row = session.get(ReportRecipient, (kind, email))
    if row is None:
        raise NotFound(_l("%(email)s does not get this review.", email=email))
    return row


def waiting(session: Session, period: Period) -> Sequence[ReportRecipient]:
    """Who is to get the review of a period and has not had it yet."""
    sent = select(ReportMail.email).where(ReportMail.period == period.name)
    return session.scalars(
        select(ReportRecipient)
        .where(ReportRecipient.kind == period.kind, ReportRecipient.added_at < period.end)
        .where(ReportRecipient.email.not_in(sent))
        .order_by(ReportRecipient.email)
    ).all()
