"""Writes of changes that wait. Nothing commits here; each is audited under change-request:<id>."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import four_eyes
from app.audit import commands as audit
from app.errors import Conflict, NotFound, Refused
from app.flags import approval, commands
from app.flags import change_request as rules
from app.flags.change_request import Change, Json, Opinion, State, Verdict
from app.flags.change_request_models import ChangeOpinion, ChangeRequest, ProposedChange
from app.flags.models import Environment, Flag, FlagState


def create(
    session: Session,
    environment: str,
    title: str,
    changes: Sequence[tuple[Change, int | None]],
    now: datetime,
    who: str,
    apply_at: datetime | None = None,
) -> ChangeRequest:
    """A draft. Each change may carry the revision that its author saw."""
    if session.get(Environment, environment) is None:
        raise NotFound(
            _l("The change request was not saved."), {"environment": _l("There is no such environment.")}
        )
    request = ChangeRequest(
        environment=environment,
        title=rules.checked_title(title),
        state="draft",
        author=who,
        created_at=now,
        changed_at=now,
        round=1,
        approvals_needed=0,
        apply_at=None if apply_at is None else rules.checked_hour(apply_at, now),
    )
    session.add(request)
    session.flush()
    _record(session, request, "create", None, who, now)
    for change, seen in changes:
        _add(session, request, change, seen, now, who)
    return request


def plan(
    session: Session,
    environment: str,
    title: str,
    changes: Sequence[tuple[Change, int | None]],
    apply_at: datetime,
    now: datetime,
    who: str,
) -> ChangeRequest:
    """Changes for a later moment, sent at once: planned, or in review where that needs approval."""
    request = create(session, environment, title, changes, now, who, apply_at)
    return send(session, request.id, now, who)


def draft_of(session: Session, environment: str, who: str) -> ChangeRequest | None:
    """The latest draft of somebody for an environment, which further changes are added to."""
    query = (
        select(ChangeRequest)
        .where(ChangeRequest.environment == environment, ChangeRequest.author == who)
        .where(ChangeRequest.state == "draft")
        .order_by(ChangeRequest.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def add(
    session: Session, request_id: int, change: Change, now: datetime, who: str, seen: int | None = None
) -> ChangeRequest:
    """One more change, last. What was approved has to be approved again."""
    request = _locked(session, request_id)
    rules.check_editable(_state(request))
    _add(session, request, change, seen, now, who)
    _begin_round(session, request, now, who)
    return request


def remove(session: Session, request_id: int, change_id: int, now: datetime, who: str) -> ChangeRequest:
    request = _locked(session, request_id)
    rules.check_editable(_state(request))
    found = session.get(ProposedChange, change_id)
    if found is None or found.request != request.id:
        raise NotFound(_l("There is no such change in this change request."))
    session.delete(found)
    _record(session, request, "remove", {"flag": found.flag, "kind": found.kind}, who, now)
    _begin_round(session, request, now, who)
    return request


def edit(
    session: Session,
    request_id: int,
    title: str,
    apply_at: datetime | None,
    now: datetime,
    who: str,
) -> ChangeRequest:
    """Another title, another hour (None: by hand). A new hour has to be approved, too."""
    request = _locked(session, request_id)
    rules.check_editable(_state(request))
    before = {"title": request.title, "apply_at": request.apply_at}
    if apply_at is not None and apply_at != request.apply_at:
        rules.checked_hour(apply_at, now)
    request.title = rules.checked_title(title)
    if apply_at != request.apply_at:
        request.apply_at = apply_at
        _begin_round(session, request, now, who)
    _record(session, request, "edit", before, who, now)
    return request


def send(session: Session, request_id: int, now: datetime, who: str) -> ChangeRequest:
    """Let a draft go: to review, or, where nobody has to approve, to its hour."""
    request = _locked(session, request_id)
    if request.apply_at is not None:
        rules.checked_hour(request.apply_at, now)
    request.approvals_needed = approval.approvals_needed(session, request.environment)
    count = session.scalar(select(func.count()).where(ProposedChange.request == request.id)) or 0
    request.problem = request.problem_text = request.told_at = None
    to = rules.sent(_state(request), count, request.approvals_needed, request.apply_at)
    _move(session, request, to, "send", now, who)
    return request


def judge(
    session: Session, request_id: int, verdict: Verdict, text: str, now: datetime, who: str
) -> ChangeRequest:
    """Approve, reject or comment. Raises `Forbidden` where somebody approves what is their own."""
    request = _locked(session, request_id)
    said = rules.checked_text(text, required=verdict == "comment")
    to = rules.judged(
        _state(request),
        verdict,
        who,
        _authors(session, request, who),
        _approvals_of_others(session, request, who),
        request.round,
        request.approvals_needed,
        request.apply_at,
    )
    session.add(
        ChangeOpinion(request=request.id, at=now, who=who, verdict=verdict, text=said, round=request.round)
    )
    if verdict != "comment":
        _move(session, request, to, verdict, now, who)
    return request


def apply(session: Session, request_id: int, now: datetime, who: str) -> ChangeRequest:
    """All of its changes, now. Raises `Conflict`, and changes nothing, where a flag changed meanwhile."""
    request = _locked(session, request_id)
    rules.check_ready(_state(request))
    _check_approvals(session, request)
    _apply(session, request, now, who)
    _end(session, request, "applied", "apply", now, who)
    return request


def cancel(session: Session, request_id: int, now: datetime, who: str) -> ChangeRequest:
    request = _locked(session, request_id)
    rules.check_open(_state(request))
    _end(session, request, "cancelled", "cancel", now, who)
    return request


def rebase(session: Session, request_id: int, now: datetime, who: str) -> ChangeRequest:
    """Propose the same on top of what the flags are now. What was approved has to be approved again."""
    request = _locked(session, request_id)
    rules.check_editable(_state(request))
    made: dict[str, Json] = {}  # what each flag is after the changes so far
    for change in _changes(session, request):
        state = flag_state(session, change.flag, request.environment)
        change.before, change.base_revision = made.get(change.flag, _snapshot(state)), state.revision
        made[change.flag] = after_of(change)
    _begin_round(session, request, now, who)
    _record(session, request, "rebase", None, who, now)
    return request


def conflicts(session: Session, request: ChangeRequest) -> list[str]:
    """Flags that changed since their change was proposed; archived ones too."""
    revisions = dict(
        session.execute(
            select(FlagState.flag, FlagState.revision)
            .join(Flag, Flag.name == FlagState.flag)
            .where(FlagState.environment == request.environment, Flag.archived_at.is_(None))
        ).all()
    )
    changed = {
        one.flag: None for one in _changes(session, request) if revisions.get(one.flag) != one.base_revision
    }
    return list(changed)


def due(session: Session, now: datetime) -> list[ChangeRequest]:
    """Planned ones whose hour has come, in their order, locked; those that another run holds are left out."""
    query = (
        select(ChangeRequest)
        .where(ChangeRequest.state == "scheduled", ChangeRequest.apply_at <= now)
        .order_by(ChangeRequest.apply_at, ChangeRequest.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def untold(session: Session) -> list[ChangeRequest]:
    """Those that were not made and whose author does not know yet."""
    query = select(ChangeRequest).where(ChangeRequest.state == "not_applied", ChangeRequest.told_at.is_(None))
    return list(session.scalars(query.order_by(ChangeRequest.id).with_for_update(skip_locked=True)))


def apply_planned(session: Session, request: ChangeRequest, now: datetime) -> bool:
    """Make what is due, as its author. False: it was not made, and the request says why."""
    changes = _changes(session, request)
    narrow = all(rules.narrows(one.before, rules.outcome(one.before, _change(one))) for one in changes)
    if request.apply_at is not None and rules.is_too_late(request.apply_at, now, narrow):
        return _give_up(session, request, "late", "", now)
    if changed := conflicts(session, request):
        return _give_up(session, request, "changed", ", ".join(changed), now)
    try:
        _check_approvals(session, request)
        with session.begin_nested():
            _apply(session, request, now, request.author)
    except (Conflict, NotFound, Refused) as problem:
        return _give_up(session, request, "refused", str(problem), now)
    _end(session, request, "applied", "apply", now, request.author)
    return True


def flag_state(session: Session, flag: str, environment: str) -> FlagState:
    query = (
        select(FlagState)
        .join(Flag, Flag.name == FlagState.flag)
        .where(FlagState.flag == flag, FlagState.environment == environment, Flag.archived_at.is_(None))
        .execution_options(populate_existing=True)
    )
    state = session.scalars(query).first()
    if state is None:
        message = _l("There is no flag %(name)s in %(environment)s.", name=flag, environment=environment)
        raise NotFound(message, {"flag": message})
    return state


def _add(
    session: Session, request: ChangeRequest, change: Change, seen: int | None, now: datetime, who: str
) -> None:
    state = flag_state(session, change.flag, request.environment)
    if seen is not None and seen != state.revision:
        raise Conflict(
            _l("Somebody changed this flag since you opened the page. Nothing was saved; reload to see it.")
        )
    earlier = _changes(session, request)
    if len(earlier) >= rules.MOST_CHANGES:
        raise Refused(
            _l("A change request holds at most %(most)s changes.", most=rules.MOST_CHANGES),
            {"changes": _l("Make another change request.")},
        )
    before = next((after_of(one) for one in reversed(earlier) if one.flag == change.flag), _snapshot(state))
    rules.outcome(before, change)  # refuses what could not be done
    session.add(
        ProposedChange(
            request=request.id,
            position=max((one.position for one in earlier), default=0) + 1,
            flag=change.flag,
            kind=change.kind,
            payload=change.payload,
            before=before,
            base_revision=state.revision,
            added_by=who,
            added_at=now,
        )
    )
    session.flush()
    _record(session, request, "add", {"flag": change.flag, **change.payload}, who, now)


def after_of(change: ProposedChange) -> Json:
    """What the flag is once this change is made."""
    return rules.outcome(change.before, _change(change))


def _change(row: ProposedChange) -> Change:
    return Change(row.flag, cast(rules.Kind, row.kind), row.payload)


def _apply(session: Session, request: ChangeRequest, now: datetime, who: str) -> None:
    """The first change of each flag asks for the revision it was proposed on; the next ones follow it."""
    bases: dict[str, int] = {}
    with approval.approved(session):
        for one in _changes(session, request):
            seen = None if one.flag in bases else one.base_revision
            bases.setdefault(one.flag, one.base_revision)
            _make(session, request.environment, _change(one), now, who, seen)
    for flag, base in bases.items():
        _follow(session, request, flag, base)


def _check_approvals(session: Session, request: ChangeRequest) -> None:
    """The environment may ask for more by now than it did when this was sent."""
    rules.check_approvals(request.approvals_needed, approval.approvals_needed(session, request.environment))


def _make(
    session: Session, environment: str, change: Change, now: datetime, who: str, seen: int | None
) -> None:
    payload = change.payload
    match change.kind:
        case "percent":
            commands.set_percent(session, change.flag, environment, payload["percent"], now, who, seen)
        case "enabled":
            commands.set_enabled(session, change.flag, environment, payload["enabled"], now, who, seen)
        case "targeting":
            commands.set_targeting(
                session, change.flag, environment, payload["strategies"], payload["variants"], now, who, seen
            )


def _follow(session: Session, request: ChangeRequest, flag: str, base: int) -> None:
    """What was planned after this, knowing of it, stands on the new revision: 10 % today, 50 % tomorrow."""
    session.flush()
    state = flag_state(session, flag, request.environment)
    later = select(ChangeRequest.id).where(
        ChangeRequest.environment == request.environment,
        ChangeRequest.state == "scheduled",
        ChangeRequest.id > request.id,
    )
    session.execute(
        update(ProposedChange)
        .where(ProposedChange.request.in_(later), ProposedChange.flag == flag)
        .where(ProposedChange.base_revision == base)
        .values(base_revision=state.revision)
    )


def _give_up(
    session: Session, request: ChangeRequest, problem: rules.Problem, text: str, now: datetime
) -> bool:
    request.problem, request.problem_text, request.told_at = problem, text, None
    _move(session, request, "not_applied", "give-up", now, "job:flags.changes")
    return False


def _begin_round(session: Session, request: ChangeRequest, now: datetime, who: str) -> None:
    """After an edit: a draft stays one; what was sent goes to where it would go when it is sent anew."""
    request.changed_at = now
    state = _state(request)
    if state not in ("in_review", "approved", "scheduled"):
        return
    request.round += 1
    request.approvals_needed = approval.approvals_needed(session, request.environment)
    to: State = "in_review" if request.approvals_needed else rules.approved(request.apply_at)
    if to != state:
        _move(session, request, to, "edit", now, who)


def _move(session: Session, request: ChangeRequest, to: State, action: str, now: datetime, who: str) -> None:
    was = request.state
    request.state, request.changed_at = to, now
    audit.record(
        session,
        who,
        f"change-request.{action}",
        subject(request),
        {"state": was},
        {"state": to, "title": request.title, "environment": request.environment},
        now,
    )


def _end(session: Session, request: ChangeRequest, to: State, action: str, now: datetime, who: str) -> None:
    request.ended_at, request.ended_by = now, who
    _move(session, request, to, action, now, who)


def _record(
    session: Session, request: ChangeRequest, action: str, before: Json | None, who: str, now: datetime
) -> None:
    after = {"title": request.title, "environment": request.environment, "apply_at": request.apply_at}
    audit.record(session, who, f"change-request.{action}", subject(request), before, after, now)


def subject(request: ChangeRequest) -> str:
    return f"change-request:{request.id}"


def _locked(session: Session, request_id: int) -> ChangeRequest:
    request = session.get(ChangeRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise NotFound(_l("There is no such change request."))
    return request


def _changes(session: Session, request: ChangeRequest) -> list[ProposedChange]:
    query = (
        select(ProposedChange)
        .where(ProposedChange.request == request.id)
        .order_by(ProposedChange.position)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _authors(session: Session, request: ChangeRequest, who: str) -> set[str]:
    """Everybody whose change is in it; `who` as well where it is theirs under another name."""
    authors = {request.author, *(one.added_by for one in _changes(session, request))}
    return authors | {who} if four_eyes.is_own(session, authors, who) else authors


def _approvals_of_others(session: Session, request: ChangeRequest, who: str) -> list[Opinion]:
    """Of this round; a person who approved by several names is counted once."""
    query = select(ChangeOpinion.who).where(
        ChangeOpinion.request == request.id,
        ChangeOpinion.verdict == "approve",
        ChangeOpinion.round == request.round,
    )
    said = session.scalars(query.order_by(ChangeOpinion.id))
    return [Opinion(one, "approve", request.round) for one in four_eyes.independent(session, who, said)]


def _state(request: ChangeRequest) -> State:
    return cast(State, request.state)


def _snapshot(state: FlagState) -> Json:
    return {
        "environment": state.environment,
        "enabled": state.enabled,
        "strategies": state.strategies,
        "variants": state.variants,
    }
