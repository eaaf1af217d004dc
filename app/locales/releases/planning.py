"""Writes: a release that waits for its hour.

It is made and checked when it is planned, so that what comes at the hour is what was looked at, and a string
that would break a page is found while somebody is there to mend it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, Refused
from app.locales.releases import commands, queries
from app.locales.releases.models import CandidateRelease, PlannedRelease, Release
from app.timeline import commands as timeline

LONGEST = timedelta(days=365)
JOB = "job:locales.planned"


def plan(session: Session, code: str, note: str, at: datetime, who: str, now: datetime) -> Release:
    """Make a release now and show it at `at`. One waits at a time."""
    _check_hour(at, now)
    commands.locked(session, code)
    commands.refuse_beside_candidate(session, code)
    if session.get(PlannedRelease, code) is not None:
        raise Conflict(_l("A release waits for its hour already. Change its hour, or cancel it first."))
    release = commands.make(session, code, note, who, now)
    live = queries.live(session, code)
    row = PlannedRelease(
        locale=code,
        release_id=release.id,
        after_number=live.number if live else 0,
        at=at,
        planned_by=who,
        planned_at=now,
    )
    session.add(row)
    after = {"release": release.number, "at": at.isoformat()}
    record(session, who, "locales.plan", f"locale:{code}", {}, after, now)
    session.flush()
    return release


def change(session: Session, code: str, at: datetime, who: str, now: datetime) -> None:
    _check_hour(at, now)
    row = _row(session, code)
    before, row.at = row.at, at
    record(
        session,
        who,
        "locales.plan_change",
        f"locale:{code}",
        {"at": before.isoformat()},
        {"at": at.isoformat()},
        now,
    )


def cancel(session: Session, code: str, who: str, now: datetime) -> None:
    row = _row(session, code)
    before = {"at": row.at.isoformat()}
    session.delete(row)
    record(session, who, "locales.plan_cancel", f"locale:{code}", before, {}, now)
    session.flush()


def due(session: Session, now: datetime) -> list[str]:
    return list(session.scalars(select(PlannedRelease.locale).where(PlannedRelease.at <= now)))


def keep(session: Session, code: str, now: datetime) -> bool:
    """Show what is due. False where something else was published meanwhile: that is not taken back."""
    commands.locked(session, code)
    row = session.get(PlannedRelease, code)
    if row is None or row.at > now:
        return False
    release = session.get_one(Release, row.release_id)
    who, after_number = row.planned_by, row.after_number
    session.delete(row)
    session.flush()
    live = queries.live(session, code)
    if (live.number if live else 0) != after_number or session.get(CandidateRelease, code) is not None:
        _overtaken(session, code, release, now)
        return False
    commands.move(session, code, live, release, who, now)
    commands.tell(session, "locales.publish", code, live, release, who, now)
    return True


def _overtaken(session: Session, code: str, release: Release, now: datetime) -> None:
    record(session, JOB, "locales.plan_overtaken", f"locale:{code}", {"release": release.number}, {}, now)
    timeline.record(
        session,
        now,
        "release",
        f"{code}: release {release.number} was planned and not shown, something else was published meanwhile",
        f"locale:{code}",
        url=f"/locales/{code}/releases",
    )


def _row(session: Session, code: str) -> PlannedRelease:
    commands.locked(session, code)
    row = session.get(PlannedRelease, code)
    if row is None:
        raise Conflict(_l("No release waits for its hour."))
    return row


def _check_hour(at: datetime, now: datetime) -> None:
    if not now < at <= now + LONGEST:
        raise Refused(_l("The release was not planned."), {"at": _l("Choose an hour ahead, within a year.")})
