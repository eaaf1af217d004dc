"""Words of a locale as the tables hold them: what ships, what is approved, and what each is made from."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.locales import checks
from app.locales.catalog import Entry
from app.locales.checks import Source
from app.locales.models import Message, Translation

SOURCE_LOCALE = "en"


def source_of(message: Message) -> Source:
    return checks.source_of(message.msgid, message.plural_id, message.flags, message.comments)


def sources(session: Session) -> list[Entry]:
    """Everything that the shop says now, without words."""
    rows = session.execute(
        select(Message.msgid, Message.plural_id, Message.context)
        .where(Message.obsolete_at.is_(None))
        .order_by(Message.id)
    )
    return [Entry(row.msgid, row.plural_id, row.context, ()) for row in rows]


def shipped(session: Session, code: str) -> dict[str, Entry]:
    """The words in the shop's package, which are shown while nothing is published."""
    return _words(session, code, Translation.shipped_forms)


def approved(session: Session, code: str) -> dict[str, Entry]:
    """What the next release would hold."""
    return _words(session, code, Translation.approved_forms)


def _words(session: Session, code: str, forms: InstrumentedAttribute[list[str] | None]) -> dict[str, Entry]:
    rows = session.execute(
        select(Message.key, Message.msgid, Message.plural_id, Message.context, forms.label("forms"))
        .join(Translation, Translation.message_id == Message.id)
        .where(Translation.locale == code, forms.is_not(None), Message.obsolete_at.is_(None))
    )
    return {
        row.key: Entry(row.msgid, row.plural_id, row.context, tuple(row.forms))
        for row in rows
        if any(row.forms)
    }
