"""Points of series: write (again and again, same result), read the latest, read a range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.series.glossary import GLOSSARY
from app.series.models import Series, SeriesPoint

NO_LABELS: Mapping[str, str] = {}
ROWS_PER_INSERT = 5_000


@dataclass(frozen=True)
class Point:
    at: datetime
    value: float


def record(
    session: Session,
    key: str,
    points: Iterable[tuple[datetime, float | None]],
    labels: Mapping[str, str] = NO_LABELS,
) -> None:
    """Save points; one at a moment that has one already replaces it. None is "no data": no point is made."""
    _check(key, labels)
    known = {at: float(value) for at, value in points if value is not None}
    if not known:
        return
    series_id = _series_id(session, key, labels)
    rows = [{"series_id": series_id, "at": at, "value": value} for at, value in sorted(known.items())]
    for start in range(0, len(rows), ROWS_PER_INSERT):
        statement = insert(SeriesPoint).values(rows[start : start + ROWS_PER_INSERT])
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["series_id", "at"], set_={"value": statement.excluded.value}
            )
        )


Reading = tuple[str, Mapping[str, str], datetime, float | None]  # key, labels, moment, value


def record_all(session: Session, readings: Iterable[Reading]) -> None:
    """As `record`, for many series in few statements."""
    known = [(key, labels, at, value) for key, labels, at, value in readings if value is not None]
    for key, labels, _, _ in known:
        _check(key, labels)
    ids = _series_ids(session, [(key, labels) for key, labels, _, _ in known])
    values = {(ids[_name(key, labels)], at): float(value) for key, labels, at, value in known}
    rows = [{"series_id": id_, "at": at, "value": value} for (id_, at), value in values.items()]
    for start in range(0, len(rows), ROWS_PER_INSERT):
        statement = insert(SeriesPoint).values(rows[start : start + ROWS_PER_INSERT])
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["series_id", "at"], set_={"value": statement.excluded.value}
            )
        )


def latest(session: Session, key: str, labels: Mapping[str, str] = NO_LABELS) -> Point | None:
    row = session.execute(
        select(SeriesPoint.at, SeriesPoint.value)
        .join(Series, Series.id == SeriesPoint.series_id)
        .where(Series.key == key, Series.labels == dict(labels))
        .order_by(SeriesPoint.at.desc())
        .limit(1)
    ).first()
    return Point(row.at, row.value) if row else None


def between(
    session: Session, key: str, start: datetime, end: datetime, labels: Mapping[str, str] = NO_LABELS
) -> list[Point]:
    """Points with start <= at < end, oldest first."""
    rows = session.execute(
        select(SeriesPoint.at, SeriesPoint.value)
        .join(Series, Series.id == SeriesPoint.series_id)
        .where(Series.key == key, Series.labels == dict(labels))
        .where(SeriesPoint.at >= start, SeriesPoint.at < end)
        .order_by(SeriesPoint.at)
    ).all()
    return [Point(row.at, row.value) for row in rows]


_LATEST_BY = text("""
    SELECT series.labels ->> :label AS member, newest.at, newest.value
    FROM series
    CROSS JOIN LATERAL (
        SELECT at, value FROM series_points WHERE series_id = series.id ORDER BY at DESC LIMIT 1
    ) AS newest
    WHERE series.key = :key AND jsonb_exists(series.labels, :label)
    ORDER BY newest.at
""")


def latest_by(session: Session, key: str, label: str) -> dict[str, Point]:
    """The newest point of each member of a series, by the value of one label."""
    rows = session.execute(_LATEST_BY, {"key": key, "label": label})
    return {row.member: Point(row.at, row.value) for row in rows}


_THIN = text("""
    DELETE FROM series_points AS point
    WHERE point.at < :before AND EXISTS (
        SELECT 1 FROM series_points AS later
        WHERE later.series_id = point.series_id AND later.at > point.at
          AND later.at < date_trunc('hour', point.at) + interval '1 hour'
    )
""")


def thin(session: Session, before: datetime) -> int:
    """Of points older than `before` keep the last of each hour; answers how many went."""
    return session.execute(_THIN, {"before": before}).rowcount  # type: ignore[attr-defined,no-any-return]


def cut(session: Session, key: str, labels: Mapping[str, str], start: datetime) -> None:
    """Let the points from a moment on go: a forecast that is no longer made must not stand there."""
    mine = select(Series.id).where(Series.key == key, Series.labels == dict(labels))
    session.execute(delete(SeriesPoint).where(SeriesPoint.series_id.in_(mine), SeriesPoint.at >= start))


def forget(session: Session, keys: Sequence[str], label: str, values: Sequence[str]) -> None:
    """Let these members of series go, so that what is no longer measured is not shown as old for ever."""
    mine = (Series.key.in_(keys), Series.labels[label].astext.in_(values))
    session.execute(delete(Series).where(*mine))


def _check(key: str, labels: Mapping[str, str]) -> None:
    if key not in GLOSSARY:
        raise KeyError(f"series {key!r} is not in the glossary")
    if set(labels) != set(GLOSSARY[key].labels):
        raise KeyError(f"series {key!r} has the labels {GLOSSARY[key].labels}, not {tuple(labels)}")


def _series_id(session: Session, key: str, labels: Mapping[str, str]) -> int:
    wanted = select(Series.id).where(Series.key == key, Series.labels == dict(labels))
    found = session.scalar(wanted)
    if found is None:
        session.execute(insert(Series).values(key=key, labels=dict(labels)).on_conflict_do_nothing())
        found = session.scalar(wanted)
    if found is None:
        raise LookupError(f"series {key!r} could not be made")
    return found


Name = tuple[str, tuple[tuple[str, str], ...]]


def _name(key: str, labels: Mapping[str, str]) -> Name:
    return key, tuple(sorted(labels.items()))


def _series_ids(session: Session, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> dict[Name, int]:
    rows = session.execute(
        select(Series.id, Series.key, Series.labels).where(Series.key.in_({key for key, _ in wanted}))
    )
    found = {_name(row.key, row.labels): row.id for row in rows}
    for key, labels in wanted:
        if _name(key, labels) not in found:
            found[_name(key, labels)] = _series_id(session, key, labels)
    return found
