"""Computed figures of KPIs, written as the job leaves them: for tests of what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kpi import points
from app.kpi.models import KpiCell, KpiDay, KpiLoad, KpiZone


def keep(
    session: Session,
    measures: Mapping[str, Mapping[date, float]],
    now: datetime,
    dimension: str = "",
    member: str = "",
) -> None:
    """Days of UTC, from the shop. Without a dimension they become points of series, too."""
    days = sorted({day for values in measures.values() for day in values})
    rows = [
        {
            "zone": "UTC",
            "measure": measure,
            "dimension": dimension,
            "grain": "day",
            "start": day,
            "member": member,
            "source": "shop",
            "currency": "",
            "value": value,
        }
        for measure, values in measures.items()
        for day, value in values.items()
    ]
    session.execute(
        upsert(KpiCell).on_conflict_do_update(
            index_elements=list(KpiCell.__table__.primary_key.columns),
            set_={"value": upsert(KpiCell).excluded.value},
        ),
        rows,
    )
    if dimension:
        return
    first = datetime.combine(days[0], time(), UTC)
    session.execute(
        upsert(KpiZone).values(zone="UTC", asked_at=now, computed_at=now).on_conflict_do_nothing()
    )
    for fact in ("orders", "events"):
        load = {"source": "shop", "fact": fact, "first_at": first, "last_at": now}
        session.execute(upsert(KpiLoad).values(**load).on_conflict_do_nothing())
    session.execute(
        upsert(KpiDay).on_conflict_do_nothing(), [{"day": day, "computed_at": now} for day in days]
    )
    points.record(session, days, "UTC", "EUR")
