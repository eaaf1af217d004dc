"""What the list, the tiles and the alerts on figures show, computed from the rows as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.series import store
from app.series.glossary import SLO_STATES
from app.slo import queries, sums
from app.slo.bucket import HOUR
from app.slo.budget import Budget, Forecast, Hour, Outlook, Step, burn, burn_down, outlook
from app.slo.burn import BurnWindow, Measured, duration, windows
from app.slo.models import SloStatus
from app.slo.objective import Objective, State, state_of

SPARK_POINTS = 48
MINUTES_5, HOUR_1, HOURS_6 = 300, 3_600, 21_600
FORETELL_EVERY = timedelta(minutes=5)
LOOKS_BACK = timedelta(days=8)  # of a young calendar window: traffic to expect is that of the week before

Readings = list[store.Reading]


@dataclass(frozen=True)
class _Found:
    """What follows from the rows of one objective."""

    state: State
    sum: sums.WindowSum
    left: float | None
    measured: dict[int, Measured]
    forecast: dict[str, Any] | None
    spark: list[float | None]
    foretold_at: datetime


def refresh(session: Session, slo: Objective, now: datetime) -> State:
    return refresh_all(session, [slo], now, foretell=True)[slo.id]


def refresh_all(
    session: Session,
    slos: Sequence[Objective],
    now: datetime,
    filled: Mapping[int, datetime] | None = None,
    errors: Mapping[str, str] | None = None,
    foretell: bool = False,
) -> dict[int, State]:
    """Budgets, burns and states of all; forecasts where the last is five minutes old.

    `filled`: since when the history of an objective is known. `errors`: by key, why it was not gathered.
    """
    if not slos:
        return {}
    known = known_of(session, slos)
    starts = {slo.id: queries.window_start(slo, now) for slo in slos}
    whole = sums.windows(session, slos, starts, now)
    made = {slo.id: windows(slo.window_days, slo.objective, slo.tiers) for slo in slos}
    spans = sums.spans(session, [(slo, _lengths(made[slo.id])) for slo in slos], now)
    found: dict[int, _Found] = {}
    for slo in slos:
        burns = {seconds: Measured(burn(c, slo.ratio), c.bad) for seconds, c in spans[slo.id].items()}
        last = None if foretell else known.get(slo.id)
        found[slo.id] = _judge(session, slo, now, whole[slo.id], burns, made[slo.id], last)
    _save(session, slos, found, now, filled or {}, errors or {})
    store.record_all(
        session, [one for slo in slos for one in _readings(slo, now, found[slo.id], made[slo.id])]
    )
    return {slo_id: one.state for slo_id, one in found.items()}


def known_of(session: Session, slos: Sequence[Objective]) -> dict[int, SloStatus]:
    """By objective, what the last gathering found; nothing where that was of another revision."""
    revisions = {slo.id: slo.revision for slo in slos}
    rows = session.scalars(
        select(SloStatus).where(SloStatus.slo_id.in_(revisions)).execution_options(populate_existing=True)
    )
    return {row.slo_id: row for row in rows if row.revision == revisions[row.slo_id]}


def _lengths(made: Iterable[BurnWindow]) -> list[int]:
    lengths = [s for window in made for s in (window.long_seconds, window.short_seconds)]
    return [*lengths, MINUTES_5, HOUR_1, HOURS_6]


def _judge(
    session: Session,
    slo: Objective,
    now: datetime,
    whole: sums.WindowSum,
    measured: dict[int, Measured],
    made: Sequence[BurnWindow],
    last: SloStatus | None,
) -> _Found:
    budget = Budget(slo.ratio, slo.window, whole.counts)
    if last and last.foretold_at and now - last.foretold_at < FORETELL_EVERY:
        forecast, spark, at = last.forecast, last.spark, last.foretold_at
    else:
        start = queries.window_start(slo, now)
        hours = queries.hours_of(session, slo, min(start, now - LOOKS_BACK), now)
        forecast = _forecast_json(outlook(hours, now, slo.ratio, slo.span, _present_ratio(slo, measured)))
        spark = _spark([hour for hour in hours if hour.starts_at + HOUR > start], budget.allowed_events)
        at = now
    exhausts = forecast["exhausts_at"] if forecast else None
    until = datetime.fromisoformat(exhausts) - now if exhausts else None
    state = state_of(budget.left, until, made, measured, slo.min_bad_events)
    return _Found(state, whole, budget.left, measured, forecast, spark, at)


def _present_ratio(slo: Objective, measured: Mapping[int, Measured]) -> float:
    """The error ratio that is assumed to go on: of the last hour, or of six where too little went wrong."""
    hour = measured[HOUR_1]
    recent = hour if hour.bad >= slo.min_bad_events else measured[HOURS_6]
    return (recent.burn or 0.0) * (1 - slo.ratio)


def _forecast_json(ahead: Outlook | None) -> dict[str, Any] | None:
    if ahead is None:
        return None
    return {
        "error_ratio": ahead.likely.error_ratio,
        "exhausts_at": _moment(ahead.likely.exhausts_at),
        "recovers_at": _moment(ahead.likely.recovers_at),
        "lowest_left": ahead.likely.lowest_left,
        "worse": _end_of_band(ahead.worse),
        "better": _end_of_band(ahead.better),
    }


def _end_of_band(ahead: Forecast) -> dict[str, Any]:
    return {
        "error_ratio": ahead.error_ratio,
        "exhausts_at": _moment(ahead.exhausts_at),
        "recovers_at": _moment(ahead.recovers_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _spark(hours: Sequence[Hour], allowed_events: float) -> list[float | None]:
    steps = [Step(hour.starts_at, hour.counts) for hour in hours]
    line = [left for _, left in burn_down(steps, HOUR, allowed_events)]
    every = max(1, len(line) // SPARK_POINTS)
    return line[::-1][::every][::-1]


def _save(
    session: Session,
    slos: Sequence[Objective],
    found: Mapping[int, _Found],
    now: datetime,
    filled: Mapping[int, datetime],
    errors: Mapping[str, str],
) -> None:
    rows = [
        {
            "slo_id": slo.id,
            "revision": slo.revision,
            "gathered_at": now,
            "state": (one := found[slo.id]).state,
            "bad": one.sum.counts.bad,
            "total": one.sum.counts.total,
            "budget_left": one.left,
            "budget_left_uncorrected": Budget(slo.ratio, slo.window, one.sum.uncorrected).left,
            "burns": {str(seconds): {"burn": m.burn, "bad": m.bad} for seconds, m in one.measured.items()},
            "forecast": one.forecast,
            "spark": one.spark,
            "foretold_at": one.foretold_at,
            "error": errors.get(slo.key, ""),
        }
        for slo in slos
    ]
    statement = insert(SloStatus).values(rows)
    changed = {name: statement.excluded[name] for name in rows[0] if name != "slo_id"}
    session.execute(statement.on_conflict_do_update(index_elements=["slo_id"], set_=changed))
    if filled:
        _keep_filled(session, filled)


def _keep_filled(session: Session, filled: Mapping[int, datetime]) -> None:
    session.connection().execute(
        SloStatus.__table__.update()  # type: ignore[attr-defined]
        .where(SloStatus.__table__.c.slo_id == bindparam("of"))
        .values(filled_from=bindparam("since")),
        [{"of": slo_id, "since": since} for slo_id, since in filled.items()],
    )


def _readings(
    slo: Objective, now: datetime, one: _Found, made: Sequence[BurnWindow]
) -> Iterator[store.Reading]:
    minute = now.replace(second=0, microsecond=0)
    labels = {"slo": slo.key}
    yield "slo.state", labels, minute, SLO_STATES.index(one.state)
    yield "slo.budget_left", labels, minute, one.left
    yield "slo.burn_5m", labels, minute, one.measured[MINUTES_5].burn
    yield "slo.burn_1h", labels, minute, one.measured[HOUR_1].burn
    yield "slo.objective", labels, minute, slo.ratio
    yield "slo.budget_events", labels, minute, Budget(slo.ratio, slo.window, one.sum.counts).allowed_events
    if not slo.alerts_on_gauges:
        return
    for seconds in sorted({s for window in made for s in (window.long_seconds, window.short_seconds)}):
        window_labels = {"slo": slo.key, "window": duration(seconds)}
        yield "slo.burn", window_labels, minute, one.measured[seconds].burn
        yield "slo.bad_events", window_labels, minute, one.measured[seconds].bad


def record_latency(
    session: Session, slos: Iterable[Objective], points: Sequence[tuple[datetime, float]]
) -> None:
    for slo in slos:
        store.record(session, "slo.latency_p95", points, {"slo": slo.key})
