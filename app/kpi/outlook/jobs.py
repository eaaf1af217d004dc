"""Scheduled work: foretell each KPI and judge its days, as series that pages show and alerts watch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import insert

from app.kpi import calendar, queries, tile_queries
from app.kpi.definitions import KPIS, Kpi
from app.kpi.measures import Period
from app.kpi.outlook.models import KpiOutlook
from app.kpi.selection import Selection
from app.series import store
from app.series.anomaly import judge
from app.series.forecast import Forecast, NoForecast, forecast

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

KNOWN_DAYS = 420  # what a forecast learns from
JUDGED_DAYS = 35  # the days that are judged again: late events change recent ones
HORIZON_DAYS = 28
SHARE = 0.8
LINES = ("low", "mid", "high")


def look_ahead(session: Session, now: datetime, sources: Sources) -> str:
    """From the days that are over. Twice for one moment gives the same points."""
    config = sources.config
    last = calendar.day_of(now, config.kpi_time_zone) - timedelta(days=1)
    made = [_one(session, kpi, last, now, config.kpi_time_zone, config.kpi_currency) for kpi in KPIS.values()]
    return f"{len(made)} KPIs, {sum(made)} of them foretold"


def _one(session: Session, kpi: Kpi, last: date, now: datetime, zone: str, currency: str) -> bool:
    span = Period(last - timedelta(days=KNOWN_DAYS - 1), KNOWN_DAYS)
    chosen = Selection("custom", span, "weekdays", span, zone=zone, currency=currency)
    days = tile_queries.days(session, kpi, span.first, last, chosen)
    values = [days[day].value if day in days else None for day in span.dates()]
    counts = queries.term(kpi).unit == "count"
    judged = judge(values[-JUDGED_DAYS - 8 * 7 :], counts=counts)[-JUDGED_DAYS:]
    at = [calendar.midnight(day, zone) for day in span.dates()[-JUDGED_DAYS:]]
    points = [(moment, one.z if one else None) for moment, one in zip(at, judged, strict=True)]
    store.record(session, "kpi.anomaly", points, {"kpi": kpi.key})
    made = forecast(_from_first(values), HORIZON_DAYS)
    _keep(session, kpi, last, made, now, zone)
    return isinstance(made, Forecast)


def _from_first(values: list[float | None]) -> list[float | None]:
    """What was before the first figure is no gap: the shop was not there."""
    first = next((index for index, value in enumerate(values) if value is not None), len(values))
    return values[first:]


def _keep(
    session: Session, kpi: Kpi, last: date, made: Forecast | NoForecast, now: datetime, zone: str
) -> None:
    at = [calendar.midnight(last + timedelta(days=ahead), zone) for ahead in range(1, HORIZON_DAYS + 1)]
    lines: dict[str, tuple[float, ...]] = {}
    columns: dict[str, Any] = dict.fromkeys(("reason", "method", "mase", "naive_mase", "origins"))
    if isinstance(made, Forecast):
        band = made.band(SHARE)
        lines = {"mid": made.mid} | ({"low": band.low, "high": band.high} if band else {})
        columns |= {name: getattr(made, name) for name in ("method", "mase", "naive_mase", "origins")}
    else:
        columns["reason"] = made.reason
    for line in LINES:
        labels = {"kpi": kpi.key, "line": line}
        store.cut(session, "kpi.forecast", labels, at[0])
        store.record(session, "kpi.forecast", zip(at, lines.get(line, ()), strict=False), labels)
    columns |= {"last_day": last, "computed_at": now}
    row = insert(KpiOutlook).values(kpi=kpi.key, **columns)
    session.execute(row.on_conflict_do_update(index_elements=["kpi"], set_=columns))
