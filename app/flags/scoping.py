"""Which environment a request is about, for guards: found exactly where the view itself finds it.

None where there is none: only who holds the permission everywhere passes then.
"""

from __future__ import annotations

from flask import request
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.db import begin
from app.flags.change_request_models import ChangeRequest


def of_body() -> str | None:
    """`environment` of a JSON object."""
    body = request.get_json(force=True, silent=True)
    found = body.get("environment") if isinstance(body, dict) else None
    return found if isinstance(found, str) else None


def of_change_request() -> str | None:
    """The change request in the address has one."""
    number = (request.view_args or {}).get("request_id")
    with begin() as session:
        return session.scalar(select(ChangeRequest.environment).where(ChangeRequest.id == number))


def of_entry() -> str | None:
    """What is undone was done in one; a change of the flag itself counts in all of them."""
    arguments = request.view_args or {}
    with begin() as session:
        entry = session.get(AuditEntry, arguments.get("entry"))
        if entry is None or entry.subject != f"flag:{arguments.get('name')}":
            return None
        found = entry.before.get("environment")
    return found if isinstance(found, str) else None
