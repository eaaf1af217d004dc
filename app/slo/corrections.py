"""Corrections and maintenance windows are made and taken back, and the rows judged anew."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.audit.commands import record as audit
from app.errors import Conflict, NotFound
from app.slo import composing, queries, rows
from app.slo import correction as rule
from app.slo.correction import Correction
from app.slo.correction_queries import active, excluded_of, is_for, of_row
from app.slo.models import SloCorrection
from app.timeline import commands as timeline
from app.timeline.entry import LONGEST_TITLE

TOLD_AHEAD = timedelta(hours=1)  # spans of a repeating one are put on the timeline this early


def create(session: Session, made: Correction, who: str, now: datetime) -> int:
    """Leave a span out, in the past or to come; what was measured stays beside it. Answers its number."""
    rule.check(made, now)
    row = SloCorrection(
        **{one.name: getattr(made, one.name) for one in fields(Correction) if one.name not in OTHERWISE},
        labels=dict(made.labels),
        weekdays=list(made.weekdays),
        who=who,
        created_at=now,
    )
    session.add(row)
    session.flush()
    kept = of_row(row)
    apply(session, kept, now)
    tell(session, kept, now)
    audit(session, who, "slo.correction", _subject(session, kept), None, _plain(kept), now)
    return row.id


OTHERWISE = ("id", "labels", "weekdays", "who")


def undo(session: Session, number: int, who: str, now: datetime) -> None:
    """Count the events again. The correction stays in the list, with who undid it."""
    row = session.get(SloCorrection, number)
    if row is None:
        raise NotFound(_l("There is no such correction."))
    gone = session.scalar(
        update(SloCorrection)
        .where(SloCorrection.id == number, SloCorrection.undone_at.is_(None))
        .values(undone_at=now, undone_by=who)
        .returning(SloCorrection.id)
    )
    if gone is None:
        raise Conflict(_l("This correction is undone already."))
    kept = of_row(row)
    apply(session, kept, now)
    tell(session, kept, now, undone=True)
    audit(session, who, "slo.correction_undo", _subject(session, kept), _plain(kept), None, now)


def apply(session: Session, changed: Correction, now: datetime) -> list[rows.Row]:
    """Judge again the rows that a new or undone correction touches, by all that hold now; composites too."""
    fixed = active(session)
    found: list[rows.Row] = []
    slos = queries.objectives(session)
    for slo in slos:
        if not is_for(changed, slo):
            continue
        for first, last in rule.rows_of(changed.spans(now - rule.REACHES_BACK - rule.LONGEST, now)):
            found += rows.exclude(session, slo, first, last, excluded_of(slo, fixed, first, last))
    return composing.compose(session, slos, found, {}, fixed)


def tell(session: Session, made: Correction, now: datetime, undone: bool = False) -> None:
    """Put its spans on the timeline, where charts draw them; told twice it is one entry."""
    spans = made.spans(now - rule.REACHES_BACK - rule.LONGEST, now + TOLD_AHEAD)
    if made.repeats == "once":
        spans = [(made.starts_at, made.ends_at)]
    title = f"Undone: {made.reason}" if undone else made.reason
    for start, end in spans:
        timeline.record(
            session,
            at=start,
            kind="maintenance",
            title=title[:LONGEST_TITLE],
            subject=_subject(session, made),
            detail=f"by {made.who}",
            ends_at=end,
            key=f"slo:correction:{made.id}:{start.isoformat()}",
        )


def _subject(session: Session, made: Correction) -> str:
    keys = {slo.id: slo.key for slo in queries.objectives(session, archived=True)}
    return f"slo:{keys[made.slo_id]}" if made.slo_id in keys else "slo"


def _plain(made: Correction) -> dict[str, object]:
    return {one.name: getattr(made, one.name) for one in fields(Correction)}
