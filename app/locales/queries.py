"""Reads, shaped for the pages and for the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.locales.models import (
    Locale,
    LocaleFile,
    Message,
    Translation,
    TranslationVersion,
)
from app.locales.plurals import PluralRule, read_rule
from app.locales.releases.models import LiveRelease
from app.locales.releases.queries import live, live_words, waiting
from app.locales.states import APPROVED, DRAFT, REVIEW, UNTRANSLATED
from app.locales.words import SOURCE_LOCALE

PAGE = 50
UNFINISHED = "unfinished"  # a filter, not a state
FILTERS = (UNFINISHED, UNTRANSLATED, DRAFT, REVIEW, APPROVED)
SEPARATOR = "\n"


@dataclass(frozen=True)
class KeptFile:
    taken_at: datetime
    taken_by: str


def kept_file(session: Session, code: str) -> KeptFile | None:
    """The PO file that was taken in last, without its bytes."""
    row = session.execute(
        select(LocaleFile.taken_at, LocaleFile.taken_by).where(LocaleFile.locale == code)
    ).first()
    return KeptFile(row.taken_at, row.taken_by) if row else None


# --- the list of locales -----------------------------------------------------------------------------


@dataclass(frozen=True)
class LocaleRow:
    code: str
    name: str  # in the reader's language
    own_name: str
    is_rtl: bool
    is_source: bool
    strings: int
    by_state: dict[str, int]  # every state, untranslated too
    release: int  # 0: what ships
    released_at: datetime | None
    released_by: str
    waiting: int  # strings that the next release would change

    @property
    def translated(self) -> int:
        """Strings that shoppers can read in their language, were all work published."""
        return self.strings if self.is_source else self.strings - self.by_state[UNTRANSLATED]

    @property
    def unfinished(self) -> int:
        return (
            self.by_state[DRAFT]
            + self.by_state[REVIEW]
            + (0 if self.is_source else self.by_state[UNTRANSLATED])
        )


def names(code: str, reader: str) -> tuple[str, str, bool]:
    """A locale's name for the reader, its own name, and whether it is written from right to left."""
    try:
        found = BabelLocale.parse(code.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return code, code, False
    return (
        found.get_display_name(reader) or code,
        (found.display_name or code).capitalize(),
        found.text_direction == "rtl",
    )


def locale(session: Session, code: str) -> Locale:
    found = session.get(Locale, code)
    if found is None:
        raise NotFound(_l("There is no locale %(code)s.", code=code[:40]))
    return found


def rule_of(session: Session, code: str) -> PluralRule:
    return read_rule(locale(session, code).plural_forms)


def board(session: Session, reader: str) -> list[LocaleRow]:
    """Every locale: what waits to be published first, then what is least translated."""
    codes = session.scalars(select(Locale.code)).all()
    rows = [one_locale(session, code, reader) for code in codes]
    return sorted(rows, key=lambda row: (-row.waiting, row.translated / (row.strings or 1), row.code))


def one_locale(session: Session, code: str, reader: str) -> LocaleRow:
    locale(session, code)
    name, own_name, is_rtl = names(code, reader)
    pointer = session.get(LiveRelease, code)
    release = live(session, code)
    by_state = counts(session, code)
    return LocaleRow(
        code=code,
        name=name,
        own_name=own_name,
        is_rtl=is_rtl,
        is_source=code == SOURCE_LOCALE,
        strings=sum(by_state.values()),
        by_state=by_state,
        release=release.number if release else 0,
        released_at=pointer.since if pointer else None,
        released_by=pointer.moved_by if pointer else "",
        waiting=len(waiting(session, code)),
    )


def counts(session: Session, code: str) -> dict[str, int]:
    """Strings by state, of those that the shop still uses."""
    state = func.coalesce(Translation.state, UNTRANSLATED)
    rows = session.execute(
        select(state, func.count())
        .select_from(Message)
        .outerjoin(Translation, _of_message(code))
        .where(Message.obsolete_at.is_(None))
        .group_by(state)
    )
    found = {row[0]: row[1] for row in rows}
    return {name: found.get(name, 0) for name in (UNTRANSLATED, DRAFT, REVIEW, APPROVED)}


def _of_message(code: str) -> ColumnElement[bool]:
    return (Translation.message_id == Message.id) & (Translation.locale == code)


# --- strings -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filter:
    """What the list shows; the same words stand in the URL."""

    q: str = ""  # in the source, the translation, the context or the place
    state: str = ""  # a state, `unfinished`, or empty: all


@dataclass(frozen=True)
class StringRow:
    id: int
    msgid: str
    plural_id: str | None
    context: str
    location: str
    forms: tuple[str, ...]
    state: str
    author: str
    updated_at: datetime | None


def strings(session: Session, code: str, wanted: Filter, page: int) -> list[StringRow]:
    rows = session.execute(
        _filtered(select(Message, Translation), code, wanted)
        .order_by(Message.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [_string_row(message, translation) for message, translation in rows]


def matching(session: Session, code: str, wanted: Filter) -> list[int]:
    """Ids of all strings of a filter, in their order."""
    return list(session.scalars(_filtered(select(Message.id), code, wanted).order_by(Message.id)))


def _filtered(statement: Select, code: str, wanted: Filter) -> Select:  # type: ignore[type-arg]
    state = func.coalesce(Translation.state, UNTRANSLATED)
    found = statement.outerjoin(Translation, _of_message(code)).where(Message.obsolete_at.is_(None))
    if wanted.state == UNFINISHED:
        found = found.where(state != APPROVED)
    elif wanted.state:
        found = found.where(state == wanted.state)
    for word in wanted.q.split():
        found = found.where(_says(word))
    return found


def _says(word: str) -> ColumnElement[bool]:
    pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    places = (
        Message.msgid,
        Message.plural_id,
        Message.context,
        func.array_to_string(Translation.forms, SEPARATOR),
        Message.locations[0].astext,
    )
    return or_(*(place.ilike(pattern) for place in places))


def _string_row(message: Message, translation: Translation | None) -> StringRow:
    return StringRow(
        id=message.id,
        msgid=message.msgid,
        plural_id=message.plural_id,
        context=message.context,
        location=message.locations[0] if message.locations else "",
        forms=tuple(translation.forms) if translation else (),
        state=translation.state if translation else UNTRANSLATED,
        author=translation.author if translation else "",
        updated_at=translation.updated_at if translation else None,
    )


@dataclass(frozen=True)
class StringPage:
    """One string with all that the editor shows beside it."""

    message: Message
    translation: Translation | None
    rule: PluralRule
    live: tuple[str, ...] | None  # what shoppers see; None: the source text
    others: list[tuple[str, tuple[str, ...]]]  # the string in other locales
    history: list[TranslationVersion]  # newest first

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


def one_string(session: Session, code: str, message_id: int) -> StringPage:
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound(_l("There is no such string."))
    words = live_words(session, code).get(message.key)
    others = session.scalars(
        select(Translation)
        .where(Translation.message_id == message_id, Translation.locale != code)
        .order_by(Translation.locale)
    )
    history = session.scalars(
        select(TranslationVersion)
        .where(TranslationVersion.message_id == message_id, TranslationVersion.locale == code)
        .order_by(TranslationVersion.revision.desc())
        .limit(20)
    )
    return StringPage(
        message=message,
        translation=session.get(Translation, (message_id, code)),
        rule=rule_of(session, code),
        live=words.forms if words else None,
        others=[(row.locale, tuple(row.forms)) for row in others if any(row.forms)],
        history=list(history),
    )
