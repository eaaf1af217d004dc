"""What the list, the tiles and the alerts on figures show, computed from the rows as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.series import store
from app.series.glossary import SLO_STATES
from app.slo import queries
from app.slo.bucket import HOUR
from app.slo.budget import Budget, Forecast, Hour, Step, burn, burn_down, forecast
from app.slo.burn import Measured, windows
from app.slo.models import SloStatus
from app.slo.objective import Objective, State, state_of

SPARK_POINTS = 48
MINUTES_5, HOUR_1, HOURS_6 = 300, 3_600, 21_600


def refresh(session: Session, slo: Objective, now: datetime) -> State:
    """Compute what the list and the tiles show, from the rows as they are."""
    counts = queries.window_counts(session, slo, now)
    found = windows(slo.window_days, slo.objective, slo.tiers)
    lengths = [s for window in found for s in (window.long_seconds, window.short_seconds)]
    spans = queries.spans_before(session, slo, now, [*lengths, MINUTES_5, HOUR_1, HOURS_6])
    measured = {seconds: Measured(burn(c, slo.ratio), c.bad) for seconds, c in spans.items()}
    hours = queries.hours_of(session, slo, queries.window_start(slo, now), now)
    recent = spans[HOUR_1] if spans[HOUR_1].bad >= slo.min_bad_events else spans[HOURS_6]
    ahead = forecast(hours, now, slo.ratio, slo.window, recent.error_ratio or 0.0)
    budget = Budget(slo.ratio, slo.window, counts)
    state = state_of(budget.left, _until(ahead, now), found, measured, slo.min_bad_events)
    _save_status(
        session,
        slo_id=slo.id,
        gathered_at=now,
        state=state,
        bad=counts.bad,
        total=counts.total,
        budget_left=budget.left,
        burns={str(seconds): {"burn": m.burn, "bad": m.bad} for seconds, m in measured.items()},
        forecast=_forecast_json(ahead),
        spark=_spark(hours, budget.allowed_events),
    )
    _record(session, slo, now, state, budget.left, measured)
    return state


def _until(ahead: Forecast | None, now: datetime) -> timedelta | None:
    return ahead.exhausts_at - now if ahead and ahead.exhausts_at else None


def _forecast_json(ahead: Forecast | None) -> dict[str, object] | None:
    if ahead is None:
        return None
    return {
        "error_ratio": ahead.error_ratio,
        "exhausts_at": ahead.exhausts_at.isoformat() if ahead.exhausts_at else None,
        "recovers_at": ahead.recovers_at.isoformat() if ahead.recovers_at else None,
        "lowest_left": ahead.lowest_left,
    }


def _spark(hours: Sequence[Hour], allowed_events: float) -> list[float | None]:
    steps = [Step(hour.starts_at, hour.counts) for hour in hours]
    line = [left for _, left in burn_down(steps, HOUR, allowed_events)]
    every = max(1, len(line) // SPARK_POINTS)
    return line[::-1][::every][::-1]


def _save_status(session: Session, **values: object) -> None:
    statement = insert(SloStatus).values(**values)
    session.execute(statement.on_conflict_do_update(index_elements=["slo_id"], set_=values))


def _record(
    session: Session,
    slo: Objective,
    now: datetime,
    state: State,
    left: float | None,
    measured: dict[int, Measured],
) -> None:
    minute = now.replace(second=0, microsecond=0)
    for key, value in (
        ("slo.state", SLO_STATES.index(state)),
        ("slo.budget_left", left),
        ("slo.burn_5m", measured[MINUTES_5].burn),
        ("slo.burn_1h", measured[HOUR_1].burn),
    ):
        store.record(session, key, [(minute, value)], {"slo": slo.key})


def record_latency(
    session: Session, slos: Iterable[Objective], points: Sequence[tuple[datetime, float]]
) -> None:
    for slo in slos:
        store.record(session, "slo.latency_p95", points, {"slo": slo.key})
