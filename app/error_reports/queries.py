"""Reads of errors, shaped for the page that lists them and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.error_reports.models import ErrorGroup, ErrorHour, ErrorPerson, ErrorRelease, ErrorSample

HOURS = 24
SAMPLES = 50
SOURCES = ("control", "scheduler", "shop", "worker", "gateway", "browser")
STATES = ("open", "resolved", "ignored", "all")
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Wanted:
    state: str = "open"
    source: str = ""
    text: str = ""  # in the type, the message or the place; or the id of a request or trace


@dataclass(frozen=True)
class Row:
    group: ErrorGroup
    hours: list[float | None]  # of the last day, oldest first; None: before it was first seen
    people: int

    @property
    def last_day(self) -> int:
        return int(sum(count or 0 for count in self.hours))


@dataclass(frozen=True)
class Totals:
    open: int
    back: int  # of those: seen again after they were resolved
    last_day: int  # errors of the last day, ignored ones left out


def matching(wanted: Wanted) -> Select[Any]:
    found = select(ErrorGroup)
    if wanted.state != "all":
        found = found.where(ErrorGroup.state == wanted.state)
    if wanted.source:
        found = found.where(ErrorGroup.source == wanted.source)
    if wanted.text:
        like = f"%{_literal(wanted.text)}%"
        words = (ErrorGroup.kind, ErrorGroup.message, ErrorGroup.place, ErrorGroup.assignee)
        found = found.where(or_(*(column.ilike(like, escape="\\") for column in words)))
    return found


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def listed(
    session: Session, wanted: Wanted, now: datetime, most: int, offset: int = 0
) -> tuple[list[Row], int]:
    """What came back first, then what was seen last; and how many there are."""
    found = matching(wanted)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    back_first = ErrorGroup.regressed_at.is_not(None) & (ErrorGroup.state == "open")
    ordered = found.order_by(back_first.desc(), ErrorGroup.last_at.desc(), ErrorGroup.id.desc())
    groups = session.scalars(ordered.limit(most).offset(offset)).all()
    return rows_of(session, groups, now), total


def rows_of(session: Session, groups: Sequence[ErrorGroup], now: datetime) -> list[Row]:
    ids = [group.id for group in groups]
    hours, people = _hours(session, ids, now), _people(session, ids)
    first = _hour(now) - timedelta(hours=HOURS - 1)
    span = [first + timedelta(hours=nth) for nth in range(HOURS)]
    return [
        Row(
            group,
            [hours.get((group.id, at), 0.0) if at >= _hour(group.first_at) else None for at in span],
            people.get(group.id, 0),
        )
        for group in groups
    ]


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _hours(session: Session, ids: list[int], now: datetime) -> dict[tuple[int, datetime], float]:
    since = _hour(now) - timedelta(hours=HOURS - 1)
    rows = session.execute(
        select(ErrorHour.group_id, ErrorHour.hour, ErrorHour.count.label("times")).where(
            ErrorHour.group_id.in_(ids), ErrorHour.hour >= since
        )
    )
    return {(row.group_id, row.hour.astimezone(UTC)): float(row.times) for row in rows}


def _people(session: Session, ids: list[int]) -> dict[int, int]:
    counted = select(ErrorPerson.group_id, func.count()).where(ErrorPerson.group_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(counted.group_by(ErrorPerson.group_id))}


def group_of_request(session: Session, some_id: str) -> int | None:
    """The group of the error that a request, named by its own id or its trace's, has ended in."""
    request = ErrorSample.request
    either = or_(request["request_id"].astext == some_id, request["trace_id"].astext == some_id)
    newest = select(ErrorSample.group_id).where(either).order_by(ErrorSample.at.desc()).limit(1)
    return session.scalar(newest)


def samples(session: Session, group_id: int, most: int = SAMPLES) -> Sequence[ErrorSample]:
    """The newest of which more is kept than their number."""
    full = (ErrorSample.group_id == group_id) & (ErrorSample.request != {})
    return session.scalars(
        select(ErrorSample).where(full).order_by(ErrorSample.at.desc(), ErrorSample.event_id).limit(most)
    ).all()


def releases(session: Session, group_id: int) -> Sequence[ErrorRelease]:
    return session.scalars(
        select(ErrorRelease).where(ErrorRelease.group_id == group_id).order_by(ErrorRelease.first_at)
    ).all()


def totals(session: Session, now: datetime) -> Totals:
    is_open = ErrorGroup.state == "open"
    row = session.execute(
        select(
            func.count().filter(is_open).label("open"),
            func.count().filter(is_open, ErrorGroup.regressed_at.is_not(None)).label("back"),
        ).select_from(ErrorGroup)
    ).one()
    day = session.scalar(
        select(func.coalesce(func.sum(ErrorHour.count), 0))
        .join(ErrorGroup, ErrorGroup.id == ErrorHour.group_id)
        .where(ErrorHour.hour >= _hour(now) - timedelta(hours=HOURS - 1), ErrorGroup.state != "ignored")
    )
    return Totals(row.open, row.back, int(day or 0))
