"""Writes: one action on many strings, looked at first and taken back later. Nothing commits here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import four_eyes
from app.audit.commands import record
from app.errors import Conflict, Refused
from app.locales import desk, queries, search
from app.locales.bulk import Action, Desk, Item, Plan, Step, planned
from app.locales.checks import About
from app.locales.models import Message, Translation, TranslationBatch
from app.locales.plurals import read_rule
from app.locales.states import UNTRANSLATED, sender_of
from app.locales.words import source_of
from app.locales.writing import Write, add_batch, failed, write_many

MOST_STRINGS = 50_000


@dataclass(frozen=True)
class Selection:
    """Strings that somebody marked, or all of a search."""

    ids: tuple[int, ...] = ()
    q: str | None = None  # None: the marked ones


def plan(session: Session, code: str, selection: Selection, action: Action, who: str, now: datetime) -> Plan:
    """What an action would do; nothing is done."""
    row = queries.locale(session, code)
    items = _items(session, code, _chosen(session, code, selection, now))
    writers = {sender_of(item.writer) for item in items} if row.asks_review else set()
    own = {writer for writer in writers if four_eyes.is_own(session, [writer], who)}
    return planned(items, action, Desk(read_rule(row.plural_forms), row.asks_review, About(code)), who, own)


def _chosen(session: Session, code: str, selection: Selection, now: datetime) -> Sequence[int]:
    if selection.q is not None:
        ids: Sequence[int] = desk.ids_of(session, code, search.parse(selection.q, now), limit=MOST_STRINGS)
    else:
        ids = selection.ids[:MOST_STRINGS]
    if not ids:
        raise Refused(_l("Mark the strings that are meant."), {"ids": _l("No string is marked.")})
    return ids


def _items(session: Session, code: str, ids: Sequence[int]) -> list[Item]:
    mine = (Translation.message_id == Message.id) & (Translation.locale == code)
    rows = session.execute(
        select(Message, Translation)
        .outerjoin(Translation, mine)
        .where(Message.id.in_(ids), Message.obsolete_at.is_(None))
        .order_by(Message.id)
    )
    return [_item(message, row) for message, row in rows]


def _item(message: Message, row: Translation | None) -> Item:
    if row is None:
        return Item(message.id, source_of(message), (), UNTRANSLATED, 0, "", None)
    approved = tuple(row.approved_forms) if row.approved_forms is not None else None
    forms = tuple(row.forms) if any(row.forms) else ()
    return Item(message.id, source_of(message), forms, row.state, row.revision, row.writer, approved)


def carry_out(
    session: Session,
    code: str,
    selection: Selection,
    action: Action,
    who: str,
    now: datetime,
    *,
    looked_at: str | None = None,
) -> TranslationBatch:
    """Does what `plan` says, as one batch. What is refused stays as it is.

    `looked_at`: the fingerprint of the plan that somebody saw; raises `Conflict` where it is another by now.
    """
    found = plan(session, code, selection, action, who, now)
    if looked_at is not None and looked_at != found.fingerprint:
        raise Conflict(_l("Some of these strings changed in the meantime. Look again at what would be done."))
    if not found.changed:
        raise Refused(_l("Nothing would change."), {"action": _l("None of these strings would change.")})
    batch = add_batch(session, code, action.kind, who, now, detail=action.detail)
    done = write_many(session, code, [_write(step) for step in found.changed], who, now, batch.id)
    batch.strings = len(done)
    after = {"batch": batch.id, "strings": len(done), "refused": len(found.refused), "detail": action.detail}
    record(session, who, f"locales.bulk.{action.kind}", f"locale:{code}", None, after, now)
    session.flush()
    return batch


def _write(step: Step) -> Write:
    return Write(
        message_id=step.item.message_id,
        forms=step.forms,
        state=step.state,
        on_revision=step.item.revision,
        writer=step.writer,
        failed_checks=tuple(failed(step.findings)),
        approved_forms=step.approved_forms,
    )
