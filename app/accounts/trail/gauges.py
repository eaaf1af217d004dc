"""Whether the audit trail is whole, for the rule that watches it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.audit import checks
from app.series.gauges import block

NAME = "backroom_audit_chain_broken"


def tell(session: Session) -> Iterator[str]:
    """1 while the last look found the chain broken; no sample before the first look."""
    found = checks.last_check(session)
    samples: list[tuple[dict[str, str], float]] = []
    if found is not None:
        samples.append(({}, float(found.how is not None)))
    return block(NAME, "1 while the audit trail is not as it was written", samples)
