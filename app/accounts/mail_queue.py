"""Mails about accounts that are to be sent: noted with the change itself, sent by the job `accounts.mail`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from app.accounts.invitation_models import AccountMailRow

Kind = Literal[
    "invitation",
    "password_link",
    "password_changed",
    "new_browser",
    "many_tries",
    "factor_on",
    "factor_off",
    "factor_reset",
    "recovery_code_used",
]


def queue(
    session: Session, kind: Kind, email: str, locale: str | None, now: datetime, **about: str | int
) -> None:
    """`email` may be nobody's: that is found out when it is sent, so that asking takes as long either way."""
    session.add(
        AccountMailRow(kind=kind, email=email, locale=locale or "en", about=json.dumps(about), created_at=now)
    )
