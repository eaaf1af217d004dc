"""Where a change needs somebody else's word first: no page, API or command line writes past it.

Two ways around it: what takes a flag away in an emergency (the kill switch, a guarded rollout's way back),
and a change request that has been approved. Jobs carry out what people have approved already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.flags.models import Environment, FlagState

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
    if session.info.get(_APPROVED) or action in EMERGENCIES or who.startswith(JOB):
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
    on = (
        select(FlagState.environment)
        .join(Environment, Environment.name == FlagState.environment)
        .where(FlagState.flag == flag, FlagState.enabled, Environment.requires_approval)
    )
    for environment in session.scalars(on):
        check_direct(session, environment, "flag.archive", who)


def approvals_needed(session: Session, environment: str) -> int:
    """How many others have to agree; 0 where nobody has to."""
    found = session.execute(
        select(Environment.requires_approval, Environment.approvals_needed).where(
            Environment.name == environment
        )
    ).first()
    return found.approvals_needed if found is not None and found.requires_approval else 0
