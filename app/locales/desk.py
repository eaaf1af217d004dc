"""Reads for the translator's desk: the list of strings, one string, and what comes before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.locales import queries
from app.locales.length import Meter, limit_of, meter
from app.locales.matching import joined, shown_state
from app.locales.models import Message, Translation, TranslationComment
from app.locales.plurals import PluralRule
from app.locales.releases.queries import live, live_words
from app.locales.search import Node
from app.locales.states import APPROVED, UNTRANSLATED
from app.locales.words import source_of

PAGE = 50


@dataclass(frozen=True)
class StringRow:
    id: int
    msgid: str
    plural_id: str | None
    context: str
    locations: tuple[str, ...]
    comments: tuple[str, ...]
    forms: tuple[str, ...]
    state: str
    revision: int
    author: str
    updated_at: datetime | None
    failed_checks: tuple[str, ...]
    open_comments: int

    @property
    def location(self) -> str:
        return self.locations[0] if self.locations else ""


@dataclass(frozen=True)
class Found:
    strings: list[StringRow]
    total: int  # of all pages


def strings(session: Session, code: str, wanted: Node, page: int, size: int = PAGE) -> list[StringRow]:
    return rows(session, code, ids_of(session, code, wanted, limit=size, offset=(page - 1) * size))


def found(session: Session, code: str, wanted: Node, page: int, size: int = PAGE) -> Found:
    """A page of a search and how many there are, looked for once."""
    columns: list[Any] = [Message.id, func.count().over()]
    counted = joined(select(*columns), code, wanted).order_by(Message.id)
    here = session.execute(counted.limit(size).offset((page - 1) * size)).all()
    if not here:  # beyond the last page there is no row to tell
        return Found([], count(session, code, wanted) if page > 1 else 0)
    return Found(rows(session, code, [row[0] for row in here]), here[0][1])


def rows(session: Session, code: str, wanted: Sequence[int]) -> list[StringRow]:
    open_comments = (
        select(func.count())
        .where(
            TranslationComment.message_id == Message.id,
            TranslationComment.locale == code,
            TranslationComment.reply_to.is_(None),
            TranslationComment.resolved_at.is_(None),
        )
        .scalar_subquery()
    )
    mine = (Translation.message_id == Message.id) & (Translation.locale == code)
    found = session.execute(
        select(Message, Translation, open_comments)
        .outerjoin(Translation, mine)
        .where(Message.id.in_(wanted))
        .order_by(Message.id)
    )
    return [_string_row(*row) for row in found]


def _string_row(message: Message, translation: Translation | None, open_comments: int) -> StringRow:
    return StringRow(
        id=message.id,
        msgid=message.msgid,
        plural_id=message.plural_id,
        context=message.context,
        locations=tuple(message.locations),
        comments=tuple(message.comments),
        forms=tuple(translation.forms) if translation else (),
        state=translation.state if translation else UNTRANSLATED,
        revision=translation.revision if translation else 0,
        author=translation.author if translation else "",
        updated_at=translation.updated_at if translation and translation.revision else None,
        failed_checks=tuple(translation.failed_checks) if translation else (),
        open_comments=open_comments,
    )


IN_ORDER: tuple[Any, ...] = (Message.id,)


def ids(code: str, wanted: Node) -> Select[Any]:
    return joined(select(Message.id), code, wanted)


def ids_of(
    session: Session, code: str, wanted: Node, *, limit: int | None = None, offset: int = 0
) -> list[int]:
    """In the order of the list."""
    return list(session.scalars(ids(code, wanted).order_by(Message.id).limit(limit).offset(offset)))


def count(session: Session, code: str, wanted: Node) -> int:
    return session.scalar(joined(select(func.count()).select_from(Message), code, wanted)) or 0


@dataclass(frozen=True)
class Place:
    """Where a string stands in the list that somebody works through."""

    position: int | None  # from 1; None: it is not, or no longer, in the list
    total: int
    previous: int | None
    following: int | None
    previous_unfinished: int | None
    next_unfinished: int | None


def place(session: Session, code: str, wanted: Node, message_id: int) -> Place:
    """One pass over the list, from which the string itself may have gone by being saved."""
    before, after, unfinished = Message.id < message_id, Message.id > message_id, shown_state != APPROVED
    wanted_of_it: list[Any] = [
        func.count().filter(before),
        func.count().filter(Message.id == message_id),
        func.count(),
        func.max(Message.id).filter(before),
        func.min(Message.id).filter(after),
        func.max(Message.id).filter(before & unfinished),
        func.min(Message.id).filter(after & unfinished),
    ]
    statement = joined(select(*wanted_of_it).select_from(Message), code, wanted)
    behind, is_in, total, *neighbours = tuple(session.execute(statement).one())
    return Place(behind + 1 if is_in else None, total, *neighbours)


@dataclass(frozen=True)
class StringPage:
    """One string with all that the editor shows beside it."""

    code: str
    message: Message
    translation: Translation | None
    rule: PluralRule
    live: tuple[str, ...] | None  # what shoppers see; None: the source text
    others: list[tuple[str, tuple[str, ...]]]  # the string in other locales

    @property
    def forms(self) -> list[str]:
        """As many texts as the locale has forms, empty where there is none yet."""
        wanted = 1 if self.message.plural_id is None else self.rule.forms
        have = list(self.translation.forms) if self.translation else []
        return (have + [""] * wanted)[: max(wanted, len(have))]

    @property
    def revision(self) -> int:
        return self.translation.revision if self.translation else 0

    @property
    def state(self) -> str:
        return self.translation.state if self.translation else UNTRANSLATED

    @property
    def writer(self) -> str:
        return self.translation.writer if self.translation else ""

    def source_for(self, form: int) -> str:
        """What a form is a translation of: the singular where it stands for the number one alone."""
        if self.message.plural_id is None:
            return self.message.msgid
        is_one = form < self.rule.forms and self.rule.numbers[form] == (1,)
        return self.message.msgid if is_one else self.message.plural_id


def one_string(session: Session, code: str, message_id: int) -> StringPage:
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound(_l("There is no such string."))
    rule = queries.rule_of(session, code)
    translation = session.get(Translation, (message_id, code))
    others = session.scalars(
        select(Translation)
        .where(Translation.message_id == message_id, Translation.locale != code)
        .order_by(Translation.locale)
    )
    return StringPage(
        code=code,
        message=message,
        translation=translation,
        rule=rule,
        live=_live(session, code, message, translation),
        others=[(row.locale, tuple(row.forms)) for row in others if any(row.forms)],
    )


def length_of(shown: StringPage, form: int, text: str) -> Meter:
    """How long one text is, and how long it may be."""
    limit = source_of(shown.message).max_length or limit_of(shown.message.comments)
    return meter(text, shown.source_for(form), limit)


def _live(
    session: Session, code: str, message: Message, translation: Translation | None
) -> tuple[str, ...] | None:
    if live(session, code) is not None:
        entry = live_words(session, code).get(message.key)
        return entry.forms if entry else None
    shipped: Sequence[str] = (translation.shipped_forms if translation else None) or ()
    return tuple(shipped) if any(shipped) else None
