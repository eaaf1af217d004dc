"""What a look at a candidate sees: the shop's counters in Prometheus, its shoppers in PostgreSQL.

Both buckets are of the same locale and the same seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import transaction
from app.errors import Unavailable
from app.experiments.moments import Sample
from app.prometheus import Prometheus
from app.rollouts.counts import CONTROL, Sides, grown, newest, sides
from app.rollouts.guards import Facts
from app.sources import Sources
from app.word_releases.models import WordRollout

JOURNEYS = 'shop_words_journeys_total{{locale="{locale}"}}'
TROUBLES = 'shop_words_troubles_total{{locale="{locale}"}}'
STABLE = "stable"

FRESH_SECONDS = 30.0
FIRST_SECONDS = 30  # how far back a first look goes for where the counters stand
MARGIN_SECONDS = 6
LONGEST_SECONDS = 3600  # after a longer gap what lies before it is not looked at
FACTS_EVERY = timedelta(minutes=1)
SETTLES = timedelta(seconds=15)  # after a move, until all of the shop's processes show it


@dataclass(frozen=True)
class Seen:
    """Of the counters, since the look before. None as `sides`: Prometheus did not answer."""

    sides: Sides | None
    newest: Mapping[str, float]  # instance → unix seconds

    def is_fresh(self, now: datetime) -> bool:
        ages = [now.timestamp() - at for at in self.newest.values()]
        return self.sides is not None and bool(ages) and min(ages) <= FRESH_SECONDS


def counters(prometheus: Prometheus, row: WordRollout, now: datetime) -> Seen:
    seen: Mapping[str, float] = row.seen
    gap = now.timestamp() - min(seen.values(), default=row.started_at.timestamp() - FIRST_SECONDS)
    seconds = min(int(gap), LONGEST_SECONDS) + MARGIN_SECONDS
    try:
        found = [
            prometheus.samples(query.format(locale=row.locale), seconds, now)
            for query in (JOURNEYS, TROUBLES)
        ]
    except Unavailable:
        return Seen(None, seen)
    since = seen or _before(found[0], row.started_at)
    journeys, troubles = ([(_sided(one.labels), grown(one, since)) for one in series] for series in found)
    return Seen(sides(journeys, troubles, []), {**since, **newest(found[0])})


def _before(series: Any, started_at: datetime) -> dict[str, float]:
    """What happened before the candidate was shown is none of its doing."""
    found: dict[str, float] = {}
    for one in series:
        moments = [at.timestamp() for at, _ in one.points if at <= started_at]
        if moments:
            name = one.labels.get("instance", "")
            found[name] = max(found.get(name, 0.0), moments[-1])
    return found


def _sided(labels: Mapping[str, str]) -> dict[str, str]:
    return {**labels, "variant": CONTROL if labels.get("bucket") == STABLE else "candidate"}


def facts(sources: Sources, row: WordRollout, now: datetime) -> dict[str, Any] | None:
    """Shoppers of this step, counted once a minute. None: the shop's database did not answer."""
    kept = row.facts
    is_of_step = kept is not None and kept["since"] == row.step_since.isoformat()
    if kept is not None and is_of_step and now - datetime.fromisoformat(kept["at"]) < FACTS_EVERY:
        return kept
    treated, control = Facts(), Facts()
    start = row.step_since + SETTLES
    if start < now:
        try:
            with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
                treated, control = shoppers(reporting, row.locale, row.candidate, row.stable, start, now)
        except Unavailable:
            return None
    return {
        "at": now.isoformat(),
        "since": row.step_since.isoformat(),
        "treated": asdict(treated),
        "control": asdict(control),
    }


# Who read both releases belongs to no side. An order counts once the words were read. Orders are looked up
# for each shopper by their index: joined, a database without fresh statistics compares each with each.
_SHOPPERS = text("""
    WITH met AS MATERIALIZED (
        SELECT visitor_id, min(bucket) AS bucket, min(at) AS first_at,
               bool_or(kind = 'checkout_start') AS was_at_checkout
        FROM reporting.usage_events
        WHERE at >= :start AND at < :end AND locale = :locale
          AND (bucket = 'candidate' AND release = :candidate OR bucket = 'stable' AND release = :stable)
        GROUP BY visitor_id
        HAVING count(DISTINCT bucket) = 1
    ), fared AS MATERIALIZED (
        SELECT bucket, was_at_checkout,
               (SELECT sum(orders.total_cents)::float8 FROM reporting.orders AS orders
                WHERE orders.visitor_id = met.visitor_id AND orders.placed_at >= met.first_at
                  AND orders.placed_at >= :start AND orders.placed_at < :end
                  AND orders.status IN ('paid', 'confirmed')) AS cents
        FROM met
    )
    SELECT bucket,
           count(*) AS shoppers,
           count(cents) AS buyers,
           coalesce(sum(cents), 0) AS cents,
           coalesce(sum(cents ^ 2), 0) AS squares,
           count(*) FILTER (WHERE was_at_checkout) AS at_checkout,
           count(cents) FILTER (WHERE was_at_checkout) AS bought_there
    FROM fared
    GROUP BY 1
""")


def shoppers(
    reporting: Session, locale: str, candidate: int, stable: int, start: datetime, end: datetime
) -> tuple[Facts, Facts]:
    """Those of the candidate and those of the live release, start <= at < end."""
    asked = {"locale": locale, "candidate": candidate, "stable": stable, "start": start, "end": end}
    found = {row.bucket: row for row in reporting.execute(_SHOPPERS, asked)}
    return _facts(found.get("candidate")), _facts(found.get(STABLE))


def _facts(row: Any) -> Facts:
    if row is None:
        return Facts()
    return Facts(
        shoppers=row.shoppers,
        orders=Sample(row.shoppers, float(row.buyers)),
        revenue=Sample(row.shoppers, row.cents, row.squares),
        checkout=Sample(row.at_checkout, float(row.bought_there)),
    )
