"""Taking files of texts in, and writing them out. A PO file is kept: an export patches that very file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from flask_babel import lazy_gettext as _l
from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Refused
from app.locales import exchange, po, po_patch, queries
from app.locales.exchange import Incoming, Text
from app.locales.intake import Known, Line, Report, planned
from app.locales.models import Locale, LocaleFile, Message, Translation, TranslationBatch
from app.locales.plurals import PluralRule, read_rule
from app.locales.rowset import rowset
from app.locales.states import APPROVED, DRAFT, FROM_FILE, UNTRANSLATED
from app.locales.words import source_of
from app.locales.writing import ROWS_PER_INSERT, Write, add_batch, failed, write_many

SHIPPED = "shipped"
ORIGIN = "file"  # of a message that no source of the shop has
MESSAGES = cast(Table, Message.__table__)
ADDED = (
    "key", "context", "msgid", "plural_id", "flags", "locations", "comments", "first_seen_at", "origin",
)  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """How a file is taken in."""

    approve: bool = False
    take_theirs: bool = False
    add_messages: bool = False
    any_language: bool = False  # also where its header names another language


def take_in(
    session: Session,
    code: str,
    data: bytes,
    name: str,
    choices: Choices,
    who: str,
    now: datetime,
    *,
    dry_run: bool,
) -> Report:
    """Reads a file and says what becomes of each text; unless `dry_run`, also does it.

    All or nothing: a file that cannot be read changes nothing. Conflicts and refused texts are left out and
    named. The same file again changes nothing. Raises `Refused` on the field file.
    """
    incoming = exchange.read(data, name)
    locale = queries.locale(session, code)
    session.refresh(locale, with_for_update={"key_share": True})  # one file at a time; editors go on
    _check_language(incoming, code, choices)
    rule = _rule(session, locale, incoming)
    known = _known(session, code)
    report = planned(
        incoming.texts,
        known,
        rule,
        approve=choices.approve and not locale.asks_review,  # who sends a file cannot approve it
        take_theirs=choices.take_theirs,
        add=choices.add_messages,
    )
    if dry_run:
        return report
    if rule.header != locale.plural_forms:
        locale.plural_forms = rule.header
    written = _write(session, code, name, report, who, now)
    if name == exchange.PO:
        _keep(session, code, data, who, now)
    if written or any(line.outcome == "added" for line in report.lines):
        record(session, who, "locales.import", f"locale:{code}", None, {"format": name, **report.counts}, now)
    return report


def _check_language(incoming: Incoming, code: str, choices: Choices) -> None:
    if not incoming.language or choices.any_language:
        return
    if _language(incoming.language) != _language(code):
        why = _l(
            "The file says that it is %(said)s, and this is %(code)s.", said=incoming.language[:40], code=code
        )
        raise exchange.wrong(why)


def _language(code: str) -> str:
    """The language without its territory; a name that no standard knows stays as it is."""
    try:
        return BabelLocale.parse(code.replace("-", "_").partition("@")[0]).language
    except (ValueError, UnknownLocaleError):
        return code.lower()


def _rule(session: Session, locale: Locale, incoming: Incoming) -> PluralRule:
    """The locale's rule; a locale without a single text takes over that of the file."""
    if not incoming.plural_forms:
        return read_rule(locale.plural_forms)
    try:
        said = read_rule(" ".join(incoming.plural_forms.split()))
    except Refused as refused:
        raise exchange.wrong(refused.message) from None
    has_texts = session.scalar(
        select(func.count()).where(Translation.locale == locale.code, Translation.state != UNTRANSLATED)
    )
    return read_rule(locale.plural_forms) if has_texts else said


def _known(session: Session, code: str) -> dict[str, Known]:
    base = _base(session, code)
    rows = session.execute(
        select(Message, Translation)
        .outerjoin(Translation, (Translation.message_id == Message.id) & (Translation.locale == code))
        .where(Message.obsolete_at.is_(None))
    )
    return {message.key: _known_one(message, row, base.get(message.key)) for message, row in rows}


def _known_one(message: Message, row: Translation | None, base: tuple[str, ...] | None) -> Known:
    source = source_of(message)
    if row is None:
        return Known(message.id, source, (), base, UNTRANSLATED, 0, is_ours=False)
    if base is None and row.shipped_forms is not None:
        base = tuple(row.shipped_forms)
    is_ours = bool(row.author) and row.author != SHIPPED and not row.author.startswith(FROM_FILE)
    forms = tuple(row.forms) if any(row.forms) else ()
    return Known(message.id, source, forms, base, row.state, row.revision, is_ours)


def _base(session: Session, code: str) -> Mapping[str, tuple[str, ...]]:
    kept = session.get(LocaleFile, code)
    if kept is None:
        return {}
    return {text.key: text.forms for text in exchange.read(kept.data, exchange.PO).texts if any(text.forms)}


def _write(session: Session, code: str, name: str, report: Report, who: str, now: datetime) -> int:
    """Texts in a few statements; one that somebody saved since it was read stays theirs."""
    ids = _add_messages(session, [line for line in report.lines if line.outcome == "added"], now)
    lines = [line for line in report.lines if line.is_written and any(line.text.forms)]
    if not lines:
        return 0
    batch = add_batch(session, code, "import", who, now, detail=name)
    author = f"{FROM_FILE}{who}"
    done = write_many(session, code, [_as_write(line, ids, author) for line in lines], author, now, batch.id)
    session.execute(update(TranslationBatch).where(TranslationBatch.id == batch.id).values(strings=len(done)))
    return len(done)


def _as_write(line: Line, ids: Mapping[str, int], writer: str) -> Write:
    known, forms = line.known, line.text.forms
    return Write(
        message_id=known.message_id if known else ids[line.text.key],
        forms=forms,
        state=line.state,
        on_revision=known.revision if known else 0,
        writer=writer,
        failed_checks=tuple(failed(line.findings)),
        approved_forms=forms if line.state == APPROVED else None,
        keeps_approved=True,
    )


def _add_messages(session: Session, lines: Sequence[Line], now: datetime) -> dict[str, int]:
    rows = [
        {
            "key": line.text.key,
            "context": line.text.context,
            "msgid": line.text.msgid,
            "plural_id": line.text.plural_id,
            "flags": list(line.text.flags),
            "locations": [place for said in line.text.references for place in said.split()],
            "comments": list(line.text.comments),
            "first_seen_at": now.isoformat(),
            "origin": ORIGIN,
        }
        for line in lines
    ]
    found: dict[str, int] = {}
    for start in range(0, len(rows), ROWS_PER_INSERT):
        part = rowset(MESSAGES, ADDED, rows[start : start + ROWS_PER_INSERT])
        new = insert(MESSAGES).from_select(ADDED, select(*part.c))
        back = new.on_conflict_do_update(index_elements=["key"], set_={"obsolete_at": None})
        found |= {row.key: row.id for row in session.execute(back.returning(MESSAGES.c.key, MESSAGES.c.id))}
    return found


def _keep(session: Session, code: str, data: bytes, who: str, now: datetime) -> None:
    row = {
        "locale": code,
        "data": data,
        "sha256": hashlib.sha256(data).hexdigest(),
        "taken_at": now,
        "taken_by": who,
    }
    statement = insert(LocaleFile).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=["locale"], set_=row))


def written_out(
    session: Session, code: str, name: str, *, approved_only: bool = False, complete: bool = False
) -> bytes:
    """The locale's texts as a file. A PO file is the one that was taken in last, with what changed since.

    `complete`: also with the messages that it did not have then, and that nobody has touched since.
    """
    locale = queries.locale(session, code)
    texts = _texts(session, code, approved_only)
    if name == exchange.CSV:
        return exchange.as_csv(texts)
    if name in (exchange.JSON, exchange.NESTED):
        return exchange.as_json((text for text, _ in texts), nested=name == exchange.NESTED)
    kept = session.get(LocaleFile, code)
    if kept is not None:
        newer = _newer(session, code, kept.taken_at)
        return _patched(po.read(kept.data), texts, lambda text: complete or text.key in newer)
    return po_patch.fresh(_header(locale), [_new(text) for text, _ in texts])


def _texts(session: Session, code: str, approved_only: bool) -> list[tuple[Text, str]]:
    rows = session.execute(
        select(Message, Translation)
        .outerjoin(Translation, (Translation.message_id == Message.id) & (Translation.locale == code))
        .where(Message.obsolete_at.is_(None))
        .order_by(Message.id)
    )
    rule = queries.rule_of(session, code)
    return [_text(message, row, rule, approved_only) for message, row in rows]


def _text(
    message: Message, row: Translation | None, rule: PluralRule, approved_only: bool
) -> tuple[Text, str]:
    state = row.state if row else UNTRANSLATED
    said = (row.approved_forms if approved_only else row.forms) if row else None
    count = 1 if message.plural_id is None else rule.forms
    forms = tuple(said) if said and any(said) else ("",) * count
    text = Text(
        context=message.context,
        msgid=message.msgid,
        plural_id=message.plural_id,
        forms=forms,
        is_fuzzy=state == DRAFT,
        flags=tuple(message.flags),
        references=tuple(message.locations),
    )
    return text, state


def _newer(session: Session, code: str, than: datetime) -> set[str]:
    """Keys of what the shop says, or somebody wrote, since then."""
    rows = session.scalars(
        select(Message.key)
        .outerjoin(Translation, (Translation.message_id == Message.id) & (Translation.locale == code))
        .where(
            ((Message.first_seen_at > than) & (Message.origin != ORIGIN))
            | ((Translation.updated_at > than) & (Translation.state != UNTRANSLATED))
        )
    )
    return set(rows)


def _patched(file: po.PoFile, texts: Sequence[tuple[Text, str]], wanted: Callable[[Text], bool]) -> bytes:
    """Only what differs from the file is touched; texts that the file alone has stay as they are.

    `wanted`: whether a message that the file has not is added to it.
    """
    known = {entry.key: entry for entry in file.live}
    changed: dict[po.Key, tuple[str, ...]] = {}
    fuzzy: set[po.Key] = set()
    added = []
    for text, _state in texts:
        entry = known.get((text.context or None, text.msgid)) or known.get((text.context, text.msgid))
        if entry is None:
            added += [_new(text)] if wanted(text) else []
        elif any(text.forms) and (text.forms != entry.strings or text.is_fuzzy != entry.is_fuzzy):
            changed[entry.key] = text.forms
            fuzzy |= {entry.key} if text.is_fuzzy else set()
    return po_patch.patched(file, changed, fuzzy=frozenset(fuzzy), added=added)


def _new(text: Text) -> po_patch.New:
    flags = (*((po.FUZZY,) if text.is_fuzzy and any(text.forms) else ()), *text.flags)
    return po_patch.New(text.context or None, text.msgid, text.plural_id, text.forms, text.references, flags)


def _header(locale: Locale) -> str:
    made = locale.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M%z")
    return (
        f"PO-Revision-Date: {made}\nLanguage: {locale.code.replace('-', '_')}\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
        f"Plural-Forms: {locale.plural_forms}\n"
    )
