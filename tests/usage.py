"""Usage events as the shop writes them, for tests of what is computed from them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from storefront.usage import UsageEvent


def event(session: Session, visitor: str, at: datetime, kind: str = "page_view", **flags: str) -> None:
    """One event of a visitor; `flags` by their variant, with _ for - in the names."""
    session.add(
        UsageEvent(
            event_id=uuid.uuid4(),
            at=at,
            session_id=f"{visitor}-visit",
            visitor_id=visitor,
            user_id=None,
            kind=kind,
            path="/en/",
            detail={},
            locale="en",
            country="DE",
            device="mobile",
            flags={name.replace("_", "-"): variant for name, variant in flags.items()},
            is_demo=False,
        )
    )
