"""Writing texts, one or thousands. Every text that a translation ever had is kept as a version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, DateTime, Table, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.locales import checks, queries
from app.locales.checks import About
from app.locales.models import Locale, Message, Translation, TranslationBatch, TranslationVersion
from app.locales.plurals import read_rule
from app.locales.rowset import rowset
from app.locales.states import APPROVED, UNTRANSLATED
from app.locales.words import source_of

ROWS_PER_INSERT = 10_000
VERSION_COLUMNS = ("message_id", "locale", "revision", "forms", "state", "author", "writer")
# What differs from text to text of those that are written together.
SENT = ("message_id", "forms", "state", "approved_forms", "revision", "writer", "failed_checks")
TRANSLATIONS, VERSIONS = cast(Table, Translation.__table__), cast(Table, TranslationVersion.__table__)


def write_one(
    session: Session,
    row: Translation,
    forms: Sequence[str],
    state: str,
    author: str,
    now: datetime,
    *,
    writer: str | None = None,
    failed_checks: Sequence[str] = (),
    batch_id: int | None = None,
) -> None:
    """The next text of a row that the caller has locked; `writer`: who wrote it, where not `author`."""
    row.forms, row.state, row.author, row.updated_at = list(forms), state, author, now
    row.writer = author if writer is None else writer
    row.failed_checks = list(failed_checks)
    row.revision += 1
    row.previous_context = row.previous_msgid = row.previous_plural_id = None
    if state == APPROVED:
        row.approved_forms = list(forms)
    elif state == UNTRANSLATED:
        row.approved_forms = None
    version = {name: getattr(row, name) for name in VERSION_COLUMNS}
    session.add(TranslationVersion(**version, at=now, batch_id=batch_id))


@dataclass(frozen=True)
class Write:
    """A text to be written on top of a known revision."""

    message_id: int
    forms: tuple[str, ...]
    state: str
    on_revision: int  # 0: there was none
    writer: str
    failed_checks: tuple[str, ...] = ()
    # What the next release holds afterwards; where `keeps_approved`, what it holds already.
    approved_forms: tuple[str, ...] | None = None
    keeps_approved: bool = False


def write_many(
    session: Session,
    locale: str,
    writes: Iterable[Write],
    author: str,
    now: datetime,
    batch_id: int | None = None,
) -> set[int]:
    """In a few statements. Answers whose texts were written: one that was saved since stays as it is."""
    groups: dict[bool, list[Write]] = defaultdict(list)
    for write in writes:
        groups[write.keeps_approved].append(write)
    done: set[int] = set()
    for keeps_approved, group in groups.items():
        for start in range(0, len(group), ROWS_PER_INSERT):
            part = group[start : start + ROWS_PER_INSERT]
            done |= _write_rows(session, locale, part, author, now, batch_id, keeps_approved=keeps_approved)
    session.expire_all()
    return done


def _row(write: Write) -> dict[str, Any]:
    return {
        "message_id": write.message_id,
        "forms": write.forms,
        "state": write.state,
        "approved_forms": write.approved_forms,
        "revision": write.on_revision + 1,
        "writer": write.writer,
        "failed_checks": write.failed_checks,
    }


def _write_rows(
    session: Session,
    locale: str,
    group: Sequence[Write],
    author: str,
    now: datetime,
    batch_id: int | None,
    *,
    keeps_approved: bool,
) -> set[int]:
    """The texts, and a version of each that was not saved since, in one statement."""
    sent = rowset(TRANSLATIONS, SENT, [_row(write) for write in group])
    of_all = {"locale": locale, "author": author, "updated_at": now}
    values = [sent.c[name] for name in SENT] + [_constant(name, value) for name, value in of_all.items()]
    new = insert(TRANSLATIONS).from_select([*SENT, *of_all], select(*values))
    take: dict[str, Any] = {name: new.excluded[name] for name in (*SENT[1:], "author", "updated_at")}
    take |= dict.fromkeys(("previous_context", "previous_msgid", "previous_plural_id"))
    if keeps_approved:
        take["approved_forms"] = func.coalesce(new.excluded.approved_forms, TRANSLATIONS.c.approved_forms)
    saved = (
        new.on_conflict_do_update(
            index_elements=["message_id", "locale"],
            set_=take,
            where=TRANSLATIONS.c.revision == new.excluded.revision - 1,
        )
        .returning(*(TRANSLATIONS.c[name] for name in VERSION_COLUMNS))
        .cte("saved")
    )
    kept = select(*saved.c, literal(now, DateTime(timezone=True)), literal(batch_id, BigInteger))
    versions = insert(VERSIONS).from_select([*VERSION_COLUMNS, "at", "batch_id"], kept)
    return set(session.execute(versions.returning(VERSIONS.c.message_id)).scalars())


def _constant(name: str, value: object) -> ColumnElement[Any]:
    return literal(value, TRANSLATIONS.c[name].type).label(name)


def add_batch(
    session: Session,
    locale: str,
    kind: str,
    who: str,
    now: datetime,
    *,
    detail: str = "",
    undoes: int | None = None,
) -> TranslationBatch:
    """Made before the texts that belong to it; `strings` is filled in by whoever writes those."""
    batch = TranslationBatch(
        locale=locale, kind=kind, detail=detail, strings=0, who=who, at=now, undoes=undoes
    )
    session.add(batch)
    session.flush()
    return batch


def recheck(session: Session, code: str) -> int:
    """Look at every text again, after the checks or the sources changed. Answers how many answers differ."""
    rule = read_rule(queries.locale(session, code).plural_forms)
    rows = session.execute(
        select(Message, Translation.forms, Translation.failed_checks)
        .join(Translation, Translation.message_id == Message.id)
        .where(Translation.locale == code, Message.obsolete_at.is_(None))
    )
    changed = {
        message.id: names
        for message, forms, known in rows
        if (names := failed(checks.check(source_of(message), forms, rule, About(code)))) != known
    }
    for message_id, names in changed.items():
        mine = (Translation.message_id == message_id) & (Translation.locale == code)
        session.execute(update(Translation).where(mine).values(failed_checks=names))
    return len(changed)


def recheck_all(session: Session) -> int:
    return sum(recheck(session, code) for code in session.scalars(select(Locale.code)))


def failed(findings: Iterable[checks.Finding]) -> list[str]:
    """The names of the checks that found something."""
    return sorted({finding.check for finding in findings})
