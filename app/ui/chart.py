"""A chart as data: what the browser draws and zooms, what the table beside it lists. Pure.

All lines are put on one axis of time; where a line has no point for a step its value is None and the chart
shows a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Unit = Literal["count", "ratio", "seconds", "cents", "burn", "bytes", "score"]


@dataclass(frozen=True)
class Annotation:
    """Something that happened, drawn as a flag on the axis (or a band, when it has an end)."""

    at: datetime
    kind: str  # flag, deploy, release, alert, incident, maintenance
    title: str
    url: str = ""
    ends_at: datetime | None = None


Points = Iterable[tuple[datetime, float | None]]


def chart(
    lines: Mapping[str, Points],
    *,
    start: datetime,
    end: datetime,
    step_seconds: int,
    unit: Unit = "count",
    currency: str = "",
    zero: bool = True,
    target: float | None = None,
    annotations: Sequence[Annotation] = (),
) -> dict[str, Any]:
    """The JSON of `data-chart-src`: aligned columns, gaps as null, times in unix seconds."""
    axis = _axis(start, end, step_seconds)
    return {
        "unit": unit,
        "currency": currency,
        "zero": zero,
        "target": target,
        "from": int(start.timestamp()),
        "to": int(end.timestamp()),
        "step": step_seconds,
        "x": axis,
        "lines": [
            {"name": str(name), "values": _column(points, axis, step_seconds)}
            for name, points in lines.items()
        ],
        "annotations": [_flag(a) for a in annotations if a.at <= end and (a.ends_at or a.at) >= start],
    }


def _axis(start: datetime, end: datetime, step: int) -> list[int]:
    first = int(start.timestamp()) // step * step
    return list(range(first, int(end.timestamp()) + 1, step))


def _column(points: Points, axis: Sequence[int], step: int) -> list[float | None]:
    """The last value of each step; None where there is none."""
    found: dict[int, float] = {}
    for at, value in sorted(points, key=lambda point: point[0]):
        if value is not None:
            found[int(at.timestamp()) // step * step] = value
    return [found.get(x) for x in axis]


def _flag(note: Annotation) -> dict[str, Any]:
    return {
        "at": int(note.at.timestamp()),
        "until": int(note.ends_at.timestamp()) if note.ends_at else None,
        "kind": note.kind,
        "title": note.title,
        "url": note.url,
    }
