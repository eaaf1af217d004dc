"""Writes: a release that a share of shoppers sees beside the live one."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, Refused
from app.locales.releases import commands, queries
from app.locales.releases.models import CandidateRelease, PlannedRelease, Release


def offer(
    session: Session, code: str, note: str, percent: int, who: str, now: datetime, number: int | None = None
) -> Release:
    """Show a new release of what is approved, or an earlier one, to a share of the shoppers of a locale."""
    check_percent(percent)
    commands.locked(session, code)
    commands.refuse_beside_candidate(session, code)
    if number is None:
        release = commands.make(session, code, note, who, now)
    else:
        release = queries.numbered(session, code, number)
    live = queries.live(session, code)
    if live is not None and live.id == release.id:
        raise Conflict(_l("Shoppers see this release already."))
    session.execute(delete(PlannedRelease).where(PlannedRelease.locale == code))
    row = CandidateRelease(
        locale=code,
        release_id=release.id,
        percent=percent,
        salt=secrets.token_hex(8),
        since=now,
        started_by=who,
    )
    session.add(row)
    after = {"candidate": release.number, "percent": percent}
    record(session, who, "locales.candidate", f"locale:{code}", {}, after, now)
    session.flush()
    return release


def set_share(session: Session, code: str, percent: int, who: str, now: datetime) -> None:
    """Whoever saw the candidate sees it still when the share grows: the salt stays."""
    check_percent(percent)
    row = _row(session, code)
    before, row.percent = row.percent, percent
    record(
        session,
        who,
        "locales.candidate_share",
        f"locale:{code}",
        {"percent": before},
        {"percent": percent},
        now,
    )


def withdraw(session: Session, code: str, who: str, now: datetime) -> None:
    """Nobody sees the candidate any more; it stays in the list of releases."""
    row = _row(session, code)
    before = {"percent": row.percent}
    session.delete(row)
    record(session, who, "locales.candidate_withdraw", f"locale:{code}", before, {"percent": 0}, now)
    session.flush()


def promote(session: Session, code: str, who: str, now: datetime) -> Release:
    """The candidate becomes what all shoppers see."""
    row = _row(session, code)
    release = session.get_one(Release, row.release_id)
    session.delete(row)
    session.flush()
    live = queries.live(session, code)
    commands.move(session, code, live, release, who, now)
    commands.tell(session, "locales.publish", code, live, release, who, now)
    return release


def check_percent(percent: int) -> None:
    if not 1 <= percent <= 99:
        raise Refused(
            _l("The share was not changed."),
            {"percent": _l("Use a whole number from %(least)s to %(most)s.", least=1, most=99)},
        )


def _row(session: Session, code: str) -> CandidateRelease:
    commands.locked(session, code)
    row = session.get(CandidateRelease, code)
    if row is None:
        raise Conflict(_l("There is no candidate release at the moment."))
    return row
