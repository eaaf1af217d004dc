"""Writes: the first objectives, their rows, what follows from these, and an objective's target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record as audit
from app.errors import Conflict
from app.series import store
from app.series.glossary import SLO_STATES
from app.slo import queries
from app.slo.bucket import HOUR, Bucket
from app.slo.budget import Budget, Forecast, Hour, Step, burn, burn_down, forecast
from app.slo.burn import Measured, windows
from app.slo.models import Slo, SloStatus
from app.slo.objective import Objective, State, read_percent, state_of

SPARK_POINTS = 48
MINUTES_5, HOUR_1, HOURS_6 = 300, 3_600, 21_600

DEFAULTS = (
    {
        "key": "checkout-availability",
        "name": "Checkout availability",
        "about": "Shoppers who try to check out can; a declined card or an unfinished form is not a failure.",
        "indicator": "events",
        "good": 'shop_journeys_total{journey="checkout",outcome="good"}',
        "total": 'shop_journeys_total{journey="checkout"}',
        "threshold_seconds": None,
        "objective": Decimal("0.995"),
        "runbook": "checkout-errors",
    },
    {
        "key": "checkout-latency",
        "name": "Checkout latency",
        "about": "The checkout answers within 500 ms.",
        "indicator": "latency",
        "good": 'shop_journey_duration_seconds_bucket{journey="checkout",le="0.5"}',
        "total": 'shop_journey_duration_seconds_count{journey="checkout"}',
        "threshold_seconds": 0.5,
        "objective": Decimal("0.95"),
        "runbook": "checkout-slow",
    },
)
FOR_ALL = {
    "durations": 'shop_journey_duration_seconds_bucket{journey="checkout"}',
    "window_days": 30,
    "min_bad_events": 5,
    "owner": "ops",
    "revision": 1,
    "version": 1,
}


def ensure_defaults(session: Session, now: datetime) -> None:
    """The two objectives of a new installation. What exists already is left as people made it."""
    for values in DEFAULTS:
        session.execute(
            insert(Slo)
            .values(**values, **FOR_ALL, created_at=now)
            .on_conflict_do_nothing(index_elements=["key"])
        )


_SAVE = text("""
    INSERT INTO slo_buckets (slo_id, revision, starts_at, good, bad, total, state, is_complete)
    SELECT :slo, :revision, new.*
      FROM unnest(CAST(:starts_at AS timestamptz[]), CAST(:good AS float8[]), CAST(:bad AS float8[]),
                  CAST(:total AS float8[]), CAST(:state AS text[]), CAST(:is_complete AS bool[])) AS new
    ON CONFLICT (slo_id, revision, starts_at) DO UPDATE
       SET good = excluded.good, bad = excluded.bad, total = excluded.total,
           state = excluded.state, is_complete = excluded.is_complete
     WHERE (slo_buckets.good, slo_buckets.bad, slo_buckets.total, slo_buckets.state, slo_buckets.is_complete)
        IS DISTINCT FROM
           (excluded.good, excluded.bad, excluded.total, excluded.state, excluded.is_complete)
    RETURNING starts_at
""")

_SUM_HOURS = text("""
    INSERT INTO slo_hours (slo_id, revision, starts_at, bad, total, ok, no_traffic, no_data, excluded)
    SELECT slo_id, revision, date_bin('1 hour', starts_at, 'epoch') AS hour,
           coalesce(sum(bad) FILTER (WHERE state = 'ok'), 0),
           coalesce(sum(total) FILTER (WHERE state = 'ok'), 0),
           count(*) FILTER (WHERE state = 'ok'), count(*) FILTER (WHERE state = 'no_traffic'),
           count(*) FILTER (WHERE state = 'no_data'), count(*) FILTER (WHERE state = 'excluded')
      FROM slo_buckets
     WHERE slo_id = :slo AND revision = :revision
       AND starts_at >= date_bin('1 hour', CAST(:first AS timestamptz), 'epoch')
       AND starts_at < date_bin('1 hour', CAST(:last AS timestamptz), 'epoch') + interval '1 hour'
     GROUP BY slo_id, revision, hour
    ON CONFLICT (slo_id, revision, starts_at) DO UPDATE
       SET bad = excluded.bad, total = excluded.total, ok = excluded.ok, no_traffic = excluded.no_traffic,
           no_data = excluded.no_data, excluded = excluded.excluded
""")


def save_buckets(session: Session, slo: Objective, buckets: Sequence[Bucket]) -> int:
    """Write rows and the sums of their hours; answers how many rows said something new."""
    if not buckets:
        return 0
    changed = session.scalars(
        _SAVE,
        {
            "slo": slo.id,
            "revision": slo.revision,
            "starts_at": [bucket.starts_at for bucket in buckets],
            "good": [bucket.good for bucket in buckets],
            "bad": [bucket.bad for bucket in buckets],
            "total": [bucket.total for bucket in buckets],
            "state": [bucket.state for bucket in buckets],
            "is_complete": [bucket.is_complete for bucket in buckets],
        },
    ).all()
    if changed:
        span = {"slo": slo.id, "revision": slo.revision, "first": min(changed), "last": max(changed)}
        session.execute(_SUM_HOURS, span)
    return len(changed)


def refresh_status(session: Session, slo: Objective, now: datetime) -> State:
    """Compute what the list and the tiles show, from the rows as they are."""
    counts = queries.window_counts(session, slo, now)
    found = windows(slo.window_days, slo.objective)
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


def set_objective(
    session: Session, key: str, version: int, percent: str, who: str, now: datetime
) -> Objective:
    """Change the target. Its history stays: the same rows are judged by the new share.

    Raises `Refused` beside the field where the number cannot be a target, `Conflict` where somebody else
    changed the objective since the form was opened.
    """
    slo = queries.objective(session, key)
    wanted = read_percent(percent)
    windows(slo.window_days, wanted)
    changed = session.execute(
        update(Slo)
        .where(Slo.id == slo.id, Slo.version == version)
        .values(objective=wanted, version=version + 1)
        .returning(Slo.id)
    ).scalar()
    if changed is None:
        raise Conflict(
            _l("Somebody changed this objective since you opened it. Reload the page and try again.")
        )
    after = replace(slo, objective=wanted, version=version + 1)
    audit(session, who, "slo.objective", f"slo:{key}", _audited(slo), _audited(after), now)
    refresh_status(session, after, now)
    return after


def _audited(slo: Objective) -> dict[str, object]:
    return {
        "objective": str(slo.objective.normalize()),
        "window_days": slo.window_days,
        "version": slo.version,
    }
