"""Writes: targets."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.kpi import queries
from app.kpi.measures import Kpi
from app.kpi.models import KpiTarget


def set_target(session: Session, kpi: Kpi, value: float | None, who: str, now: datetime) -> None:
    """From today on; what was aimed at before stays in the past. None: no target any more."""
    today = now.astimezone(UTC).date()
    before = queries.target_on(session, kpi, today)
    row = insert(KpiTarget).values(kpi=kpi.key, from_day=today, value=value, set_by=who, set_at=now)
    new = {"value": value, "set_by": who, "set_at": now}
    session.execute(row.on_conflict_do_update(index_elements=["kpi", "from_day"], set_=new))
    record(session, who, "kpi.target", f"kpi:{kpi.key}", {"target": before}, {"target": value}, now)
