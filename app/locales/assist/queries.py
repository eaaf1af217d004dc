"""Reads, shaped for the panel beside the editor and the page of the glossary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.locales import checks
from app.locales.assist.models import CheckDismissal, GlossaryTerm
from app.locales.checking.style import term_stands
from app.locales.checks import About, Finding, Term
from app.locales.insight.models import MessageSighting
from app.locales.models import Locale, Message, Translation
from app.locales.plurals import read_rule
from app.locales.words import source_of

LEAST_SIMILARITY = 0.5  # less is of little help, and costs several times as much to look for
MOST_MEMORIES = 5
MOST_PAGES = 6
IMPORTED = "file:"  # how authors of texts out of files begin


# --- glossary ----------------------------------------------------------------------------------------


def term_rows(session: Session, code: str) -> Sequence[GlossaryTerm]:
    of_locale = select(GlossaryTerm).where(GlossaryTerm.locale == code)
    return session.scalars(of_locale.order_by(func.lower(GlossaryTerm.term))).all()


def term_row(session: Session, code: str, term_id: int) -> GlossaryTerm:
    row = session.get(GlossaryTerm, term_id)
    if row is None or row.locale != code:
        raise NotFound(_l("There is no such term."))
    return row


def terms(session: Session, code: str) -> list[Term]:
    return [_term(row) for row in term_rows(session, code)]


def _term(row: GlossaryTerm) -> Term:
    return Term(row.term, row.translation, row.is_kept, row.is_case_sensitive, row.note, row.id)


def standing(found: Sequence[Term], message: Message) -> tuple[Term, ...]:
    """Those that the message has, the longest first."""
    text = f"{message.msgid}\n{message.plural_id or ''}"
    return tuple(
        sorted((term for term in found if term_stands(term, text)), key=lambda term: -len(term.term))
    )


# --- what is wrong, and who said that it does not matter ----------------------------------------------


@dataclass(frozen=True)
class Judged:
    """A finding, and the dismissal that is in force for it."""

    finding: Finding
    dismissal: CheckDismissal | None

    @property
    def name(self) -> object:
        return checks.CHECKS[self.finding.check].name


def about(session: Session, code: str, message: Message) -> About:
    """What the checks of one message look at beside it."""
    others = session.scalars(
        select(Translation.forms)
        .join(Message)
        .where(
            Message.msgid == message.msgid,
            Message.id != message.id,
            Message.obsolete_at.is_(None),
            Translation.locale == code,
        )
        .limit(20)
    )
    elsewhere = tuple(tuple(forms) for forms in others)
    return About(code, standing(terms(session, code), message), elsewhere)


def judged(session: Session, code: str, message: Message, forms: Sequence[str]) -> list[Judged]:
    """All findings of a text, blockers first, and dismissed ones last."""
    locale = session.get(Locale, code)
    if locale is None:
        raise NotFound(_l("There is no locale %(code)s.", code=code[:40]))
    rule = read_rule(locale.plural_forms)
    found = checks.check(source_of(message), forms, rule, about(session, code, message))
    said = {(row.check, row.form): row for row in dismissals(session, code, message.id)}
    rows = [Judged(one, _in_force(said.get((one.check, one.form)), one, forms)) for one in found]
    return sorted(rows, key=lambda row: (not row.finding.blocks, row.dismissal is not None))


def _in_force(said: CheckDismissal | None, one: Finding, forms: Sequence[str]) -> CheckDismissal | None:
    """Of this very text alone; a blocker cannot be dismissed, whatever the table says."""
    if said is None or one.blocks or said.text != forms[one.form]:
        return None
    return said


def open_findings(session: Session, code: str, message: Message, forms: Sequence[str]) -> list[Finding]:
    """What is wrong with a text, less the warnings that somebody dismissed for this very text."""
    return [row.finding for row in judged(session, code, message, forms) if row.dismissal is None]


def dismissals(session: Session, code: str, message_id: int) -> Sequence[CheckDismissal]:
    of_text = (CheckDismissal.message_id == message_id, CheckDismissal.locale == code)
    return session.scalars(select(CheckDismissal).where(*of_text)).all()


# --- translation memory ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Memory:
    """A text that was approved or brought in for a message that resembles this one."""

    message_id: int
    msgid: str
    forms: tuple[str, ...]
    similarity: float  # 0 to 1, by trigrams
    place: str  # where the message stands, or stood
    origin: str  # shop, file or content
    is_obsolete: bool
    author: str
    at: datetime


def memory(session: Session, code: str, msgid: str, but: int | None = None) -> list[Memory]:
    """What is like `msgid`, the nearest first; the index finds it among ten thousands."""
    session.execute(select(func.set_config("pg_trgm.similarity_threshold", str(LEAST_SIMILARITY), True)))
    near = func.similarity(Message.msgid, msgid)
    rows = session.execute(
        select(Message, Translation, near.label("near"))
        .join(Translation, Translation.message_id == Message.id)
        .where(
            Message.msgid.bool_op("%")(msgid),
            Message.id != (but or 0),
            Translation.locale == code,
            or_(Translation.approved_forms.is_not(None), Translation.author.startswith(IMPORTED)),
        )
        .order_by(near.desc(), Translation.updated_at.desc())
        .limit(MOST_MEMORIES * 4)
    )
    found: dict[tuple[str, ...], Memory] = {}
    for message, text, similarity in rows:
        one = _memory(message, text, similarity)
        if any(one.forms):
            found.setdefault(one.forms, one)
    return list(found.values())[:MOST_MEMORIES]


def _memory(message: Message, text: Translation, similarity: float) -> Memory:
    return Memory(
        message_id=message.id,
        msgid=message.msgid,
        forms=tuple(text.approved_forms or text.forms),
        similarity=similarity,
        place=message.locations[0] if message.locations else message.context,
        origin=message.origin,
        is_obsolete=message.obsolete_at is not None,
        author=text.author.removeprefix(IMPORTED),
        at=text.updated_at,
    )


# --- where it stands ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A page of the shop on which shoppers saw the string."""

    endpoint: str
    path: str
    last_seen_at: datetime


def pages(session: Session, code: str, key: str) -> list[Page]:
    """The newest of each kind; in this locale where it was seen there, else in any."""
    rows = session.scalars(
        select(MessageSighting)
        .where(MessageSighting.message_key == key)
        .order_by((MessageSighting.locale == code).desc(), MessageSighting.last_seen_at.desc())
        .limit(200)
    )
    found: dict[str, Page] = {}
    for row in rows:
        found.setdefault(row.endpoint, Page(row.endpoint, row.path, row.last_seen_at))
    return sorted(found.values(), key=_is_somebodys)[:MOST_PAGES]


def _is_somebodys(page: Page) -> bool:
    """A page with a number in its address, such as an order, may open for one shopper alone."""
    return any(character.isdigit() for character in page.path)


def component(message: Message) -> str:
    """The part of the shop that says it: storefront/cart/templates/cart.html:12 → cart."""
    parts = (message.locations[0] if message.locations else "").split("/")
    inner = parts[1:] if parts[0] == "storefront" else parts
    return inner[0] if len(inner) > 1 else ""


# --- all of it together ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Help:
    """Everything that the panel shows of one string."""

    message: Message
    forms: tuple[str, ...]
    judged: list[Judged]
    terms: tuple[Term, ...]
    memory: list[Memory]
    pages: list[Page]
    component: str
    previous: tuple[str, str | None] | None  # what the source said when the text was written


def message_of(session: Session, message_id: int) -> Message:
    found = session.get(Message, message_id)
    if found is None:
        raise NotFound(_l("There is no such string."))
    return found


def help_of(session: Session, code: str, message_id: int) -> Help:
    message = message_of(session, message_id)
    text = session.get(Translation, (message_id, code))
    forms = tuple(text.forms) if text else ()
    was = (text.previous_msgid, text.previous_plural_id) if text and text.previous_msgid is not None else None
    return Help(
        message=message,
        forms=forms,
        judged=judged(session, code, message, forms),
        terms=standing(terms(session, code), message),
        memory=memory(session, code, message.msgid, but=message.id),
        pages=pages(session, code, message.key),
        component=component(message),
        previous=was,
    )
