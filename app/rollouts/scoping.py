"""Which environment a request about rollouts is for, found exactly where the view itself finds it."""

from __future__ import annotations

from flask import request
from sqlalchemy import select

from app.db import begin
from app.flags.flag import PRODUCTION
from app.rollouts.models import Rollout


def of_rollout() -> str | None:
    """The rollout in the address has one."""
    number = (request.view_args or {}).get("number")
    with begin() as session:
        return session.scalar(select(Rollout.environment).where(Rollout.id == number))


def of_form() -> str | None:
    return request.form.get("environment") or PRODUCTION


def of_body() -> str | None:
    """A text that is no text is refused by the view; here it is nobody's environment."""
    body = request.get_json(force=True, silent=True) if request.get_data() else {}
    found = body.get("environment", "") if isinstance(body, dict) else None
    return (found or PRODUCTION) if isinstance(found, str) else None


def production() -> str:
    """Flags that are moved by hand are moved there."""
    return PRODUCTION
