"""What a report is made of, in few statements however many objectives there are; and who gets it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.slo import queries
from app.slo.bucket import BUCKET, Counts
from app.slo.budget import Budget
from app.slo.models import SloReportMail, SloReportRecipient
from app.slo.report import WORST_HOURS, Event, Figures, Hour, Period, Report, Subject, report
from app.timeline import queries as timeline
from app.timeline.entry import CHANGES

MOST_EVENTS = 400
EVENT_KINDS = ("alert", "incident", *CHANGES)


def made(session: Session, period: Period, now: datetime) -> Report:
    """The report of one period, from the hour sums."""
    return report(
        period,
        now,
        _subjects(session, period, now),
        figures(session, period),
        figures(session, period.before()),
        _events(session, period),
    )


_SUMS = text("""
    SELECT slo.key, sum(hour.bad) AS bad, sum(hour.total) AS total, sum(hour.ok + hour.no_traffic) AS known
      FROM slos AS slo JOIN slo_hours AS hour ON hour.slo_id = slo.id AND hour.revision = slo.revision
     WHERE hour.starts_at >= :start AND hour.starts_at < :end
     GROUP BY slo.key
""")
_WORST = text("""
    SELECT * FROM (
        SELECT slo.key, hour.starts_at, hour.bad, hour.total,
               row_number() OVER (PARTITION BY slo.id ORDER BY hour.bad DESC, hour.starts_at) AS place
          FROM slos AS slo JOIN slo_hours AS hour ON hour.slo_id = slo.id AND hour.revision = slo.revision
         WHERE hour.starts_at >= :start AND hour.starts_at < :end AND hour.bad > 0
    ) AS hours WHERE place <= :most ORDER BY key, place
""")
_ENDS = text("""
    SELECT running.key, sum(hour.bad) AS bad, sum(hour.total) AS total
      FROM unnest(CAST(:keys AS text[]), CAST(:starts AS timestamptz[])) AS running(key, starts_at)
      JOIN slos AS slo ON slo.key = running.key
      JOIN slo_hours AS hour ON hour.slo_id = slo.id AND hour.revision = slo.revision
     WHERE hour.starts_at >= running.starts_at AND hour.starts_at < :end
     GROUP BY running.key
""")


def figures(session: Session, period: Period) -> dict[str, Figures]:
    """By the objectives' keys; one without any row of the period is missing."""
    span = {"start": period.start, "end": period.end}
    worst: defaultdict[str, list[Hour]] = defaultdict(list)
    for row in session.execute(_WORST, {**span, "most": WORST_HOURS}):
        worst[row.key].append(Hour(row.starts_at, Counts(row.bad, row.total)))
    return {
        row.key: Figures(Counts(row.bad, row.total), int(row.known), tuple(worst[row.key]))
        for row in session.execute(_SUMS, span)
    }


def _subjects(session: Session, period: Period, now: datetime) -> list[Subject]:
    slos, end = queries.gathered(session), min(period.end, now)
    starts = [slo.span.bounds(end - BUCKET)[0] for slo in slos]
    rows = session.execute(_ENDS, {"keys": [slo.key for slo in slos], "starts": starts, "end": end})
    ends = {row.key: Counts(row.bad, row.total) for row in rows}
    known = queries.statuses(session)
    return [
        Subject(
            slo.key,
            slo.name,
            slo.owner,
            slo.ratio,
            Budget(slo.ratio, slo.window, ends.get(slo.key, Counts())).left,
            _exhausts_at(known.get(slo.id)),
        )
        for slo in slos
    ]


def _exhausts_at(status: queries.Status | None) -> datetime | None:
    at = (status.forecast or {}).get("exhausts_at") if status else None
    return datetime.fromisoformat(at) if at else None


def _events(session: Session, period: Period) -> list[Event]:
    return [
        Event(entry.at, entry.kind, entry.title, entry.detail, entry.url, entry.ends_at, entry.is_demo)
        for entry in timeline.between(session, period.start, period.end, MOST_EVENTS)
        if entry.kind in EVENT_KINDS
    ]


def recipients(session: Session) -> Sequence[SloReportRecipient]:
    order = (SloReportRecipient.kind.desc(), SloReportRecipient.email)
    return session.scalars(select(SloReportRecipient).order_by(*order)).all()


def waiting(session: Session, period: Period) -> Sequence[SloReportRecipient]:
    """Who is to get the report of a period that is over and has not had it yet."""
    sent = select(SloReportMail.email).where(SloReportMail.period == period.name)
    return session.scalars(
        select(SloReportRecipient)
        .where(SloReportRecipient.kind == period.kind, SloReportRecipient.added_at < period.end)
        .where(SloReportRecipient.email.not_in(sent))
        .order_by(SloReportRecipient.email)
    ).all()
