"""Where a change needs somebody else's word first: no page, API or command line writes past it.

Two ways around it: what takes a flag away in an emergency (the kill switch, a guarded rollout's way back),
and a change request that has been approved. Jobs carry out what people have approved already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.flags.models import Environment, Flag, FlagState

EMERGENCIES = ("flag.kill", "flag.rollback")
JOB = "job:"
_APPROVED = "flags_approved"


@contextmanager
def approved(session: Session) -> Iterator[None]:
    """Inside, changes are those of an approved change request."""
    session.info[_APPROVED] = True
    try:
        yield
    finally:
        session.info.pop(_APPROVED, None)


def check_direct(session: Session, environment: str, action: str, who: str) -> None:
    """Refuse with `Forbidden` a change that nobody else has approved where somebody has to."""
    if _is_excused(session, who) or action in EMERGENCIES:
        return
    if approvals_needed(session, environment) > 0:
        message = _l(
            "Changes in %(environment)s need approval. Make a change request; turning a flag off for"
            " everybody (kill) always works.",
            environment=environment,
        )
        raise Forbidden(message)


def check_archive(session: Session, flag: str, who: str) -> None:
    """A flag that is on where changes need approval is switched off first, by a change request."""
    for _flag, environment in _on_where_approval_is_needed(session, [flag]):
        check_direct(session, environment, "flag.archive", who)


def check_parents(session: Session, flag: str, who: str) -> None:
    """Parents count in all environments at once, so in those that ask for approval as well."""
    if _is_excused(session, who):
        return
    for _flag, environment in _on_where_approval_is_needed(session, [flag]):
        message = _l(
            "This flag is on in %(environment)s, where changes need approval, and its parents count there at"
            " once. Make a change request that switches it off there first, or one for its targeting.",
            environment=environment,
        )
        raise Forbidden(message, {"dependencies": message})


def check_segment(session: Session, users: Sequence[str], segment_id: int, who: str) -> None:
    """Who is in a segment is part of the targeting of each flag that uses it."""
    if _is_excused(session, who):
        return
    for flag, environment in _on_where_approval_is_needed(session, users, segment_id):
        message = _l(
            "%(flag)s uses this segment in %(environment)s, where changes need approval. Make a new segment,"
            " and a change request that gives it to the flag.",
            flag=flag,
            environment=environment,
        )
        raise Forbidden(message, {"constraints": message})


def _is_excused(session: Session, who: str) -> bool:
    return bool(session.info.get(_APPROVED)) or who.startswith(JOB)


def _on_where_approval_is_needed(
    session: Session, flags: Sequence[str], segment_id: int | None = None
) -> list[tuple[str, str]]:
    """Flag and environment; with a segment only where its strategies there name it."""
    on = (
        select(FlagState.flag, FlagState.environment)
        .join(Environment, Environment.name == FlagState.environment)
        .join(Flag, Flag.name == FlagState.flag)
        .where(FlagState.flag.in_(flags), FlagState.enabled, Environment.requires_approval)
        .where(Flag.archived_at.is_(None))
        .order_by(FlagState.flag, FlagState.environment)
    )
    if segment_id is not None:
        on = on.where(FlagState.strategies.contains([{"segments": [segment_id]}]))
    return [(flag, environment) for flag, environment in session.execute(on)]


def approvals_needed(session: Session, environment: str) -> int:
    """How many others have to agree; 0 where nobody has to."""
    found = session.execute(
        select(Environment.requires_approval, Environment.approvals_needed).where(
            Environment.name == environment
        )
    ).first()
    return found.approvals_needed if found is not None and found.requires_approval else 0
