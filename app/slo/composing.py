"""Rows of composites, made from the rows of their members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.slo import composite, correction_queries, rows
from app.slo.bucket import BUCKET, Bucket, BucketState, Counts, spans
from app.slo.composite import Part
from app.slo.correction import Correction
from app.slo.models import SloBucket
from app.slo.objective import Objective

# A member's row that corrections leave out says as little as one without traffic.
AS_PART: Mapping[str, BucketState] = {"excluded": "no_traffic"}


def compose(
    session: Session,
    slos: Sequence[Objective],
    changed: Sequence[rows.Row],
    missing: Mapping[int, Iterable[datetime]],
    fixed: Sequence[Correction],
) -> list[rows.Row]:
    """Make anew what follows from changed rows of members, and what is missing; answers what changed."""
    by_key = {slo.key: slo for slo in slos}
    touched: defaultdict[int, set[datetime]] = defaultdict(set)
    for slo_id, _, at in changed:
        touched[slo_id].add(at)
    all_changed = list(changed)
    for key in composite.in_order({slo.key: tuple(slo.members) for slo in slos}):
        slo = by_key[key]
        if slo.indicator != "composite":
            continue
        due = set(missing.get(slo.id, ()))
        for member in slo.members:
            if member in by_key:
                due |= touched[by_key[member].id]
        made = [bucket for span in spans(due) for bucket in rows_of(session, slo, by_key, *span)]
        left_out = correction_queries.rows_for([slo], fixed, made) if made else {}
        new = rows.save_all(session, [(slo, made)], left_out)
        touched[slo.id] |= {at for _, _, at in new}
        all_changed += new
    return all_changed


def rows_of(
    session: Session, slo: Objective, by_key: Mapping[str, Objective], first: datetime, last: datetime
) -> list[Bucket]:
    """The composite's rows from `first` to `last`, both included."""
    parts: defaultdict[datetime, list[Part]] = defaultdict(list)
    running: set[datetime] = set()
    for key, weight in slo.members.items():
        member = by_key.get(key)
        known = _known(session, member, first, last) if member else {}
        allowed = 1 - member.ratio if member else 0.0
        for at in _starts(first, last):
            row = known.get(at)
            state = AS_PART.get(row.state, cast(BucketState, row.state)) if row else "no_data"
            parts[at].append(Part(weight, allowed, Counts(row.bad, row.total) if row else Counts(), state))
            if row and not row.is_complete:
                running.add(at)
    return [composite.composed(at, slo.composition, parts[at], at not in running) for at in sorted(parts)]


def _known(session: Session, slo: Objective, first: datetime, last: datetime) -> dict[datetime, SloBucket]:
    found = session.scalars(
        select(SloBucket)
        .where(SloBucket.slo_id == slo.id, SloBucket.revision == slo.revision)
        .where(SloBucket.starts_at >= first, SloBucket.starts_at <= last)
        .execution_options(populate_existing=True)
    )
    return {row.starts_at: row for row in found}


def _starts(first: datetime, last: datetime) -> Iterable[datetime]:
    return (first + number * BUCKET for number in range(int((last - first) / BUCKET) + 1))
