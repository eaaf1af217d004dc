"""Writes: reading what ships, saving a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import four_eyes
from app.audit.commands import record
from app.errors import Conflict, NotFound, Refused
from app.locales import checks
from app.locales.checks import About
from app.locales.extraction import commands as extraction
from app.locales.extraction import template
from app.locales.models import Locale, Message, Translation
from app.locales.plurals import read_rule
from app.locales.shipped import ShippedFile, ShippedString, read_all
from app.locales.states import APPROVED, CHOICES, OWN_TEXT, REVIEW, UNTRANSLATED, sender_of
from app.locales.words import SOURCE_LOCALE, source_of
from app.locales.writing import failed, recheck_all, write_one

SOURCE_PLURALS = "nplurals=2; plural=(n != 1);"
SHIPPED = "shipped"  # the author of what came with the package


class StaleEdit(Conflict):
    """Somebody else saved the string since it was read; `theirs` is what they saved, as `revision`."""

    def __init__(self, row: Translation) -> None:
        super().__init__(
            _l("%(author)s saved this string in the meantime. Your text is kept below.", author=row.author)
        )
        self.theirs = tuple(row.forms)
        self.revision = row.revision


# --- what ships --------------------------------------------------------------------------------------


def load_shipped(session: Session, root: Path, now: datetime, sources: Path | None = None) -> str:
    """Take over the messages and words of the package. What people edited stays; twice changes nothing.

    `sources`: the shop's, or a template of them, say which messages there are; without them the files do.
    """
    files = read_all(root)
    if not files:
        return "nothing ships"
    _add_locales(session, files, now)
    taken = extraction.take(session, template.read(sources), SHIPPED, now) if sources else None
    ids = taken.ids if taken else _take_messages(session, files, now)
    changed = sum(take_words(session, file, ids, now) for file in files)
    if taken:
        extraction.offer(session, taken, now)  # what has come with words of its own is left alone
    recheck_all(session)
    return f"{len(ids)} messages, {len(files)} files, {changed} texts taken over"


def _add_locales(session: Session, files: Sequence[ShippedFile], now: datetime) -> None:
    rules = {SOURCE_LOCALE: SOURCE_PLURALS} | {file.locale: file.plural_forms for file in files}
    for code, plural_forms in rules.items():
        read_rule(plural_forms)
        row = insert(Locale).values(code=code, plural_forms=plural_forms, created_at=now)
        session.execute(
            row.on_conflict_do_update(index_elements=["code"], set_={"plural_forms": plural_forms})
        )


def _take_messages(session: Session, files: Sequence[ShippedFile], now: datetime) -> dict[str, int]:
    """Ids by key. What no file has any more becomes obsolete, what is back is not."""
    strings = {string.key: string for file in files for string in file.strings}
    rows = [_message_row(string, now) for string in strings.values()]
    if rows:
        new = insert(Message)
        kept = {name: new.excluded[name] for name in ("plural_id", "flags", "locations", "comments")}
        statement = new.on_conflict_do_update(index_elements=["key"], set_={**kept, "obsolete_at": None})
        session.execute(statement, rows)
    gone = Message.key.not_in(strings) & Message.obsolete_at.is_(None) & (Message.origin == "shop")
    session.execute(update(Message).where(gone).values(obsolete_at=now))
    found = session.execute(select(Message.key, Message.id).where(Message.obsolete_at.is_(None)))
    return {row.key: row.id for row in found}


def _message_row(string: ShippedString, now: datetime) -> dict[str, object]:
    return {
        "key": string.key,
        "context": string.context,
        "msgid": string.msgid,
        "plural_id": string.plural_id,
        "flags": list(string.flags),
        "locations": list(string.locations),
        "comments": list(string.comments),
        "first_seen_at": now,
    }


def take_words(session: Session, file: ShippedFile, ids: Mapping[str, int], now: datetime) -> int:
    """How many texts are new or differ from what shipped before."""
    mine = select(Translation).where(Translation.locale == file.locale)
    known = {row.message_id: row for row in session.scalars(mine)}
    changed = 0
    for string in file.strings:
        message_id = ids.get(string.key)
        if message_id is None:
            continue  # the shop says it no longer
        if string.forms and not _is_taken(known.get(message_id), string):
            row = known.get(message_id) or Translation(
                message_id=message_id, locale=file.locale, revision=0, author=SHIPPED
            )
            session.add(row)
            _take_text(session, row, string, now)
            changed += 1
    session.flush()
    return changed


def _is_taken(row: Translation | None, string: ShippedString) -> bool:
    if row is None or row.shipped_forms != list(string.shown_forms):
        return False
    return row.author != SHIPPED or row.forms == list(string.forms)


def _take_text(session: Session, row: Translation, string: ShippedString, now: datetime) -> None:
    row.shipped_forms = list(string.shown_forms)
    if row.author == SHIPPED:
        write_one(session, row, string.forms, REVIEW if string.is_fuzzy else APPROVED, SHIPPED, now)


# --- one text ----------------------------------------------------------------------------------------


def save(
    session: Session,
    locale: str,
    message_id: int,
    forms: Sequence[str],
    state: str,
    revision: int,
    who: str,
    now: datetime,
) -> Translation:
    """Save a text made on `revision` (0: there was none).

    Refuses to approve what a check blocks, and, where the locale asks for a review, one's own text; a draft
    may be saved with anything that can be stored. The same again changes nothing. Raises `StaleEdit` when
    somebody else was faster, and `Refused` with the fields form-0, form-1 …
    """
    message = _message(session, message_id)
    desk = _locale(session, locale)
    forms = [text.replace("\r\n", "\n") for text in forms]
    state = state if any(forms) else UNTRANSLATED
    findings = checks.check(source_of(message), forms, read_rule(desk.plural_forms), About(locale))
    _refuse_unsavable(findings, state)
    row = locked(session, locale, message_id, revision, now)
    if (row.forms, row.state) == (forms, state):
        return row
    writer = row.writer if row.forms == forms else who
    if state == APPROVED and desk.asks_review and four_eyes.is_own(session, [sender_of(writer)], who):
        raise Refused(OWN_TEXT, {"state": OWN_TEXT})
    keep(session, row, forms, state, findings, who, writer, now)
    return row


def locked(session: Session, locale: str, message_id: int, revision: int, now: datetime) -> Translation:
    """The row to write on. Raises `StaleEdit` where it is no longer at the revision."""
    row = _row_to_write(session, locale, message_id, now)
    if row.revision != revision:
        raise StaleEdit(row)
    return row


def keep(
    session: Session,
    row: Translation,
    forms: Sequence[str],
    state: str,
    findings: Sequence[checks.Finding],
    who: str,
    writer: str,
    now: datetime,
    action: str = "locales.save",
) -> None:
    """The next version of a locked row, audited."""
    before = {"forms": row.forms, "state": row.state}
    write_one(session, row, forms, state, who, now, writer=writer, failed_checks=failed(findings))
    session.flush()
    after = {"forms": row.forms, "state": row.state}
    record(session, who, action, f"message:{row.locale}:{row.message_id}", before, after, now)


def _row_to_write(session: Session, locale: str, message_id: int, now: datetime) -> Translation:
    """The row, locked; made first where there is none, so that two first texts meet on one row."""
    empty = insert(Translation).values(
        message_id=message_id,
        locale=locale,
        forms=[],
        state=UNTRANSLATED,
        revision=0,
        author="",
        updated_at=now,
    )
    session.execute(empty.on_conflict_do_nothing())
    wanted = select(Translation).where(Translation.message_id == message_id, Translation.locale == locale)
    fresh = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalars(fresh).one()


def _refuse_unsavable(findings: Iterable[checks.Finding], state: str) -> None:
    if state not in (*CHOICES, UNTRANSLATED):
        raise Refused(
            _l("Choose draft, needs review or approved."), {"state": _l("Choose one of the states.")}
        )
    unstorable = ("characters", "length")
    blocking = [
        finding
        for finding in findings
        if finding.blocks and (state == APPROVED or finding.check in unstorable)
    ]
    if blocking:
        fields = {f"form-{finding.form}": finding.message for finding in reversed(blocking)}
        if state == APPROVED:
            raise Refused(_l("A shopper must not see this text yet. Mend it, or save it as a draft."), fields)
        raise Refused(_l("This text cannot be stored."), fields)


def _message(session: Session, message_id: int) -> Message:
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound(_l("There is no such string."))
    return message


def _locale(session: Session, code: str) -> Locale:
    locale = session.get(Locale, code)
    if locale is None:
        raise NotFound(_l("There is no locale %(code)s.", code=code[:40]))
    return locale
