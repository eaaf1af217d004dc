"""What people say about a string: read, said, answered, resolved. Nothing commits here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import NotFound, Refused
from app.locales import queries
from app.locales.models import Message, TranslationComment

LONGEST = 2_000
HOW = {"resolve": True, "reopen": False}


@dataclass(frozen=True)
class Thread:
    first: TranslationComment
    replies: tuple[TranslationComment, ...]  # by time

    @property
    def is_open(self) -> bool:
        return self.first.resolved_at is None


def threads(session: Session, code: str, message_id: int) -> list[Thread]:
    """Open ones first, then by time."""
    rows = session.scalars(
        select(TranslationComment)
        .where(TranslationComment.message_id == message_id, TranslationComment.locale == code)
        .order_by(TranslationComment.at, TranslationComment.id)
    ).all()
    found = [
        Thread(row, tuple(each for each in rows if each.reply_to == row.id))
        for row in rows
        if row.reply_to is None
    ]
    return sorted(found, key=lambda thread: not thread.is_open)


def say(
    session: Session, code: str, message_id: int, text: str, reply_to: int | None, who: str, now: datetime
) -> TranslationComment:
    """A comment, or an answer to one; an answer opens what was resolved again."""
    queries.locale(session, code)
    if session.get(Message, message_id) is None:
        raise NotFound(_l("There is no such string."))
    text = text.replace("\x00", "").strip()
    if not text or len(text) > LONGEST:
        why = _l("Write between 1 and %(most)s characters.", most=LONGEST)
        raise Refused(_l("The comment was not kept."), {"comment": why})
    first = _thread(session, code, message_id, reply_to) if reply_to is not None else None
    if first is not None:
        first.resolved_at = first.resolved_by = None
    comment = TranslationComment(
        message_id=message_id,
        locale=code,
        reply_to=first.id if first else None,
        author=who,
        text=text,
        at=now,
    )
    session.add(comment)
    session.flush()
    record(session, who, "locales.comment", f"message:{code}:{message_id}", None, {"text": text}, now)
    return comment


def resolve(
    session: Session, code: str, message_id: int, comment_id: int, how: str, who: str, now: datetime
) -> TranslationComment:
    """`how`: resolve or reopen. The same again changes nothing."""
    if how not in HOW:
        raise NotFound(_l("There is no such page."))
    first, is_resolved = _thread(session, code, message_id, comment_id), HOW[how]
    changed = session.execute(
        update(TranslationComment)
        .where(TranslationComment.id == first.id, TranslationComment.resolved_at.is_(None) == is_resolved)
        .values(resolved_at=now if is_resolved else None, resolved_by=who if is_resolved else None)
        .returning(TranslationComment.id)
    ).scalar()
    if changed is not None:
        before, after = {"resolved": not is_resolved}, {"resolved": is_resolved}
        record(session, who, "locales.resolve", f"comment:{first.id}", before, after, now)
    session.refresh(first)
    return first


def _thread(session: Session, code: str, message_id: int, comment_id: int) -> TranslationComment:
    """The first comment of the thread that a comment belongs to."""
    found = session.get(TranslationComment, comment_id)
    if found is None or (found.locale, found.message_id) != (code, message_id):
        raise NotFound(_l("There is no such comment."))
    if found.reply_to is None:
        return found
    return _thread(session, code, message_id, found.reply_to)
