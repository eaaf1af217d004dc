"""What has fired over a range: how often, how long, how fast somebody acted, and when on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.alerts.strip import Bar, strip
from app.ui import formats
from app.ui.timerange import TimeRange

MOST_LANES = 20
MOST_BARS = 2_000
NOISY_FROM = 5  # fired so often and never acted on

_BY_RULE = text("""
    SELECT name, severity, coalesce(slo, '') AS slo, count(*) AS fired, count(acknowledged_at) AS acted_on,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM acknowledged_at - starts_at))
               AS seconds_to_acknowledge,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ends_at - starts_at))
               AS seconds_to_resolve,
           sum(extract(epoch FROM least(coalesce(ends_at, :end), :end) - greatest(starts_at, :start)))
               AS seconds_firing,
           max(starts_at) AS last_at
      FROM alerts
     WHERE starts_at < :end AND coalesce(ends_at, :end) >= :start
     GROUP BY name, severity, coalesce(slo, '')
     ORDER BY (count(acknowledged_at) = 0) DESC, count(*) DESC, name
""")

_BARS = text("""
    SELECT name, coalesce(slo, '') AS slo, severity, starts_at, ends_at
      FROM alerts
     WHERE starts_at < :end AND coalesce(ends_at, :end) >= :start
       AND (:rule = '' OR labels ->> 'rule' = :rule)
     ORDER BY starts_at DESC
     LIMIT :most
""")


@dataclass(frozen=True)
class Record:
    """One rule's record over the range; times are medians, None where there is none."""

    name: str
    severity: str
    slo: str
    fired: int
    acted_on: int
    to_acknowledge: timedelta | None
    to_resolve: timedelta | None
    firing_for: timedelta
    last_at: datetime

    @property
    def is_noisy(self) -> bool:
        """Nobody ever did anything about it: it should be mended, made quieter, or deleted."""
        return self.acted_on == 0 and self.fired >= NOISY_FROM


def records(session: Session, span: TimeRange) -> list[Record]:
    """What was never acted on first, then by how often it fired."""
    rows = session.execute(_BY_RULE, {"start": span.start, "end": span.end})
    return [
        Record(
            row.name,
            row.severity,
            row.slo,
            row.fired,
            row.acted_on,
            _span(row.seconds_to_acknowledge),
            _span(row.seconds_to_resolve),
            _span(row.seconds_firing) or timedelta(),
            row.last_at,
        )
        for row in rows
    ]


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=float(seconds))


def lanes(session: Session, span: TimeRange, rule: str = "") -> tuple[Sequence[str], Markup] | None:
    """The names of the lanes and their bars, of all rules or of one; the newest to fire on top."""
    wanted = {"start": span.start, "end": span.end, "most": MOST_BARS, "rule": rule}
    rows = session.execute(_BARS, wanted).all()
    found: dict[str, list[Bar]] = {}
    for row in rows:
        name = f"{row.name} {row.slo}".strip()
        if name in found or len(found) < MOST_LANES:
            ends = min(row.ends_at or span.end, span.end)
            title = f"{name}: {formats.moment(row.starts_at, 'short')}, {formats.span(ends - row.starts_at)}"
            tone = "bad" if row.severity == "page" else "risk"
            found.setdefault(name, []).append(Bar(row.starts_at, ends, title, tone))
    if not found:
        return None
    drawn = strip(list(found.values()), span.start, span.end, _("When alerts fired, one row for each"))
    return list(found), drawn
