"""Runbooks: Markdown files that ship in docs/runbooks, and the copies of them that people have edited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from app.alerts.runbook import FOLDER
from app.audit import commands as audit
from app.errors import Conflict, NotFound, Refused
from app.incidents import procedure
from app.incidents.models import RunbookCopy
from app.ui.prose import article

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_NAME = 60


@dataclass(frozen=True)
class Runbook:
    name: str
    text: str
    shipped: str  # the file that ships; "" where people made this runbook
    revision: int  # of the copy; 0: as it ships
    changed_at: datetime | None
    changed_by: str | None

    @property
    def title(self) -> str:
        return article(self.text, self.name).title

    @property
    def body(self) -> Markup:
        return article(procedure.without_marks(self.text), self.name).body

    @property
    def is_edited(self) -> bool:
        return self.text != self.shipped


def all_of(session: Session) -> list[Runbook]:
    """By title."""
    copies = _newest(session)
    names = {path.stem for path in FOLDER.glob("*.md")} | set(copies)
    found = [_runbook(name, _shipped(name), copies.get(name)) for name in names]
    return sorted((book for book in found if book.text), key=lambda book: book.title)


def find(session: Session, name: str) -> Runbook | None:
    """None where there is no such runbook; the name is a plain word, so it cannot lead out of the folder."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        return None
    copy = _newest(session, name).get(name)
    book = _runbook(name, _shipped(name), copy)
    return book if book.text else None


def get(session: Session, name: str) -> Runbook:
    book = find(session, name)
    if book is None:
        raise NotFound(_l("There is no runbook of this name."))
    return book


def save(session: Session, name: str, text: str, expected: int, who: str, now: datetime) -> Runbook:
    """A new revision of a runbook, or a new runbook (`expected` 0). `Conflict` where somebody was faster."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        wrong = _l("Use small letters, digits and single hyphens.")
        raise Refused(_l("The runbook was not saved."), {"name": wrong})
    return _add(session, name, procedure.checked(text), expected, who, now)


def restore(session: Session, name: str, expected: int, who: str, now: datetime) -> Runbook:
    """Back to the file that ships."""
    if not _shipped(name):
        raise Conflict(_l("This runbook was made here; there is no file that ships with it."))
    return _add(session, name, "", expected, who, now)


def _add(session: Session, name: str, text: str, expected: int, who: str, now: datetime) -> Runbook:
    before = find(session, name)
    row = {"name": name, "revision": expected + 1, "text": text, "changed_at": now, "changed_by": who}
    is_newest = (before.revision if before else 0) == expected
    added = session.scalar(
        insert(RunbookCopy).values(row).on_conflict_do_nothing().returning(RunbookCopy.revision)
    )
    if not is_newest or added is None:
        raise Conflict(
            _l("Somebody else changed this runbook since you opened it. Yours is below, theirs is saved."),
            {"text": _l("This text is not saved yet.")},
        )
    session.flush()
    old = before.text if before else ""
    audit.record(session, who, "runbook.save", f"runbook:{name}", {"text": old}, {"text": text}, now)
    return get(session, name)


def _newest(session: Session, name: str | None = None) -> Mapping[str, RunbookCopy]:
    query = (
        select(RunbookCopy)
        .ext(distinct_on(RunbookCopy.name))
        .order_by(RunbookCopy.name, RunbookCopy.revision.desc())
    )
    if name is not None:
        query = query.where(RunbookCopy.name == name)
    return {copy.name: copy for copy in session.scalars(query)}


def _shipped(name: str) -> str:
    path = FOLDER / f"{name}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _runbook(name: str, shipped: str, copy: RunbookCopy | None) -> Runbook:
    if copy is None:
        return Runbook(name, shipped, shipped, 0, None, None)
    return Runbook(name, copy.text or shipped, shipped, copy.revision, copy.changed_at, copy.changed_by)
