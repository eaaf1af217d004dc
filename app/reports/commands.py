"""Writes of reviews: make one, say something of it, decide, close; and who gets them by mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, NotFound, Refused
from app.mail import wrong_recipient
from app.reports import gather
from app.reports.gather import House
from app.reports.models import ReportAction, ReportMail, ReportNote, ReportRecipient, ReportRow
from app.reports.period import KINDS, Period
from app.reports.report import LONGEST_OWNER, LONGEST_TEXT, SECTIONS, to_json
from app.timeline.commands import record as on_timeline


def make(session: Session, period: Period, whose: House, who: str, now: datetime) -> bool:
    """Once a period: its figures stay as they were computed. False where it was made before."""
    if not period.is_settled(now):
        raise Conflict(_l("%(name)s is not over, or its last day is not counted yet.", name=period.name))
    values = {
        "kind": period.kind,
        "first_day": period.first,
        "last_day": period.last,
        "made_at": now,
        "sections": to_json(gather.sections(session, period, now, whose)),
        "decision": "",
    }
    made = session.scalar(
        insert(ReportRow)
        .values(period=period.name, **values)
        .on_conflict_do_nothing()
        .returning(ReportRow.period)
    )
    if made is not None:
        record(session, who, "report.make", f"report:{period.name}", None, {"kind": period.kind}, now)
    return made is not None


def annotate(session: Session, period: str, section: str, text: str, who: str, now: datetime) -> int:
    """A closed review can be annotated still: what is learned later belongs to it, with its date."""
    text = _text(text, "text")
    if section not in SECTIONS:
        raise Refused(_l("The note was not saved."), {"section": _l("Choose one of the sections.")})
    _locked(session, period)
    note = ReportNote(period=period, section=section, text=text, who=who, at=now)
    session.add(note)
    session.flush()
    record(session, who, "report.note", f"report:{period}", None, {"section": section, "text": text}, now)
    return note.id


@dataclass(frozen=True)
class Action:
    text: str
    owner: str
    due_on: date | None


def read_action(form: Mapping[str, str]) -> Action:
    """Raises `Refused` with what is wrong beside each field."""
    wrong: dict[str, object] = {}
    text, owner = form.get("action", "").strip(), form.get("owner", "").strip()
    if not text or len(text) > LONGEST_TEXT:
        wrong["action"] = _l("Say what is to be done, in at most %(most)s characters.", most=LONGEST_TEXT)
    if not owner or len(owner) > LONGEST_OWNER:
        wrong["owner"] = _l("Say who does it.")
    due_on = None
    if typed := form.get("due_on", "").strip():
        try:
            due_on = date.fromisoformat(typed)
        except ValueError:
            wrong["due_on"] = _l("Write a day such as 2026-01-31.")
    if wrong:
        raise Refused(_l("The action was not saved."), wrong)
    return Action(text, owner, due_on)


def add_action(session: Session, period: str, wanted: Action, who: str, now: datetime) -> int:
    _open(session, period)
    row = ReportAction(period=period, text=wanted.text, owner=wanted.owner, due_on=wanted.due_on)
    session.add(row)
    session.flush()
    after = {"text": wanted.text, "owner": wanted.owner, "due_on": wanted.due_on}
    record(session, who, "report.action", f"report:{period}", None, after, now)
    return row.id


def finish_action(session: Session, period: str, action_id: int, who: str, now: datetime) -> None:
    """Also after the review is closed: that is when actions are done."""
    done = session.scalar(
        update(ReportAction)
        .where(ReportAction.id == action_id, ReportAction.period == period, ReportAction.done_at.is_(None))
        .values(done_at=now, done_by=who)
        .returning(ReportAction.id)
    )
    if done is None:
        raise Conflict(_l("There is no such open action in this review."))
    record(
        session, who, "report.action", f"report:{period}", {"done": False}, {"done": True, "id": done}, now
    )


def close(session: Session, period: str, decision: str, who: str, now: datetime) -> None:
    """With what was decided. It shows on the timeline of every chart."""
    decision = _text(decision, "decision")
    _open(session, period)
    session.execute(
        update(ReportRow)
        .where(ReportRow.period == period)
        .values(closed_at=now, closed_by=who, decision=decision)
    )
    record(session, who, "report.close", f"report:{period}", None, {"decision": decision}, now)
    subject = f"report:{period}"
    title = f"Review {period} closed"
    on_timeline(session, now, "note", title, subject, decision, f"/reports/{period}", key=subject)


def reopen(session: Session, period: str, who: str, now: datetime) -> None:
    row = _locked(session, period)
    if row.closed_at is None:
        raise Conflict(_l("This review is open."))
    record(session, who, "report.close", f"report:{period}", {"closed_by": row.closed_by}, None, now)
    row.closed_at = row.closed_by = None


def _locked(session: Session, period: str) -> ReportRow:
    row = session.scalar(select(ReportRow).where(ReportRow.period == period).with_for_update())
    if row is None:
        raise NotFound(_l("The review %(name)s was not made yet.", name=period))
    return row


def _open(session: Session, period: str) -> None:
    row = _locked(session, period)
    if row.closed_at is not None:
        raise Conflict(
            _l("%(who)s closed this review meanwhile. Open it again to change it.", who=row.closed_by)
        )


def _text(text: str, name: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text or len(text) > LONGEST_TEXT:
        words = _l("Write something, in at most %(most)s characters.", most=LONGEST_TEXT)
        raise Refused(_l("Nothing was saved."), {name: words})
    return text


def add_recipient(session: Session, kind: str, email: str, language: str, who: str, now: datetime) -> str:
    """The first review comes with the first period that ends from now on. Answers the address as kept."""
    email = email.strip().lower()
    wrong: dict[str, object] = {}
    if kind not in KINDS:
        wrong["kind"] = _l("Choose how often.")
    wrong |= wrong_recipient(email, language)
    if wrong:
        raise Refused(_l("Nobody was added."), wrong)
    values = {"kind": kind, "email": email, "language": language, "added_by": who, "added_at": now}
    made = session.scalar(
        insert(ReportRecipient).values(**values).on_conflict_do_nothing().returning(ReportRecipient.email)
    )
    if made is None:
        taken = _l("%(email)s gets this review already.", email=email)
        raise Conflict(taken, {"email": taken})
    record(session, who, "report.recipient", f"report:{kind}", None, values, now)
    return email


def remove_recipient(session: Session, kind: str, email: str, who: str, now: datetime) -> str:
    """Answers the language that they had it in."""
    language = session.scalar(
        delete(ReportRecipient)
        .where(ReportRecipient.kind == kind, ReportRecipient.email == email)
        .returning(ReportRecipient.language)
    )
    if language is None:
        raise NotFound(_l("%(email)s does not get this review.", email=email))
    before = {"email": email, "language": language}
    record(session, who, "report.recipient", f"report:{kind}", before, None, now)
    return str(language)


def claim(session: Session, period: str, email: str, now: datetime) -> bool:
    """True for whoever may send it. It stands when the transaction does: a failed mail gives it back."""
    claimed = session.scalar(
        insert(ReportMail)
        .values(period=period, email=email, sent_at=now)
        .on_conflict_do_nothing()
        .returning(ReportMail.email)
    )
    return claimed is not None
