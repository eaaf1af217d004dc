"""Reads of locales, for the board and the head of each page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.locales.models import Locale, LocaleFile, Message, Translation
from app.locales.pending import waiting_count
from app.locales.plurals import PluralRule, read_rule
from app.locales.releases.models import LiveRelease
from app.locales.releases.queries import live
from app.locales.states import APPROVED, DRAFT, REVIEW, UNTRANSLATED
from app.locales.words import SOURCE_LOCALE


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
    availability: str  # a key of locale_rules.AVAILABILITY
    asks_review: bool
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
    return sorted(rows, key=most_wanted)


def most_wanted(row: LocaleRow) -> tuple[int, float, str]:
    return -row.waiting, row.translated / (row.strings or 1), row.code


def one_locale(session: Session, code: str, reader: str) -> LocaleRow:
    row = locale(session, code)
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
        availability=row.availability,
        asks_review=row.asks_review,
        strings=sum(by_state.values()),
        by_state=by_state,
        release=release.number if release else 0,
        released_at=pointer.since if pointer else None,
        released_by=pointer.moved_by if pointer else "",
        waiting=waiting_count(session, code),
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
