"""Reads of delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.alerts.delivery.delivery import Delivery
from app.alerts.delivery.models import DeliveryRow
from app.alerts.delivery.stored import delivery_of


@dataclass(frozen=True)
class Current:
    delivery: Delivery
    revision: int  # 0: nobody has set anything up yet
    updated_at: datetime | None = None
    updated_by: str = ""


def current(session: Session) -> Current:
    row = session.get(DeliveryRow, 1)
    if row is None:
        return Current(Delivery(), 0)
    return Current(delivery_of(row.body, str(row.secrets)), row.revision, row.updated_at, row.updated_by)
