"""Whether the trail is as it was written: walks the chain from its begin to its head, in bounded memory.

What is found is the first entry that is wrong, and how. A chain is only as good as its keys: who has the
database and the keys of this installation could write it anew, which an anchor kept elsewhere shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from app import vault
from app.audit import chain, seals
from app.audit.models import AuditEntry, AuditHead

How = Literal["altered", "removed", "inserted", "reordered", "cut", "head", "unknown key", "anchor"]

AT_ONCE = 500  # rows that are in memory together
AROUND = 50  # how far a row may have been moved to be recognised as one that was
COLUMNS = tuple(getattr(AuditEntry, name) for name in (*seals.FIELDS, "previous", "seal"))

Row = RowMapping


@dataclass(frozen=True)
class Broken:
    sequence: int  # the first place in the chain that is wrong
    how: How


@dataclass(frozen=True)
class Verdict:
    first: int  # of the entries that were looked at; retention removed those before
    last: int
    seal: str  # of the last: the anchor
    broken: Broken | None
    waiting: int  # entries from before the chain, which no seal protects yet

    @property
    def entries(self) -> int:
        return self.last - self.first + 1


def verify(session: Session, anchors: Mapping[int, str] | None = None) -> Verdict:
    """`anchors`: sequence → seal, as they were kept elsewhere; of removed entries they prove nothing."""
    head = session.get(AuditHead, chain.ONLY, populate_existing=True)
    if head is None:
        return _without_head(session)
    first, last, seal = head.base + 1, head.sequence, head.entry_seal
    broken = _wrong_head(head) or _walk(session, head, anchors or {}) or _beyond(session, head.adopts_to)
    waiting = select(func.count()).where(
        AuditEntry.sequence.is_(None), AuditEntry.id.between(1, head.adopts_to)
    )
    return Verdict(first, last, seal, broken, session.scalar(waiting) or 0)


def _without_head(session: Session) -> Verdict:
    """Nothing was sealed yet; a sealed entry without a head is what is left of a chain."""
    sealed = session.scalar(select(func.min(AuditEntry.sequence)))
    waiting = session.scalar(select(func.count()).where(AuditEntry.seal.is_(None))) or 0
    return Verdict(1, 0, seals.START, Broken(sealed, "head") if sealed is not None else None, waiting)


def _wrong_head(head: AuditHead) -> Broken | None:
    if not _is_ours(head.seal):
        return Broken(head.sequence, "unknown key")
    is_ours = vault.held().proves(head.seal, chain.HEAD_PURPOSE, chain.head_data(head))
    return None if is_ours else Broken(head.sequence, "head")


def _is_ours(seal: str) -> bool:
    """Whether one of our keys is named in it."""
    return vault.held().knows(seal.partition(".")[0])


def _rows(session: Session) -> Iterator[Row]:
    sealed = select(*COLUMNS).where(AuditEntry.sequence.is_not(None)).order_by(AuditEntry.sequence)
    yield from session.execute(sealed.execution_options(yield_per=AT_ONCE)).mappings()


def _walk(session: Session, head: AuditHead, anchors: Mapping[int, str]) -> Broken | None:
    expected, previous = head.base + 1, head.base_seal
    for row in _rows(session):
        if expected > head.sequence:
            break  # written since the head was read
        if row["sequence"] != expected:
            return (
                Broken(expected, "removed")
                if row["sequence"] > expected
                else Broken(row["sequence"], "inserted")
            )
        if row["previous"] != previous or not _proves(row, expected, previous):
            return Broken(expected, _how(session, row, expected, previous))
        if anchors.get(expected, row["seal"]) != row["seal"]:
            return Broken(expected, "anchor")
        expected, previous = expected + 1, row["seal"]
    if expected <= head.sequence:
        return Broken(expected, "cut")
    return Broken(head.sequence, "head") if previous != head.entry_seal else None


def _beyond(session: Session, adopts_to: int) -> Broken | None:
    """Entries that stand behind the head or outside of the chain: no commit of ours leaves any.

    Asked in one statement, which sees the head and the entries of the same moment.
    """
    newest = select(func.max(AuditEntry.sequence)).scalar_subquery()
    is_waiting = AuditEntry.seal.is_(None) & AuditEntry.id.between(1, adopts_to)
    stray = select(func.count()).where(AuditEntry.sequence.is_(None), ~is_waiting).scalar_subquery()
    sequence, found, unsealed = session.execute(select(AuditHead.sequence, newest, stray)).one()
    return Broken(sequence + 1, "inserted") if (found or 0) > sequence or unsealed else None


def _proves(row: Row, sequence: int, previous: str) -> bool:
    return row["seal"] is not None and chain.proves(row["seal"], previous, {**row, "sequence": sequence})


def _how(session: Session, row: Row, expected: int, previous: str) -> How:
    """Why an entry does not fit: looks at it and at those around it."""
    if row["seal"] is not None and not _is_ours(row["seal"]):
        return "unknown key"
    around = _around(session, expected)
    if _stood_elsewhere(session, row, expected):
        is_near = any(_proves(other, expected, previous) for other in around)
        return "reordered" if is_near else "removed"
    was_pushed = any(_proves(other, expected, previous) for other in around if other["sequence"] != expected)
    return "inserted" if was_pushed else "altered"


def _around(session: Session, expected: int) -> list[Row]:
    near = AuditEntry.sequence.between(expected - AROUND, expected + AROUND)
    return list(session.execute(select(*COLUMNS).where(near).order_by(AuditEntry.sequence)).mappings())


def _stood_elsewhere(session: Session, row: Row, expected: int) -> bool:
    """Whether the entry is one of ours with another number than its own."""
    before = session.scalar(select(AuditEntry.sequence).where(AuditEntry.seal == row["previous"]))
    places = {*range(max(1, expected - AROUND), expected + AROUND + 1), (before or 0) + 1} - {expected}
    return any(_proves(row, place, row["previous"] or "") for place in sorted(places))
