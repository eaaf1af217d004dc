"""Writes: bringing earlier texts back, of one string or of many that were changed together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import Subquery, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import NotFound, Refused
from app.locales import checks, commands, queries
from app.locales.checks import About
from app.locales.models import Message, Translation, TranslationBatch, TranslationVersion
from app.locales.plurals import PluralRule
from app.locales.states import APPROVED, REVIEW, UNTRANSLATED
from app.locales.words import source_of
from app.locales.writing import Write, add_batch, failed, write_many

Version = TranslationVersion


@dataclass(frozen=True)
class Chosen:
    """Which changes are meant: a batch, or what somebody changed in a period (end not included)."""

    batch_id: int | None = None
    author: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Back:
    """One string and what it would go back to."""

    message: Message
    forms: tuple[str, ...]  # as they are
    state: str
    revision: int
    old_forms: tuple[str, ...]  # what they would be again
    old_state: str
    old_writer: str
    old_approved: tuple[str, ...] | None
    refusal: LazyString | None


@dataclass(frozen=True)
class BackPlan:
    lines: tuple[Back, ...]

    @property
    def changed(self) -> list[Back]:
        return [line for line in self.lines if line.refusal is None]

    @property
    def refused(self) -> list[Back]:
        return [line for line in self.lines if line.refusal is not None]

    @property
    def approves(self) -> bool:
        """Whether a text would be approved that is not now."""
        return any(line.old_state == APPROVED for line in self.changed)


def plan(session: Session, code: str, chosen: Chosen) -> BackPlan:
    """What taking these changes back would do. What was changed again since stays as it is."""
    queries.locale(session, code)
    touched = _touched(code, chosen)
    mine = and_(Translation.message_id == touched.c.message_id, Translation.locale == code)
    rows = session.execute(
        select(touched, Message, Translation)
        .join(Message, Message.id == touched.c.message_id)
        .join(Translation, mine)
        .order_by(Message.id)
    ).all()
    before = _versions_before(session, code, touched)
    approved = _approved_before(session, code, touched)
    return BackPlan(
        tuple(_back(row, before.get(row.message_id), approved.get(row.message_id)) for row in rows)
    )


def _touched(code: str, chosen: Chosen) -> Subquery:
    """Each string of these changes, with its first and last revision among them."""
    return (
        select(
            Version.message_id,
            func.min(Version.revision).label("first"),
            func.max(Version.revision).label("last"),
            func.count().label("steps"),
        )
        .where(Version.locale == code, *_conditions(chosen))
        .group_by(Version.message_id)
        .subquery()
    )


def _conditions(chosen: Chosen) -> list[Any]:
    if chosen.batch_id is not None:
        return [Version.batch_id == chosen.batch_id]
    if not chosen.author or chosen.start is None or chosen.end is None:
        why = _l("Say whose changes, and from when to when.")
        raise Refused(why, {"author": why})
    return [
        Version.author.in_([chosen.author, f"file:{chosen.author}"]),
        Version.at >= chosen.start,
        Version.at < chosen.end,
    ]


def _versions_before(session: Session, code: str, touched: Subquery) -> dict[int, Version]:
    just_before = and_(Version.message_id == touched.c.message_id, Version.revision == touched.c.first - 1)
    rows = session.scalars(select(Version).join(touched, just_before).where(Version.locale == code))
    return {row.message_id: row for row in rows}


def _approved_before(session: Session, code: str, touched: Subquery) -> dict[int, tuple[str, ...]]:
    """What was approved before: by the newest version until then that approved the string or cleared it."""
    until_then = and_(Version.message_id == touched.c.message_id, Version.revision < touched.c.first)
    rows = session.execute(
        select(Version.message_id, Version.state, Version.forms)
        .ext(distinct_on(Version.message_id))
        .join(touched, until_then)
        .where(Version.locale == code, Version.state.in_([APPROVED, UNTRANSLATED]))
        .order_by(Version.message_id, Version.revision.desc())
    )
    return {row.message_id: tuple(row.forms) for row in rows if row.state == APPROVED}


def _back(row: Any, before: Version | None, approved: tuple[str, ...] | None) -> Back:
    now: Translation = row.Translation
    refusal = None
    if now.revision != row.last:
        refusal = _l("%(who)s changed it again since.", who=now.author)
    elif row.steps != row.last - row.first + 1:
        refusal = _l("Somebody else changed it in between.")
    return Back(
        message=row.Message,
        forms=tuple(now.forms),
        state=now.state,
        revision=now.revision,
        old_forms=tuple(before.forms) if before else (),
        old_state=before.state if before else UNTRANSLATED,
        old_writer=before.writer if before else "",
        old_approved=approved,
        refusal=refusal,
    )


def take_back(
    session: Session, code: str, chosen: Chosen, found: BackPlan, who: str, now: datetime
) -> TranslationBatch:
    """Carries out a plan of this transaction, as a batch of its own, which can be taken back in turn."""
    if not found.changed:
        raise Refused(_l("Nothing is left to take back: all of it was changed again since."))
    kind = "revert" if chosen.batch_id is None else "undo"
    batch = add_batch(session, code, kind, who, now, detail=_detail(chosen), undoes=chosen.batch_id)
    rule = queries.rule_of(session, code)
    writes = [_write(code, line, rule) for line in found.changed]
    done = write_many(session, code, writes, who, now, batch.id)
    batch.strings = len(done)
    after = {"batch": batch.id, "undoes": chosen.batch_id, "strings": len(done), "left": len(found.refused)}
    record(session, who, f"locales.{kind}", f"locale:{code}", None, after, now)
    session.flush()
    return batch


def _detail(chosen: Chosen) -> str:
    if chosen.batch_id is not None or chosen.start is None or chosen.end is None:
        return ""
    return f"{chosen.author}, {chosen.start:%Y-%m-%d %H:%M} – {chosen.end:%Y-%m-%d %H:%M} UTC"


def _write(code: str, line: Back, rule: PluralRule) -> Write:
    findings = checks.check(source_of(line.message), line.old_forms, rule, About(code))
    is_blocked = line.old_state == APPROVED and any(finding.blocks for finding in findings)
    return Write(
        message_id=line.message.id,
        forms=line.old_forms,
        state=REVIEW if is_blocked else line.old_state,
        on_revision=line.revision,
        writer=line.old_writer,
        failed_checks=tuple(failed(findings)),
        approved_forms=line.old_approved if line.old_state != APPROVED or is_blocked else line.old_forms,
    )


def version(session: Session, code: str, message_id: int, revision: int) -> Version:
    mine = and_(Version.message_id == message_id, Version.locale == code, Version.revision == revision)
    found = session.scalar(select(Version).where(mine))
    if found is None:
        raise NotFound(_l("There is no such version."))
    return found


def bring_back(
    session: Session, code: str, message_id: int, revision: int, on_revision: int, who: str, now: datetime
) -> Translation:
    """An earlier version of one string, as a new one. Raises `StaleEdit` where somebody saved meanwhile."""
    old = version(session, code, message_id, revision)
    row = commands.locked(session, code, message_id, on_revision, now)
    if (row.forms, row.state) == (old.forms, old.state):
        raise Refused(_l("The text is like this already."))
    message = session.get_one(Message, message_id)
    findings = checks.check(source_of(message), old.forms, queries.rule_of(session, code), About(code))
    is_blocked = old.state == APPROVED and any(finding.blocks for finding in findings)
    state = REVIEW if is_blocked else old.state
    commands.keep(session, row, old.forms, state, findings, who, old.writer, now, "locales.revert")
    return row
