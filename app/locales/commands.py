"""Writes: reading what ships, saving a text, publishing a release, moving the pointer back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from flask_babel import lazy_gettext as _l
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, NotFound, Refused
from app.locales import catalog, checks, queries
from app.locales.catalog import Entry
from app.locales.models import (
    LiveRelease,
    Locale,
    Message,
    Release,
    ReleaseMove,
    Translation,
    TranslationVersion,
)
from app.locales.plurals import read_rule
from app.locales.shipped import ShippedFile, ShippedString, read_all
from app.locales.states import APPROVED, CHOICES, REVIEW, UNTRANSLATED
from app.timeline import commands as timeline

CHANNEL = "backroom:catalogs"  # the shop listens here; the message is the locale
SOURCE_LOCALE = "en"
SOURCE_PLURALS = "nplurals=2; plural=(n != 1);"
SHIPPED = "shipped"  # the author of what came with the package
LONGEST_NOTE = 500
NAMED_BLOCKERS = 5  # how many strings a refusal names


class StaleEdit(Conflict):
    """Somebody else saved the string since it was read; `theirs` is what they saved, as `revision`."""

    def __init__(self, row: Translation) -> None:
        super().__init__(
            _l("%(author)s saved this string in the meantime. Your text is kept below.", author=row.author)
        )
        self.theirs = tuple(row.forms)
        self.revision = row.revision


# --- what ships --------------------------------------------------------------------------------------


def load_shipped(session: Session, root: Path, now: datetime) -> str:
    """Take over the messages and words of the package. What people edited stays; twice changes nothing."""
    files = read_all(root)
    if not files:
        return "nothing ships"
    _add_locales(session, files, now)
    ids = _take_messages(session, files, now)
    changed = sum(_take_words(session, file, ids, now) for file in files)
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


def _take_words(session: Session, file: ShippedFile, ids: dict[str, int], now: datetime) -> int:
    """How many texts are new or differ from what shipped before."""
    mine = select(Translation).where(Translation.locale == file.locale)
    known = {row.message_id: row for row in session.scalars(mine)}
    changed = 0
    for string in file.strings:
        message_id = ids[string.key]
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
        _write(session, row, string.forms, REVIEW if string.is_fuzzy else APPROVED, SHIPPED, now)


def _write(
    session: Session, row: Translation, forms: Sequence[str], state: str, author: str, now: datetime
) -> None:
    row.forms, row.state, row.author, row.updated_at = list(forms), state, author, now
    row.revision += 1
    row.previous_context = row.previous_msgid = row.previous_plural_id = None
    if state == APPROVED:
        row.approved_forms = list(forms)
    session.add(
        TranslationVersion(
            message_id=row.message_id,
            locale=row.locale,
            revision=row.revision,
            forms=list(forms),
            state=state,
            author=author,
            at=now,
        )
    )


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

    Refuses to approve what a check blocks; a draft may be saved with anything that can be stored. Raises
    `StaleEdit` when somebody else was faster, and `Refused` with the fields form-0, form-1 …
    """
    message = _message(session, message_id)
    rule = read_rule(_locale(session, locale).plural_forms)
    forms = [text.replace("\r\n", "\n") for text in forms]
    state = state if any(forms) else UNTRANSLATED
    _refuse_unsavable(checks.check(queries.source_of(message), forms, rule), state)
    row = _row_to_write(session, locale, message_id, now)
    if row.revision != revision:
        raise StaleEdit(row)
    before = {"forms": row.forms, "state": row.state}
    _write(session, row, forms, state, who, now)
    if state == UNTRANSLATED:
        row.approved_forms = None
    session.flush()
    after = {"forms": row.forms, "state": row.state}
    record(session, who, "locales.save", f"message:{locale}:{message_id}", before, after, now)
    return row


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
    return session.scalars(wanted.with_for_update()).one()


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


def _locale(session: Session, code: str, *, lock: bool = False) -> Locale:
    locale = session.get(Locale, code, with_for_update=lock)
    if locale is None:
        raise NotFound(_l("There is no locale %(code)s.", code=code[:40]))
    return locale


# --- releases ----------------------------------------------------------------------------------------


def publish(session: Session, code: str, note: str, who: str, now: datetime) -> Release:
    """Compile what is approved into a new release and show it to shoppers.

    Refuses where a string would break a page, naming it, and where nothing differs from what is live.
    Publishing in one locale is one after the other. Call `nudge` once the transaction is committed.
    """
    locale = _locale(session, code, lock=True)
    if len(note) > LONGEST_NOTE:
        most = _l("Give at most %(most)s characters.", most=LONGEST_NOTE)
        raise Refused(_l("Nothing was published."), {"note": most})
    blocked = queries.blocked(session, locale)
    if blocked:
        raise Refused(_blocked_words(blocked))
    entries = queries.approved(session, code)
    data = catalog.compiled(code, locale.plural_forms, entries.values())
    live = queries.live(session, code)
    digest = hashlib.sha256(data).hexdigest()
    if live.sha256 == digest if live else not queries.waiting(session, code):
        raise Refused(_l("Nothing differs from what shoppers see already."))
    release = _add_release(session, code, data, digest, len(entries), note.strip(), who, now)
    _move(session, code, live, release, who, now)
    _tell(session, "locales.publish", code, live, release, who, now)
    return release


def _add_release(
    session: Session, code: str, data: bytes, digest: str, strings: int, note: str, who: str, now: datetime
) -> Release:
    newest = session.scalar(select(func.max(Release.number)).where(Release.locale == code)) or 0
    release = Release(
        locale=code,
        number=newest + 1,
        catalog=data,
        sha256=digest,
        strings=strings,
        note=note,
        created_by=who,
        created_at=now,
    )
    session.add(release)
    session.flush()
    return release


def _blocked_words(blocked: Sequence[tuple[Entry, checks.Finding]]) -> object:
    named = [f"“{entry.msgid[:60]}”: {finding.message}" for entry, finding in blocked[:NAMED_BLOCKERS]]
    more = len(blocked) - len(named)
    words = " · ".join(named)
    if more > 0:
        return _l("These strings would break a page: %(words)s · and %(more)s more.", words=words, more=more)
    return _l("These strings would break a page: %(words)s", words=words)


def make_live(session: Session, code: str, number: int, who: str, now: datetime) -> Release | None:
    """Show an earlier release again, byte for byte; 0: what ships. Call `nudge` after the commit."""
    _locale(session, code, lock=True)
    live = queries.live(session, code)
    release = None
    if number:
        wanted = select(Release).where(Release.locale == code, Release.number == number)
        release = session.scalar(wanted)
        if release is None:
            raise NotFound(_l("There is no release %(number)s of %(code)s.", number=number, code=code))
    if (live.number if live else 0) == number:
        raise Conflict(_l("Shoppers see this release already."))
    _move(session, code, live, release, who, now)
    _tell(session, "locales.rollback", code, live, release, who, now)
    return release


def _move(
    session: Session, code: str, live: Release | None, release: Release | None, who: str, now: datetime
) -> None:
    if release is None:
        session.execute(delete(LiveRelease).where(LiveRelease.locale == code))
    else:
        row = insert(LiveRelease).values(locale=code, release_id=release.id, since=now, moved_by=who)
        new = {"release_id": release.id, "since": now, "moved_by": who}
        session.execute(row.on_conflict_do_update(index_elements=["locale"], set_=new))
    session.add(
        ReleaseMove(
            locale=code,
            at=now,
            from_number=live.number if live else None,
            to_number=release.number if release else None,
            moved_by=who,
        )
    )


def _tell(
    session: Session,
    action: str,
    code: str,
    live: Release | None,
    release: Release | None,
    who: str,
    now: datetime,
) -> None:
    number = release.number if release else 0
    before = {"release": live.number if live else 0}
    record(session, who, action, f"locale:{code}", before, {"release": number}, now)
    if release is None:
        title = f"{code}: back to the words that ship"
    elif action == "locales.rollback":
        title = f"{code}: back to release {number}"
    else:
        title = f"{code}: release {number}"
    detail = release.note if release else ""
    timeline.record(
        session, now, "release", title, f"locale:{code}", detail=detail, url=f"/locales/{code}/releases"
    )


def nudge(redis: Redis, code: str) -> bool:
    """Tell the shops that a locale changed, so that they need not wait for their next poll."""
    try:
        redis.publish(CHANNEL, code)
    except RedisError:
        return False
    return True
