"""What became of texts over time: the versions of one string, and what was changed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app.errors import NotFound
from app.locales.models import TranslationBatch, TranslationVersion

SHOWN_VERSIONS = 30
SHOWN_BATCHES = 50


@dataclass(frozen=True)
class VersionLine:
    """A version beside the one before it."""

    revision: int
    forms: tuple[str, ...]
    before: tuple[str, ...]
    state: str
    author: str
    at: datetime
    batch_id: int | None


def of_string(code: str, message_id: int) -> Select[Any]:
    mine = (TranslationVersion.message_id == message_id, TranslationVersion.locale == code)
    return select(TranslationVersion).where(*mine)


def versions(session: Session, code: str, message_id: int, limit: int = SHOWN_VERSIONS) -> list[VersionLine]:
    """Newest first."""
    newest = of_string(code, message_id).order_by(TranslationVersion.revision.desc())
    rows: Sequence[TranslationVersion] = session.scalars(newest.limit(limit + 1)).all()
    older: Sequence[TranslationVersion | None] = [*rows[1:], None]
    return [_line(row, before) for row, before in zip(rows[:limit], older, strict=False)]


def _line(row: TranslationVersion, before: TranslationVersion | None) -> VersionLine:
    return VersionLine(
        revision=row.revision,
        forms=tuple(row.forms),
        before=tuple(before.forms) if before else (),
        state=row.state,
        author=row.author,
        at=row.at,
        batch_id=row.batch_id,
    )


@dataclass(frozen=True)
class BatchLine:
    id: int
    kind: str
    detail: str
    strings: int
    who: str
    at: datetime
    undoes: int | None
    undone_by: int | None


def of_locale(code: str) -> Select[Any]:
    """Each change of many, and the change that took it back."""
    undo = aliased(TranslationBatch)
    undone_by = (
        select(func.max(undo.id))
        .where(undo.undoes == TranslationBatch.id)
        .scalar_subquery()
        .label("undone_by")
    )
    return select(TranslationBatch, undone_by).where(TranslationBatch.locale == code)


NEWEST_FIRST: tuple[Any, ...] = (TranslationBatch.at.desc(), TranslationBatch.id.desc())


def batches(session: Session, code: str, limit: int = SHOWN_BATCHES) -> list[BatchLine]:
    rows = session.execute(of_locale(code).order_by(*NEWEST_FIRST).limit(limit))
    return [batch_line(row, undone) for row, undone in rows]


def batch_line(row: TranslationBatch, undone_by: int | None) -> BatchLine:
    return BatchLine(row.id, row.kind, row.detail, row.strings, row.who, row.at, row.undoes, undone_by)


def batch(session: Session, code: str, batch_id: int) -> TranslationBatch:
    found = session.get(TranslationBatch, batch_id)
    if found is None or found.locale != code:
        raise NotFound(_l("There is no such change."))
    return found
