"""Writes of reports: who gets them, and that one was sent."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record as audit
from app.errors import Conflict, NotFound, Refused
from app.mail import wrong_recipient
from app.slo.models import SloReportMail, SloReportRecipient
from app.slo.report import KINDS


def add_recipient(session: Session, kind: str, email: str, language: str, who: str, now: datetime) -> str:
    """The first report comes with the first period that ends from now on. Answers the address as kept."""
    email = email.strip().lower()
    wrong: dict[str, object] = {}
    if kind not in KINDS:
        wrong["kind"] = _l("Choose weekly or monthly.")
    wrong |= wrong_recipient(email, language)
    if wrong:
        raise Refused(_l("Nobody was added."), wrong)
    values = {"kind": kind, "email": email, "language": language, "added_by": who, "added_at": now}
    made = session.scalar(
        insert(SloReportRecipient)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(SloReportRecipient.email)
    )
    if made is None:
        taken = _l("%(email)s gets this report already.", email=email)
        raise Conflict(taken, {"email": taken})
    audit(session, who, "slo.report.recipient", f"slo-report:{kind}", None, values, now)
    return email


def remove_recipient(session: Session, kind: str, email: str, who: str, now: datetime) -> str:
    """Answers the language that she had it in."""
    gone = session.scalar(
        delete(SloReportRecipient)
        .where(SloReportRecipient.kind == kind, SloReportRecipient.email == email)
        .returning(SloReportRecipient.language)
    )
    if gone is None:
        raise NotFound(_l("%(email)s does not get this report.", email=email))
    audit(
        session,
        who,
        "slo.report.recipient",
        f"slo-report:{kind}",
        {"email": email, "language": gone},
        None,
        now,
    )
    return str(gone)


def claim(session: Session, period: str, email: str, now: datetime) -> bool:
    """True for whoever may send it. It stands when the transaction does: a failed mail gives it back."""
    claimed = session.scalar(
        insert(SloReportMail)
        .values(period=period, email=email, sent_at=now)
        .on_conflict_do_nothing()
        .returning(SloReportMail.email)
    )
    return claimed is not None
