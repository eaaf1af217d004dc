"""What only the page of one objective asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.slo.models import SloHour, SloStatus
from app.slo.objective import Objective


@dataclass(frozen=True)
class Beside:
    """What stands beside the budget."""

    left_uncorrected: float | None = None  # with the events that corrections leave out
    error: str = ""  # why the source could not be asked


def beside(session: Session, slo: Objective) -> Beside:
    wanted = select(SloStatus.budget_left_uncorrected, SloStatus.error).where(SloStatus.slo_id == slo.id)
    row = session.execute(wanted).one_or_none()
    return Beside(row.budget_left_uncorrected, row.error) if row else Beside()


def known_since(session: Session, slo: Objective) -> datetime | None:
    """The first hour of which anything is known, under whatever query."""
    wanted = select(func.min(SloHour.starts_at)).where(SloHour.slo_id == slo.id)
    return session.scalar(wanted.where(SloHour.ok + SloHour.no_traffic + SloHour.excluded > 0))
