"""Reads of reviews, shaped for their pages and mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.reports.models import ReportAction, ReportMail, ReportNote, ReportRecipient, ReportRow
from app.reports.period import Period, read_period
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


def newest(session: Session, kind: str | None = None, most: int = SHOWN) -> Sequence[ReportRow]:
    """Those that are not closed yet first, each newest first."""
    wanted = select(ReportRow).order_by(
        ReportRow.closed_at.is_not(None), ReportRow.last_day.desc(), ReportRow.period
    )
    return session.scalars((wanted.where(ReportRow.kind == kind) if kind else wanted).limit(most)).all()


def exists(session: Session, name: str) -> bool:
    return session.scalar(select(ReportRow.period).where(ReportRow.period == name)) is not None


def open_actions(session: Session) -> Sequence[ReportAction]:
    """What reviews asked for and nobody has done, what is due first on top."""
    return session.scalars(
        select(ReportAction)
        .where(ReportAction.done_at.is_(None))
        .order_by(ReportAction.due_on.nulls_last(), ReportAction.id)
    ).all()


def recipients(session: Session) -> Sequence[ReportRecipient]:
    return session.scalars(
        select(ReportRecipient).order_by(ReportRecipient.kind, ReportRecipient.email)
    ).all()


def waiting(session: Session, period: Period) -> Sequence[ReportRecipient]:
    """Who is to get the review of a period and has not had it yet."""
    sent = select(ReportMail.email).where(ReportMail.period == period.name)
    return session.scalars(
        select(ReportRecipient)
        .where(ReportRecipient.kind == period.kind, ReportRecipient.added_at < period.end)
        .where(ReportRecipient.email.not_in(sent))
        .order_by(ReportRecipient.email)
    ).all()
