"""Writes: taking over what the shop says now, and offering the texts of messages that it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.locales.extraction import template
from app.locales.extraction.matching import Known, changed
from app.locales.extraction.models import Extraction
from app.locales.extraction.template import Extracted, Template
from app.locales.models import Message, Translation
from app.locales.states import DRAFT, REVIEW
from app.locales.writing import write_one

ORIGIN = "shop"
RENEWED = ("plural_id", "flags", "locations", "comments")
COUNTS = ("added", "changed", "gone", "back")
ROWS_PER_INSERT = 1_000


class Before(NamedTuple):
    """A message as it was known."""

    id: int
    key: str
    context: str
    msgid: str
    plural_id: str | None
    locations: list[str]
    origin: str
    obsolete_at: datetime | None


@dataclass(frozen=True)
class Taken:
    """What a reading came to."""

    ids: Mapping[str, int]  # of all messages in use, by key
    became: Mapping[int, int]  # new message → the one that it was
    row: Extraction

    @property
    def words(self) -> str:
        one = self.row
        return (
            f"{one.messages} messages: {one.added} new, {one.changed} of them changed,"
            f" {one.gone} gone, {one.back} back"
        )


def extract(session: Session, place: Path, who: str, now: datetime) -> str:
    """Read a folder or a template and take it over; the same again changes nothing."""
    if digest_taken(session) == template.digest(place):
        return f"{place.name} says what it said"
    taken = take(session, template.read(place), who, now)
    offered = offer(session, taken, now)
    return f"{taken.words}; {offered} texts offered again"


def digest_taken(session: Session) -> str | None:
    newest = select(Extraction.sha256).order_by(Extraction.id.desc()).limit(1)
    return session.scalar(newest)


def take(session: Session, found: Template, who: str, now: datetime) -> Taken:
    """Messages that are new, back or gone. What came in files or with the goods stays as it is."""
    columns = [getattr(Message, name) for name in Before._fields]
    before = {row.key: row for row in (Before(*row) for row in session.execute(select(*columns)))}
    mine = {message.key: message for message in found.messages}
    added = [message for key, message in mine.items() if key not in before]
    gone = [row for row in before.values() if _is_gone(row, mine)]
    reshaped = [row for row in before.values() if _is_reshaped(row, mine)]
    for row in reshaped:
        _reshape(session, row, mine[row.key], now)
    ids = _write_messages(session, found.messages, now)
    session.execute(update(Message).where(Message.id.in_([row.id for row in gone])).values(obsolete_at=now))
    became = changed([_known(one.key, one) for one in added], [_known_row(row) for row in gone])
    reading = Extraction(
        at=now,
        who=who,
        source=found.source,
        sha256=found.sha256,
        messages=len(mine),
        added=len(added),
        changed=len(became) + len(reshaped),
        gone=len(gone),
        back=sum(row.obsolete_at is not None for key, row in before.items() if key in mine),
    )
    _keep_reading(session, reading, now)
    return Taken(ids, {ids[new]: before[old].id for new, old in became.items()}, reading)


def _keep_reading(session: Session, reading: Extraction, now: datetime) -> None:
    """Unless it says what the one before said."""
    counts = {name: getattr(reading, name) for name in COUNTS}
    if any(counts.values()):
        subject = f"shop:{reading.source}"
        record(session, reading.who, "locales.extract", subject, None, counts, now)
    if any(counts.values()) or digest_taken(session) != reading.sha256:
        session.add(reading)
        session.flush()


def _is_gone(row: Before, mine: Mapping[str, Extracted]) -> bool:
    return row.origin == ORIGIN and row.obsolete_at is None and row.key not in mine


def _is_reshaped(row: Before, mine: Mapping[str, Extracted]) -> bool:
    return row.key in mine and row.plural_id != mine[row.key].plural_id


def _known(key: str, one: Extracted) -> Known:
    return Known(key, one.context, one.msgid, one.files)


def _known_row(row: Before) -> Known:
    files = frozenset(place.rpartition(":")[0] or place for place in row.locations)
    return Known(row.key, row.context, row.msgid, files)


def _write_messages(session: Session, messages: Sequence[Extracted], now: datetime) -> dict[str, int]:
    rows = [
        {
            "key": one.key,
            "context": one.context,
            "msgid": one.msgid,
            "plural_id": one.plural_id,
            "flags": list(one.flags),
            "locations": list(one.locations),
            "comments": list(one.comments),
            "first_seen_at": now,
            "origin": ORIGIN,
        }
        for one in messages
    ]
    for start in range(0, len(rows), ROWS_PER_INSERT):
        new = insert(Message).values(rows[start : start + ROWS_PER_INSERT])
        kept = {name: new.excluded[name] for name in RENEWED}
        renew = {**kept, "obsolete_at": None, "origin": ORIGIN}
        session.execute(new.on_conflict_do_update(index_elements=["key"], set_=renew))
    found = session.execute(select(Message.key, Message.id).where(Message.obsolete_at.is_(None)))
    return {row.key: row.id for row in found}


def _reshape(session: Session, row: Before, now_said: Extracted, now: datetime) -> None:
    """A message that got, lost or changed its plural: its texts are looked at again before a release."""
    for text in session.scalars(select(Translation).where(Translation.message_id == row.id)):
        if any(text.forms):
            write_one(session, text, text.forms, REVIEW, text.author, now, writer=text.writer)
            _remember(text, row.context, row.msgid, row.plural_id)
            if (row.plural_id is None) != (now_said.plural_id is None):
                text.approved_forms = None  # as many texts as the message no longer has


def _remember(text: Translation, context: str, msgid: str, plural_id: str | None) -> None:
    """What the source said when the text was written."""
    text.previous_context, text.previous_msgid, text.previous_plural_id = context, msgid, plural_id


def offer(session: Session, taken: Taken, now: datetime) -> int:
    """Texts of what a changed message was, as drafts on the new one, where it has none of its own."""
    return offer_texts(session, taken.became, now)


def offer_texts(session: Session, became: Mapping[int, int], now: datetime) -> int:
    """The same for ids of new messages → ids of what they were."""
    old = select(Translation, Message).join(Message).where(Message.id.in_(became.values()))
    texts: dict[int, list[tuple[Translation, Message]]] = {}
    for text, message in session.execute(old):
        texts.setdefault(message.id, []).append((text, message))
    has_text = {
        (row.message_id, row.locale)
        for row in session.scalars(select(Translation).where(Translation.message_id.in_(became)))
        if any(row.forms)
    }
    offered = 0
    for new_id, old_id in became.items():
        for text, message in texts.get(old_id, ()):
            if any(text.forms) and (new_id, text.locale) not in has_text:
                _offer_one(session, new_id, text, message, now)
                offered += 1
    session.flush()
    return offered


def _offer_one(session: Session, new_id: int, old: Translation, message: Message, now: datetime) -> None:
    row = session.get(Translation, (new_id, old.locale)) or Translation(
        message_id=new_id, locale=old.locale, revision=0
    )
    session.add(row)
    write_one(session, row, old.approved_forms or old.forms, DRAFT, old.author, now, writer=old.writer)
    _remember(row, message.context, message.msgid, message.plural_id)
