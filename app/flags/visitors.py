"""Shoppers who were here lately, as SDKs see them: who a targeting that nobody saved yet would reach.

Reads the shop's facts, the schema reporting alone. Where they cannot be read there is no number.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import transaction
from app.errors import Unavailable
from app.flags.evaluator import Evaluator, Unreadable
from app.sources import Sources

log = logging.getLogger(__name__)

Json = dict[str, Any]
SPAN = timedelta(hours=1)
SAMPLE = 1_000  # shoppers asked about at most; their ids are random, so the first by id are a fair sample
NEWEST = 20  # offered on the playground

_SAMPLE = text("""
    SELECT DISTINCT ON (visitor_id) visitor_id, session_id, user_id, locale, country, device, at
    FROM reporting.usage_events
    WHERE at >= :start AND at < :end
    ORDER BY visitor_id, at DESC
    LIMIT :most
""")
_NEWEST = text("""
    SELECT * FROM (
        SELECT DISTINCT ON (visitor_id) visitor_id, session_id, user_id, locale, country, device, at
        FROM reporting.usage_events
        WHERE at >= :start AND at < :end
        ORDER BY visitor_id, at DESC
    ) AS latest ORDER BY at DESC LIMIT :most
""")
_ONE = text("""
    SELECT visitor_id, session_id, user_id, locale, country, device, at
    FROM reporting.usage_events
    WHERE visitor_id = :visitor AND at >= :start AND at < :end
    ORDER BY at DESC LIMIT 1
""")


@dataclass(frozen=True)
class Visitor:
    visitor_id: str
    session_id: str
    user_id: int | None
    locale: str
    country: str
    device: str
    at: datetime

    @property
    def context(self) -> Json:
        """As the shop's SDK is asked, see storefront/flags.py."""
        properties = {
            "accountId": self.user_id,
            "locale": self.locale,
            "country": self.country,
            "device": self.device,
        }
        return {
            "userId": self.visitor_id,
            "sessionId": self.session_id,
            "properties": {name: str(value) for name, value in properties.items() if value is not None},
        }


@dataclass(frozen=True)
class Reached:
    """What a targeting would answer the sample."""

    asked: int
    yes: int
    variants: tuple[tuple[str, int], ...]  # how many got each, the most frequent first
    is_sample: bool  # there were more shoppers than were asked about

    def of(self, shoppers: int) -> int:
        """About how many of so many that is."""
        return round(shoppers * self.yes / self.asked) if self.asked else 0


def sample(sources: Sources, now: datetime) -> list[Visitor] | None:
    """Shoppers of the last hour; None: the shop's facts cannot be read."""
    return _read(sources, _SAMPLE, {"start": now - SPAN, "end": now, "most": SAMPLE})


def newest(sources: Sources, now: datetime) -> list[Visitor] | None:
    return _read(sources, _NEWEST, {"start": now - SPAN, "end": now, "most": NEWEST})


def one(sources: Sources, visitor_id: str, now: datetime) -> Visitor | None:
    """A shopper of the last month, at their last page."""
    span = {"start": now - timedelta(days=31), "end": now}
    found = _read(sources, _ONE, {"visitor": visitor_id, **span})
    return found[0] if found else None


def reached(
    visitors: Sequence[Visitor], name: str, feature: Json, segments: Sequence[Json]
) -> Reached | None:
    """Ask the engine of the SDKs for each; None: no SDK takes this targeting."""
    try:
        engine = Evaluator([feature], segments)
    except Unreadable:
        return None
    answers = [engine.one(name, visitor.context) for visitor in visitors]
    got = Counter(
        answer.variant.name for answer in answers if answer.is_enabled and answer.variant.is_enabled
    )
    return Reached(
        asked=len(answers),
        yes=sum(answer.is_enabled for answer in answers),
        variants=tuple(got.most_common()),
        is_sample=len(answers) >= SAMPLE,
    )


def feature_of(name: str, strategies: Sequence[Json], variants: Sequence[Json]) -> Json:
    """A flag that is on with this targeting, as on the wire."""
    active = [
        {key: value for key, value in one.items() if key not in ("disabled", "title")}
        for one in strategies
        if not one.get("disabled")
    ]
    return {"name": name, "enabled": True, "strategies": active, "variants": list(variants)}


def _read(sources: Sources, query: Any, values: Mapping[str, object]) -> list[Visitor] | None:
    try:
        with transaction(sources.reporting, "PostgreSQL (reporting)") as session:
            return _visitors(session, query, values)
    except Unavailable as problem:
        log.warning("shoppers of the last hour: %s", problem)
        return None


def _visitors(session: Session, query: Any, values: Mapping[str, object]) -> list[Visitor]:
    return [Visitor(**row._mapping) for row in session.execute(query, values)]
