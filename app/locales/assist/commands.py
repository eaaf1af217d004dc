"""Writes: terms of the glossary, and warnings that somebody dismisses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, NotFound, Refused
from app.locales.assist import queries, reasons
from app.locales.assist.models import CheckDismissal, GlossaryTerm
from app.locales.checks import Finding, Term
from app.locales.models import Locale, Translation

# --- glossary ----------------------------------------------------------------------------------------


def save_term(
    session: Session, code: str, term: Term, who: str, now: datetime, id_: int | None = None
) -> GlossaryTerm:
    """A new term, or another text for one; a term stands once in a locale, whatever its case."""
    _locale(session, code)
    row = session.get(GlossaryTerm, id_, with_for_update=True) if id_ else GlossaryTerm(locale=code)
    if row is None or row.locale != code:
        raise NotFound(_l("There is no such term."))
    same = select(GlossaryTerm.id).where(
        GlossaryTerm.locale == code,
        func.lower(GlossaryTerm.term) == term.term.lower(),
        GlossaryTerm.id != (id_ or 0),
    )
    if session.scalar(same) is not None:
        raise Conflict(_l("The term was not saved."), {"term": _l("The glossary has this term already.")})
    before = _values(row) if id_ else None
    _fill(row, term, who, now)
    session.add(row)
    session.flush()
    record(session, who, "locales.term", f"term:{code}:{row.id}", before, _values(row), now)
    return row


def _fill(row: GlossaryTerm, term: Term, who: str, now: datetime) -> None:
    row.term, row.translation, row.note = term.term, term.translation, term.note
    row.is_kept, row.is_case_sensitive = term.is_kept, term.is_case_sensitive
    row.updated_by, row.updated_at = who, now


def _values(row: GlossaryTerm) -> dict[str, object]:
    return {
        "term": row.term,
        "translation": row.translation,
        "note": row.note,
        "do_not_translate": row.is_kept,
        "case_sensitive": row.is_case_sensitive,
    }


def delete_term(session: Session, code: str, id_: int, who: str, now: datetime) -> None:
    row = queries.term_row(session, code, id_)
    record(session, who, "locales.term", f"term:{code}:{id_}", _values(row), None, now)
    session.delete(row)


def import_terms(session: Session, code: str, terms: Sequence[Term], who: str, now: datetime) -> int:
    """Terms of a file: new ones are added, known ones get what the file says. How many there were."""
    _locale(session, code)
    for term in terms:
        new = insert(GlossaryTerm).values(
            locale=code,
            term=term.term,
            translation=term.translation,
            note=term.note,
            is_kept=term.is_kept,
            is_case_sensitive=term.is_case_sensitive,
            updated_by=who,
            updated_at=now,
        )
        said = {
            name: new.excluded[name]
            for name in (
                "term",
                "translation",
                "note",
                "is_kept",
                "is_case_sensitive",
                "updated_by",
                "updated_at",
            )
        }
        session.execute(
            new.on_conflict_do_update(
                index_elements=[GlossaryTerm.locale, func.lower(GlossaryTerm.term)], set_=said
            )
        )
    if terms:
        record(session, who, "locales.terms", f"locale:{code}", None, {"terms": len(terms)}, now)
    return len(terms)


def _locale(session: Session, code: str) -> None:
    if session.get(Locale, code) is None:
        raise NotFound(_l("There is no locale %(code)s.", code=code[:40]))


# --- warnings ----------------------------------------------------------------------------------------


def dismiss(
    session: Session, code: str, message_id: int, check: str, form: int, reason: str, who: str, now: datetime
) -> CheckDismissal:
    """Say that a warning does not matter for the text as it is saved. A blocker cannot be dismissed."""
    reason = reasons.checked(reason)
    text = session.get(Translation, (message_id, code), with_for_update=True)
    forms = list(text.forms) if text else []
    _refuse_what_blocks(_findings(session, code, message_id, forms), check, form)
    row = {
        "message_id": message_id,
        "locale": code,
        "check": check,
        "form": form,
        "text": forms[form],
        "reason": reason,
        "who": who,
        "at": now,
    }
    said = (
        insert(CheckDismissal)
        .values(row)
        .on_conflict_do_update(index_elements=["message_id", "locale", "check", "form"], set_=row)
    )
    session.execute(said)
    after = {"check": check, "form": form, "reason": reason}
    record(session, who, "locales.dismiss", f"message:{code}:{message_id}", None, after, now)
    return session.get_one(CheckDismissal, (message_id, code, check, form), populate_existing=True)


def _findings(session: Session, code: str, message_id: int, forms: Sequence[str]) -> list[Finding]:
    message = queries.message_of(session, message_id)
    return [row.finding for row in queries.judged(session, code, message, forms)]


def _refuse_what_blocks(found: Sequence[Finding], check: str, form: int) -> None:
    mine = [one for one in found if (one.check, one.form) == (check, form)]
    if any(one.blocks for one in mine):
        raise Refused(_l("This would break a page; it cannot be dismissed. Mend the text."))
    if not mine:
        raise Conflict(_l("There is no such warning of the text as it is saved now."))


def recall(
    session: Session, code: str, message_id: int, check: str, form: int, who: str, now: datetime
) -> None:
    """Let a dismissed warning be shown again."""
    mine = delete(CheckDismissal).where(
        CheckDismissal.message_id == message_id,
        CheckDismissal.locale == code,
        CheckDismissal.check == check,
        CheckDismissal.form == form,
    )
    reason = session.scalar(mine.returning(CheckDismissal.reason))
    if reason is None:
        raise NotFound(_l("This warning is not dismissed."))
    before = {"check": check, "form": form, "reason": reason}
    record(session, who, "locales.recall", f"message:{code}:{message_id}", before, None, now)
