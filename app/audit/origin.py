"""Where a change comes from: which door, which address, which browser or token. It looks at the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import has_request_context, request

from app import logs
from app.audit.keeping import clean
from app.guards import token
from app.masking import mask

Via = Literal["page", "api", "cli", "job"]

LONGEST_AGENT = 120
LONGEST_ID = 100
MACHINES = ("/api/", "/ofrep/")


@dataclass(frozen=True)
class Origin:
    """None: not known, or there is none."""

    via: Via | None = None
    address: str | None = None  # behind trusted proxies that of whoever asked them
    agent: str | None = None
    request_id: str | None = None
    token_id: int | None = None


def origin(who: str) -> Origin:
    if who.startswith("cli:"):
        return Origin("cli")
    if who.startswith("job:"):
        return Origin("job")
    if not has_request_context() or request.remote_addr is None:
        return Origin()
    machine = token()
    return Origin(
        via="api" if request.path.startswith(MACHINES) else "page",
        address=request.remote_addr,
        agent=mask(clean(request.user_agent.string))[:LONGEST_AGENT] or None,
        request_id=clean(logs.request_id())[:LONGEST_ID] or None,
        token_id=machine.id if machine else None,
    )
