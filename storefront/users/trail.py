"""The trail of sign-ins: what happened at the door of an account, for its owner to look through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from storefront import telemetry
from storefront.outbox import changed
from storefront.users.devices import Device
from storefront.users.models import SignInNote

SIGNED_UP, SIGNED_IN, REFUSED = "signed_up", "signed_in", "refused"
CHANGED, ASKED_ANEW, CHOSEN_ANEW = "password_changed", "link_asked", "password_chosen_anew"
KINDS: dict[str, LazyString] = {
    SIGNED_UP: _l("Account made"),
    SIGNED_IN: _l("Signed in"),
    REFUSED: _l("Wrong password"),
    CHANGED: _l("Password changed"),
    ASKED_ANEW: _l("Link for a new password asked for"),
    CHOSEN_ANEW: _l("Password chosen anew by a mailed link"),
}
KEEP = timedelta(days=90)
SHOWN = 10


def note(session: Session, user_id: int | None, kind: str, where: Device, now: datetime) -> None:
    """`user_id` None: the address that was typed has no account, and is not kept."""
    telemetry.sign_in(kind)
    session.add(SignInNote(user_id=user_id, at=now, kind=kind, device=where.name, network=where.network))


def recent(session: Session, user_id: int) -> Sequence[SignInNote]:
    newest = sa.select(SignInNote).where(SignInNote.user_id == user_id).order_by(SignInNote.at.desc())
    return session.scalars(newest.limit(SHOWN)).all()


def forget_old(session: Session, now: datetime) -> int:
    return changed(session, sa.delete(SignInNote).where(SignInNote.at < now - KEEP))
