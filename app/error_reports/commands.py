"""Writes of errors: taking in what was reported, and what people decide about a group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit import commands as audit
from app.error_reports.models import ErrorGroup, ErrorHour, ErrorPerson, ErrorRelease, ErrorSample
from app.error_reports.words import headline
from app.errors import NotFound, Refused
from app.failures import Report
from app.timeline import commands as timeline

STATES = ("open", "resolved", "ignored")
LONGEST_NOTE = 2_000
LONGEST_NAME = 200
MOST_ON_THE_TIMELINE = 20  # new groups of one batch; in a storm the errors page says the rest
BROWSER_PEOPLE = 3  # who must have met an error of browsers before it is news: anybody can send one


@dataclass
class Taken:
    """What a batch has changed."""

    new: list[int]
    regressed: list[int]
    rows: int = 0


def take(session: Session, reports: Iterable[Report], now: datetime) -> Taken:
    """Count each report once, however often it is handed in."""
    taken = Taken([], [])
    for report in sorted(reports, key=lambda one: (one.failure.fingerprint, one.event_id)):
        group, is_new = _group(session, report)
        if not _is_first_time(session, report, group.id):
            continue
        taken.rows += 1
        _count(session, report, group)
        if is_new:
            taken.new.append(group.id)
        elif _comes_back(group, report):
            group.state, group.regressed_at, group.changed_at = "open", report.at, now
            taken.regressed.append(group.id)
        session.flush()
        if len(taken.new) + len(taken.regressed) <= MOST_ON_THE_TIMELINE:
            _tell(session, group)
    return taken


def _group(session: Session, report: Report) -> tuple[ErrorGroup, bool]:
    """Locked until the transaction ends. A new one begins at nothing."""
    failure = report.failure
    made = session.execute(
        insert(ErrorGroup)
        .values(
            fingerprint=failure.fingerprint,
            source=report.source,
            kind=failure.kind,
            message=failure.message,
            place=failure.place,
            first_at=report.first_at,
            last_at=report.at,
            first_release=report.release,
            last_release=report.release,
            count=0,
        )
        .on_conflict_do_nothing(index_elements=["fingerprint"])
        .returning(ErrorGroup.id)
    ).one_or_none()
    found = select(ErrorGroup).where(ErrorGroup.fingerprint == failure.fingerprint).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one(), made is not None


def _is_first_time(session: Session, report: Report, group_id: int) -> bool:
    row = insert(ErrorSample).values(
        event_id=report.event_id,
        group_id=group_id,
        at=report.at,
        count=report.count,
        source=report.source,
        release=report.release,
        message=report.failure.message,
        traceback=report.failure.traceback,
        request=dict(report.request),
    )
    done = session.execute(row.on_conflict_do_nothing(index_elements=["event_id"]).returning(ErrorSample.at))
    return done.one_or_none() is not None


def _count(session: Session, report: Report, group: ErrorGroup) -> None:
    group.count += report.count
    group.first_at = min(group.first_at, report.first_at)
    if report.at >= group.last_at:
        group.last_at, group.last_release = report.at, report.release
        group.message = report.failure.message
    hour = report.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    _add(session, ErrorHour, {"group_id": group.id, "hour": hour}, report)
    _add(session, ErrorRelease, {"group_id": group.id, "release": report.release}, report)
    if report.people:
        people = [{"group_id": group.id, "person": person} for person in sorted(set(report.people))]
        session.execute(insert(ErrorPerson).on_conflict_do_nothing(), people)


def _add(
    session: Session, table: type[ErrorHour | ErrorRelease], key: dict[str, object], report: Report
) -> None:
    moments = {"first_at": report.first_at, "last_at": report.at} if table is ErrorRelease else {}
    row = insert(table).values(**key, **moments, count=report.count)
    more: dict[str, object] = {"count": table.count + row.excluded.count}
    if table is ErrorRelease:
        more |= {
            "first_at": func.least(ErrorRelease.first_at, row.excluded.first_at),
            "last_at": func.greatest(ErrorRelease.last_at, row.excluded.last_at),
        }
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=more))


def _comes_back(group: ErrorGroup, report: Report) -> bool:
    """Resolved, and seen since; where it was resolved with the next release, only in another one."""
    if group.state != "resolved" or group.changed_at is None or report.at <= group.changed_at:
        return False
    return not group.resolved_release or report.release != group.resolved_release


def _tell(session: Session, group: ErrorGroup) -> None:
    """On the timeline, once for its first sight and once for each return."""
    if group.state == "ignored":
        return
    if group.source == "browser" and _people(session, group.id) < BROWSER_PEOPLE:
        return
    at = group.regressed_at or group.first_at
    timeline.record(
        session,
        at,
        "error",
        headline(group.kind, group.message, is_back=group.regressed_at is not None),
        f"error:{group.fingerprint}",
        url=f"/errors/{group.id}",
        ends_at=at,
        key=f"error:{group.fingerprint}:{at.isoformat()}",
    )


def _people(session: Session, group_id: int) -> int:
    counted = select(func.count()).select_from(ErrorPerson).where(ErrorPerson.group_id == group_id)
    return session.scalar(counted) or 0


# --- what people decide --------------------------------------------------------------------------------


def find(session: Session, group_id: int) -> ErrorGroup:
    group = session.get(ErrorGroup, group_id, with_for_update=True) if 0 < group_id < 2**63 else None
    if group is None:
        raise NotFound(_l("There is no such error, or it is too long ago."))
    return group


def set_state(
    session: Session, group_id: int, state: str, who: str, now: datetime, *, with_next_release: bool = False
) -> ErrorGroup:
    """Open, resolved or ignored. Setting what is set already changes nothing."""
    if state not in STATES:
        raise Refused(_l("Choose one of the states."), {"state": _l("Choose one of the states.")})
    group = find(session, group_id)
    if group.state == state:
        return group
    audit.record(
        session, who, f"error.{state}", f"error:{group.id}", {"state": group.state}, {"state": state}, now
    )
    group.state, group.changed_at, group.changed_by = state, now, who
    group.resolved_release = group.last_release if state == "resolved" and with_next_release else ""
    return group


def look_after(
    session: Session, group_id: int, assignee: str, note: str, who: str, now: datetime
) -> ErrorGroup:
    """Who looks after it, and what is known."""
    group, assignee, note = find(session, group_id), assignee.strip(), note.strip()
    wrong: dict[str, object] = {}
    if len(assignee) > LONGEST_NAME:
        wrong["assignee"] = _l("A name has at most %(most)s characters.", most=LONGEST_NAME)
    if len(note) > LONGEST_NOTE:
        wrong["note"] = _l("A note has at most %(most)s characters.", most=LONGEST_NOTE)
    if wrong:
        raise Refused(_l("Nothing was saved."), wrong)
    before = {"assignee": group.assignee, "note": group.note}
    after = {"assignee": assignee, "note": note}
    if before != after:
        audit.record(session, who, "error.look_after", f"error:{group.id}", before, after, now)
        session.execute(update(ErrorGroup).where(ErrorGroup.id == group.id).values(**after))
    return group
