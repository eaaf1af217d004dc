"""What a look sees: counters in Prometheus, shoppers in PostgreSQL, objectives in the series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.db import transaction
from app.errors import Unavailable
from app.prometheus import Prometheus
from app.rollouts import facts as shoppers
from app.rollouts import queries
from app.rollouts.counts import NOTHING, Sides, grown, newest, sides
from app.rollouts.guards import Facts, Slo
from app.rollouts.models import Rollout
from app.series import store
from app.series.glossary import GLOSSARY
from app.sources import Sources

JOURNEYS = 'shop_variant_journeys_total{{flag="{flag}"}}'
TROUBLES = 'shop_variant_troubles_total{{flag="{flag}"}}'
DURATIONS = 'shop_variant_journey_duration_seconds_bucket{{flag="{flag}"}}'
QUERIES = (JOURNEYS, TROUBLES, DURATIONS)
WHOLE_SHOP = "sum by (outcome) (increase(shop_journeys_total[2m]))"
ANY_JOURNEY = 'shop_journeys_total{outcome="good"}'

FRESH_SECONDS = 30.0
FIRST_SECONDS = 30  # how far back a first look goes for where the counters stand
MARGIN_SECONDS = 6
RAW_SECONDS = 600  # after a longer gap the sums are asked for instead of all samples
LONGEST_SECONDS = 86_400
FACTS_EVERY = timedelta(minutes=1)
SETTLES = timedelta(seconds=15)  # after a move, until the shop's SDKs answer by it

COST_KEY = "cost.per_user_by_variant_cents"


@dataclass(frozen=True)
class Seen:
    """Of the counters, since the look before. None as `sides`: Prometheus did not answer."""

    sides: Sides | None
    shop: tuple[float, float]  # bad and all journeys of the whole shop, in the last two minutes
    newest: Mapping[str, float]  # instance → unix seconds; what was there before where nothing is new

    def is_fresh(self, now: datetime) -> bool:
        ages = [now.timestamp() - at for at in self.newest.values()]
        return self.sides is not None and bool(ages) and min(ages) <= FRESH_SECONDS


def queries_of(flag: str) -> list[str]:
    return [query.format(flag=flag) for query in QUERIES]


def counters(prometheus: Prometheus, row: Rollout, now: datetime) -> Seen:
    seen: Mapping[str, float] = row.seen
    try:
        seen = seen or _before_start(prometheus, row, now)
        gap = now.timestamp() - min(seen.values(), default=now.timestamp() - FIRST_SECONDS)
        if seen and gap > RAW_SECONDS:
            return _summed(prometheus, row.flag, seen, gap, now)
        seconds = int(gap) + MARGIN_SECONDS
        found = [prometheus.samples(query, seconds, now) for query in queries_of(row.flag)]
        # A flag that nobody met, or that everybody has, leaves no counters: the shop may be well.
        others = found[0] or prometheus.samples(ANY_JOURNEY, seconds, now)
        shop = _whole_shop(prometheus, now)
    except Unavailable:
        return Seen(None, (0.0, 0.0), seen)
    told = [[(series.labels, grown(series, seen)) for series in all_series] for all_series in found]
    return Seen(sides(*told), shop, {**seen, **newest(others)})


def _before_start(prometheus: Prometheus, row: Rollout, now: datetime) -> dict[str, float]:
    """What happened before the rollout began is none of its doing."""
    seconds = int((now - row.started_at).total_seconds()) + FIRST_SECONDS
    found = prometheus.samples(ANY_JOURNEY, min(seconds, RAW_SECONDS), now)
    return {
        series.labels.get("instance", ""): max(at for at in moments)
        for series in found
        if (moments := [at.timestamp() for at, _ in series.points if at <= row.started_at])
    }


def _whole_shop(prometheus: Prometheus, now: datetime) -> tuple[float, float]:
    told = {one.labels.get("outcome"): one.value for one in prometheus.query(WHOLE_SHOP, now)}
    return told.get("bad", 0.0), sum(told.values())


def _summed(prometheus: Prometheus, flag: str, seen: Mapping[str, float], gap: float, now: datetime) -> Seen:
    """After a long time without a look: what was missed, all in one."""
    seconds = min(int(gap), LONGEST_SECONDS)
    told = [
        [(one.labels, one.value) for one in prometheus.query(f"increase({query}[{seconds}s])", now)]
        for query in queries_of(flag)
    ]
    latest = prometheus.samples(ANY_JOURNEY, FIRST_SECONDS, now)
    found = sides(*told) if told[0] else NOTHING
    return Seen(found, _whole_shop(prometheus, now), {**seen, **newest(latest)})


def facts(sources: Sources, row: Rollout, now: datetime) -> dict[str, Any] | None:
    """Shoppers of this step, counted once a minute. None: the shop's database did not answer."""
    kept = row.facts
    is_of_step = kept is not None and kept["since"] == row.step_since.isoformat()
    if kept is not None and is_of_step and now - datetime.fromisoformat(kept["at"]) < FACTS_EVERY:
        return kept
    start = row.step_since + SETTLES
    treated, control = Facts(), Facts()
    if start < now:
        try:
            with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
                treated, control = shoppers.sides(reporting, row.flag, start, now)
        except Unavailable:
            return None
    return {
        "at": now.isoformat(),
        "since": row.step_since.isoformat(),
        "treated": asdict(treated),
        "control": asdict(control),
    }


def are_frozen(session: Session) -> bool:
    """Whether a person has frozen all rollouts."""
    return queries.freeze(session) is not None


def objectives(session: Session, wanted: Iterable[str]) -> dict[str, Slo]:
    """The objectives that guard a rollout; all of them where none does."""
    found = {
        name: store.latest_by(session, key, "slo") if key in GLOSSARY else {}
        for name, key in (
            ("target", "slo.objective"),
            ("budget_left", "slo.budget_left"),
            ("budget_events", "slo.budget_events"),
            ("burn_5m", "slo.burn_5m"),
            ("is_frozen", "slo.freeze"),
        )
    }
    keys = set(wanted) or set(found["budget_left"])
    return {
        key: Slo(**{name: _value(name, points.get(key)) for name, points in found.items()}) for key in keys
    }


def _value(name: str, point: store.Point | None) -> Any:
    if name == "is_frozen":
        return point is not None and point.value >= 1
    return point.value if point else None


def cost(session: Session, flag: str) -> tuple[float | None, float | None]:
    """Per user, with the feature and without, where somebody computes it."""
    if COST_KEY not in GLOSSARY:
        return None, None
    treated, control = (
        store.latest(session, COST_KEY, {"flag": flag, "variant": variant}) for variant in ("on", "off")
    )
    return treated.value if treated else None, control.value if control else None
