"""Writes of rollouts: what people do. What the job does is in looking.py and deciding.py.

Each is locked, checked against the version that the person saw, audited, and written into the history with
its reason. Nothing commits here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import four_eyes
from app.audit import commands as audit
from app.errors import Conflict, Forbidden, NotFound, Refused
from app.rollouts import carried, deciding, plan, steering
from app.rollouts.guards import Memory
from app.rollouts.machine import Action, Decision
from app.rollouts.models import Rollout, RolloutFreeze, RolloutLook, RolloutReading
from app.rollouts.progress import Group
from app.timeline import commands as timeline

KEEP = timedelta(days=14)
REASON_LENGTH = 500
LONGEST_OVERRIDE = timedelta(days=7)


def start(
    session: Session,
    flag: str,
    environment: str,
    raw: object,
    now: datetime,
    who: str,
    language: str = "en",
    flag_revision: int | None = None,
) -> Rollout:
    """Begin with the first step at once. Raises `Refused` beside the fields, `Conflict` where one runs.

    `flag_revision`: of the flag in this environment, as the person saw it.
    """
    before = steering.current(session, flag, environment)
    wanted = plan.checked(raw, now)
    steering.check_movable(before)
    steering.check_revision(session, flag, environment, flag_revision)
    row = _new(flag, environment, wanted, before, now, who, language)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(
            _l("A rollout of this flag is on its way already. Open it, or end it first.")
        ) from None
    steering.set_step(session, row, wanted, 0, now, who)
    about = {"percent": wanted.steps[0].percent}
    deciding.carry_out(session, row, Decision("stay", "started", about), {}, now, who)
    _audit(session, row, "rollout.start", {}, {"plan": plan.as_json(wanted)}, now, who)
    return row


def pause(
    session: Session, number: int, version: int | None, now: datetime, who: str, reason: str = ""
) -> Rollout:
    row = _open(session, number, version)
    if row.state == "paused":
        raise Conflict(_l("The rollout is paused already."))
    row.state = "paused"
    return _done(session, row, "pause", {"reason": _short(reason)}, now, who)


def resume(
    session: Session, number: int, version: int | None, now: datetime, who: str, reason: str = ""
) -> Rollout:
    """Go on from the step it stands at. After harm a reason is needed, and the evidence begins anew; after a
    change by hand the flag is set to the step again."""
    row = _open(session, number, version)
    if row.state != "paused":
        raise Conflict(_l("The rollout is not paused."))
    if row.halted:
        _reason(reason)
        row.memory = carried.memory_json(Memory())
    if row.let_go:
        row.placed = {}
        steering.set_step(session, row, plan.stored(row.plan), row.step, now, who)
    row.state, row.halted, row.let_go, row.steady_seconds = "running", False, False, 0.0
    return _done(session, row, "resume", {"reason": _short(reason)}, now, who)


def approve(
    session: Session,
    number: int,
    version: int | None,
    now: datetime,
    who: str,
    role: str,
    step: int | None = None,
) -> Rollout:
    """Agree to the next step, before it is due or when it is. Never one's own rollout."""
    row = _open(session, number, version)
    wanted, following = plan.stored(row.plan), row.step + 1
    if step is not None and step != following:
        raise Conflict(_l("The rollout has moved on since. Reload to see which step is next."))
    if following > wanted.last or not wanted.steps[following].approver:
        raise Conflict(_l("No approval is needed."))
    approver = wanted.steps[following].approver
    if four_eyes.is_own(session, [row.started_by], who):
        raise Forbidden(_l("Somebody else than who started the rollout must agree."))
    if approver != "another" and role not in (approver, "admin"):
        raise Forbidden(_l("Another role must agree to this step."))
    if row.approved >= following:
        raise Conflict(_l("Somebody agreed to this step already."))
    row.approved = following
    return _done(session, row, "approve", {"step": following}, now, who)


def advance(
    session: Session, number: int, version: int | None, now: datetime, who: str, reason: str
) -> Rollout:
    """The next step by hand, without waiting for the evidence. Needs a reason."""
    row = _open(session, number, version)
    _reason(reason)
    if row.step >= plan.stored(row.plan).last:
        raise Conflict(_l("This is the last step. Finish the rollout instead."))
    if row.state == "paused":
        raise Conflict(_l("The rollout is paused. Resume it first."))
    decision = Decision("advance", "by_person", {"reason": _short(reason), "step": row.step + 1})
    return _decided(session, row, decision, "rollout.advance", now, who)


def roll_back(
    session: Session, number: int, version: int | None, now: datetime, who: str, reason: str = ""
) -> Rollout:
    """The flag as it was before, at once, and the rollout is over."""
    row = _open(session, number, version)
    if row.let_go:
        row.placed = {}  # the person looks at it and says so
    decision = Decision("roll_back", "by_person", {"reason": _short(reason)})
    return _decided(session, row, decision, "rollout.roll_back", now, who)


def finish(
    session: Session, number: int, version: int | None, now: datetime, who: str, reason: str
) -> Rollout:
    """Done as it stands: the flag stays where it is, and nobody watches it any more."""
    row = _open(session, number, version)
    decision = Decision("finish", "by_person", {"reason": _reason(reason)})
    return _decided(session, row, decision, "rollout.finish", now, who)


def abort(
    session: Session, number: int, version: int | None, now: datetime, who: str, reason: str = ""
) -> Rollout:
    """Over, unfinished: the flag stays where it is, for whoever aborted it to decide."""
    row = _open(session, number, version)
    row.state, row.outcome, row.ended_at, row.ended_by = "ended", "aborted", now, who
    return _done(session, row, "abort", {"reason": _short(reason)}, now, who)


def override(
    session: Session, number: int, version: int | None, now: datetime, who: str, reason: str, until: datetime
) -> Rollout:
    """New steps although the error budget is gone: somebody's name, reason and time stand for it."""
    row = _open(session, number, version)
    if not now < until <= now + LONGEST_OVERRIDE:
        most = _l("The time must lie ahead, within %(days)s days.", days=LONGEST_OVERRIDE.days)
        raise Refused(_l("The budget was not overridden."), {"until": most})
    row.override = {"who": who, "reason": _reason(reason), "until": until.isoformat()}
    return _done(session, row, "override", row.override, now, who)


def freeze(session: Session, reason: str, now: datetime, who: str) -> bool:
    """Nothing new begins in any rollout. Frozen already, it stays as it is. Whether it changed."""
    why = _reason(reason)
    made = session.scalar(
        insert(RolloutFreeze)
        .values(frozen_at=now, frozen_by=who, reason=why)
        .on_conflict_do_nothing()
        .returning(RolloutFreeze.id)
    )
    if made is None:
        return False
    audit.record(session, who, "rollout.freeze", "rollouts", {}, {"reason": why}, now)
    _note(session, f"freeze:{made}", "All rollouts are frozen", why, now, None)
    return True


def thaw(session: Session, now: datetime, who: str) -> bool:
    found = session.execute(
        update(RolloutFreeze)
        .where(RolloutFreeze.thawed_at.is_(None))
        .values(thawed_at=now, thawed_by=who)
        .returning(RolloutFreeze.id, RolloutFreeze.reason, RolloutFreeze.frozen_at)
    ).first()
    if found is None:
        return False
    audit.record(session, who, "rollout.thaw", "rollouts", {"reason": found.reason}, {}, now)
    _note(
        session,
        f"freeze:{found.id}",
        "All rollouts are frozen",
        found.reason,
        found.frozen_at,
        max(now, found.frozen_at),
    )
    return True


def _note(session: Session, key: str, title: str, detail: str, at: datetime, end: datetime | None) -> None:
    timeline.record(
        session, at, "note", title, "rollouts", detail, "/rollouts/", ends_at=end, key=f"rollouts:{key}"
    )


def _new(
    flag: str,
    environment: str,
    wanted: plan.Plan,
    before: dict[str, Any],
    now: datetime,
    who: str,
    language: str,
) -> Rollout:
    return Rollout(
        flag=flag,
        environment=environment,
        plan=plan.as_json(wanted),
        language=language,
        version=1,
        started_at=now,
        started_by=who,
        state="running",
        outcome="",
        step=0,
        step_since=now,
        observed_seconds=0.0,
        steady_seconds=0.0,
        approved=0,
        halted=False,
        let_go=False,
        before=before,
        placed={},
        seen={},
        memory={},
        reason={},
    )


def _open(session: Session, number: int, version: int | None) -> Rollout:
    """A rollout that is not over, locked. `Conflict` where somebody else did something meanwhile."""
    row = session.get(Rollout, number, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(_l("There is no such rollout."))
    if row.state == "ended":
        raise Conflict(_l("The rollout is over."))
    if version is not None and version != row.version:
        raise Conflict(_l("Somebody did something to this rollout since you opened it. Reload to see it."))
    return row


def _decided(
    session: Session, row: Rollout, decision: Decision, action: str, now: datetime, who: str
) -> Rollout:
    before = {"state": row.state, "step": row.step}
    deciding.carry_out(session, row, decision, {}, now, who)
    row.version += 1
    _audit(session, row, action, before, {"state": row.state, "step": row.step, **decision.about}, now, who)
    return row


def _done(
    session: Session, row: Rollout, action: Action, about: dict[str, Any], now: datetime, who: str
) -> Rollout:
    """What a person did to the rollout itself: into its history and the audit trail."""
    row.version += 1
    deciding.write_down_person(session, row, action, about, now, who)
    _audit(session, row, f"rollout.{action}", {}, about, now, who)
    return row


def _audit(
    session: Session,
    row: Rollout,
    action: str,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
    who: str,
) -> None:
    subject = f"rollout:{row.id}"
    audit.record(session, who, action, subject, before, {"flag": row.flag, **after}, now)


def _reason(text: str) -> str:
    """A reason that must be given."""
    if not text.strip():
        raise Refused(_l("Nothing was changed."), {"reason": _l("Say why.")})
    return _short(text)


def _short(text: str) -> str:
    if len(text) > REASON_LENGTH or "\x00" in text:
        most = _l("Use at most %(most)s characters.", most=REASON_LENGTH)
        raise Refused(_l("Nothing was changed."), {"reason": most})
    return text.strip()


def open_numbers(session: Session) -> list[int]:
    return list(session.scalars(select(Rollout.id).where(Rollout.ended_at.is_(None)).order_by(Rollout.id)))


def locked(session: Session, number: int) -> Rollout | None:
    """For the job: None where it ended meanwhile."""
    row = session.get(Rollout, number, with_for_update=True, populate_existing=True)
    return row if row is not None and row.state != "ended" else None


def save(session: Session, flag: str, groups: Iterable[Group], since: datetime, at: datetime) -> None:
    """One reading; read again for the same moment, it is replaced."""
    rows = [{"flag": flag, "at": at, "since": since, **asdict(group)} for group in groups]
    if not rows:
        return
    statement = insert(RolloutReading).values(rows)
    told = ("since", "exposures", "converted", "good", "bad")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["flag", "variant", "at"], set_={name: statement.excluded[name] for name in told}
        )
    )


def prune(session: Session, now: datetime) -> None:
    session.execute(delete(RolloutReading).where(RolloutReading.at < now - KEEP))
    session.execute(delete(RolloutLook).where(RolloutLook.at < now - KEEP))
