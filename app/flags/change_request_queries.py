"""Reads of changes that wait, each shaped for one screen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, Select, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.flags import change_request as rules
from app.flags.change_request import Json
from app.flags.change_request_commands import after_of
from app.flags.change_request_models import ChangeOpinion, ChangeRequest, ProposedChange
from app.flags.changes import Change as Line
from app.flags.changes import changes
from app.flags.models import Flag, FlagState
from app.flags.wording import Names

ROWS = 50


@dataclass(frozen=True)
class Proposed:
    """One change of one flag as its page shows it."""

    id: int
    flag: str
    kind: str
    payload: Json
    added_by: str
    lines: tuple[Line, ...]  # from what it was when this was proposed
    since: tuple[Line, ...]  # what changed between then and now; empty: nothing, no conflict
    is_gone: bool  # archived meanwhile

    @property
    def is_conflict(self) -> bool:
        return self.is_gone or bool(self.since)


@dataclass(frozen=True)
class Opinion:
    at: datetime
    who: str
    verdict: str
    text: str
    counts: bool  # of this round


@dataclass(frozen=True)
class Request:
    """One change request, whole."""

    id: int
    environment: str
    title: str
    state: rules.State
    author: str
    created_at: datetime
    changed_at: datetime
    approvals_needed: int
    apply_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    problem: str | None
    problem_text: str | None
    changes: tuple[Proposed, ...]
    opinions: tuple[Opinion, ...]

    @property
    def flags(self) -> list[str]:
        return list(dict.fromkeys(one.flag for one in self.changes))

    @property
    def approvers(self) -> list[str]:
        return list(dict.fromkeys(o.who for o in self.opinions if o.verdict == "approve" and o.counts))

    @property
    def authors(self) -> set[str]:
        return {self.author, *(one.added_by for one in self.changes)}

    @property
    def conflicts(self) -> list[str]:
        """Flags that changed meanwhile; of interest until it has ended."""
        if self.state in rules.ENDED:
            return []
        return list(dict.fromkeys(one.flag for one in self.changes if one.is_conflict))


def one(session: Session, request_id: int, segments: Names | None = None) -> Request:
    """Raises `NotFound`."""
    row = session.get(ChangeRequest, request_id)
    if row is None:
        raise NotFound(_l("There is no such change request."))
    return _requests(session, [row], segments)[0]


# Not applied, in review, approved, planned, drafts, the rest.
NEEDED_FIRST: tuple[Any, ...] = (
    func.array_position([*rules.OPEN, *rules.ENDED], ChangeRequest.state, type_=Integer),
    ChangeRequest.apply_at,
    ChangeRequest.changed_at.desc(),
    ChangeRequest.id.desc(),
)


def wanted(states: Collection[str] = (), flag: str = "", environment: str = "") -> Select[Any]:
    query = select(ChangeRequest)
    if states:
        query = query.where(ChangeRequest.state.in_(states))
    if environment:
        query = query.where(ChangeRequest.environment == environment)
    if flag:
        of_flag = select(ProposedChange.request).where(ProposedChange.flag == flag)
        query = query.where(ChangeRequest.id.in_(of_flag))
    return query


def listed(
    session: Session,
    states: Collection[str] = (),
    flag: str = "",
    environment: str = "",
    segments: Names | None = None,
    page: int = 1,
) -> list[Request]:
    """What needs somebody first."""
    ordered = wanted(states, flag, environment).order_by(*NEEDED_FIRST)
    rows = session.scalars(ordered.limit(ROWS).offset((page - 1) * ROWS)).all()
    return _requests(session, rows, segments)


def shown(session: Session, rows: Sequence[ChangeRequest]) -> list[Request]:
    return _requests(session, rows, None)


def counts(session: Session) -> dict[str, int]:
    """How many there are in each state."""
    query = select(ChangeRequest.state, func.count()).group_by(ChangeRequest.state)
    return {state: int(count) for state, count in session.execute(query)}


def waiting(session: Session) -> dict[str, int]:
    """How many open changes each flag has; drafts are their author's own matter."""
    query = (
        select(ProposedChange.flag, func.count(ChangeRequest.id.distinct()))
        .join(ChangeRequest, ChangeRequest.id == ProposedChange.request)
        .where(ChangeRequest.state.in_(("not_applied", "in_review", "approved", "scheduled")))
        .group_by(ProposedChange.flag)
    )
    return {flag: int(count) for flag, count in session.execute(query)}


def _requests(session: Session, rows: Sequence[ChangeRequest], segments: Names | None) -> list[Request]:
    ids = [row.id for row in rows]
    proposed = session.scalars(
        select(ProposedChange).where(ProposedChange.request.in_(ids)).order_by(ProposedChange.position)
    ).all()
    opinions = session.scalars(
        select(ChangeOpinion).where(ChangeOpinion.request.in_(ids)).order_by(ChangeOpinion.id)
    ).all()
    now = _states(session, {one.flag for one in proposed})
    return [
        _request(
            row,
            tuple(
                _proposed(one, now, row.environment, segments) for one in proposed if one.request == row.id
            ),
            tuple(_opinion(one, row.round) for one in opinions if one.request == row.id),
        )
        for row in rows
    ]


def _states(session: Session, flags: Collection[str]) -> dict[tuple[str, str], FlagState]:
    query = (
        select(FlagState)
        .join(Flag, Flag.name == FlagState.flag)
        .where(FlagState.flag.in_(flags), Flag.archived_at.is_(None))
    )
    return {(state.flag, state.environment): state for state in session.scalars(query)}


def _proposed(
    row: ProposedChange,
    states: Mapping[tuple[str, str], FlagState],
    environment: str,
    segments: Names | None,
) -> Proposed:
    state = states.get((row.flag, environment))
    has_moved = state is not None and state.revision != row.base_revision
    return Proposed(
        id=row.id,
        flag=row.flag,
        kind=row.kind,
        payload=row.payload,
        added_by=row.added_by,
        lines=changes(row.before, after_of(row), segments),
        since=changes(row.before, _snapshot(state), segments) if state is not None and has_moved else (),
        is_gone=state is None,
    )


def _snapshot(state: FlagState) -> Json:
    return {"enabled": state.enabled, "strategies": state.strategies, "variants": state.variants}


def _opinion(row: ChangeOpinion, round_: int) -> Opinion:
    return Opinion(row.at, row.who, row.verdict, row.text, row.round == round_)


def _request(row: ChangeRequest, proposed: tuple[Proposed, ...], opinions: tuple[Opinion, ...]) -> Request:
    return Request(
        id=row.id,
        environment=row.environment,
        title=row.title,
        state=row.state,  # type: ignore[arg-type]
        author=row.author,
        created_at=row.created_at,
        changed_at=row.changed_at,
        approvals_needed=row.approvals_needed,
        apply_at=row.apply_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        problem=row.problem,
        problem_text=row.problem_text,
        changes=proposed,
        opinions=opinions,
    )
