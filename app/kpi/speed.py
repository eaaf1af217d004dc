"""How fast pages were: counts of page loads and requests by bucket, from Prometheus, as cells of days.

A day is asked for while it goes on and once after it is over; Prometheus forgets, these cells do not.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kpi import calendar
from app.kpi.definitions import JOINER
from app.kpi.models import KpiCell
from app.prometheus import Prometheus

LOOKS_BACK_DAYS = 14  # how far Prometheus is asked
VITALS = {
    "lcp_within": "shop_web_vitals_lcp_seconds_bucket",
    "inp_within": "shop_web_vitals_inp_seconds_bucket",
    "cls_within": "shop_web_vitals_cls_bucket",
}
LOADS = "sum by (device, le) (increase({metric}[{seconds}s]))"
APDEX_SECONDS = 0.25  # T; the histogram has buckets at T and at 4 T
REQUESTS = "sum by (le) (increase(shop_request_duration_seconds_bucket[{seconds}s]))"
SHOWN = "\n\n".join(
    [
        *(LOADS.format(metric=metric, seconds=86_400) for metric in VITALS.values()),
        REQUESTS.format(seconds=86_400),
    ]
)


def read(session: Session, prometheus: Prometheus, zone: str, now: datetime) -> int:
    """Days that were read. Raises `Unavailable` where Prometheus does not answer."""
    today = calendar.day_of(now, zone)
    known = set(
        session.scalars(
            select(KpiCell.start).where(
                KpiCell.zone == zone, KpiCell.measure == "requests", KpiCell.start < today
            )
        )
    )
    first = today - timedelta(days=LOOKS_BACK_DAYS)
    due = [day for day in calendar.days(first, today) if day not in known or day >= today - calendar.DAY]
    for day in due:
        _write(session, zone, day, _counts(prometheus, zone, day, now))
    return len(due)


def _counts(prometheus: Prometheus, zone: str, day: date, now: datetime) -> dict[tuple[str, str, str], float]:
    """(measure, dimension, member) → count."""
    start = calendar.midnight(day, zone)
    end = min(calendar.midnight(day + calendar.DAY, zone), now)
    seconds = max(1, int((end - start).total_seconds()))
    found: dict[tuple[str, str, str], float] = {}
    for measure, metric in VITALS.items():
        for sample in prometheus.query(LOADS.format(metric=metric, seconds=seconds), end):
            member = JOINER.join((sample.labels.get("device", ""), sample.labels["le"]))
            found[measure, "device,le", member] = sample.value
    within = {
        sample.labels["le"]: sample.value
        for sample in prometheus.query(REQUESTS.format(seconds=seconds), end)
    }
    if within.get("+Inf"):
        points = (_at(within, APDEX_SECONDS) + _at(within, 4 * APDEX_SECONDS)) / 2
        found |= {("apdex_points", "", ""): points, ("requests", "", ""): within["+Inf"]}
    return found


def _at(within: dict[str, float], seconds: float) -> float:
    return next((count for le, count in within.items() if float(le) == seconds), 0.0)


def _write(session: Session, zone: str, day: date, counts: dict[tuple[str, str, str], float]) -> None:
    mine = (*VITALS, "apdex_points", "requests")
    session.execute(
        delete(KpiCell).where(
            KpiCell.zone == zone, KpiCell.grain == "day", KpiCell.start == day, KpiCell.measure.in_(mine)
        )
    )
    same = {"zone": zone, "grain": "day", "start": day, "source": "shop", "currency": ""}
    rows = [
        {**same, "measure": measure, "dimension": dimension, "member": member, "value": value}
        for (measure, dimension, member), value in counts.items()
        if value
    ]
    if rows:
        session.execute(insert(KpiCell).values(rows))
