"""An experiment, and shoppers who meet its variants, as the shop writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.experiments import commands, jobs, queries
from app.experiments.definition import read
from app.experiments.queries import Results
from app.sources import Sources
from storefront.exposures import Exposure
from tests.reporting import order

HOUR = timedelta(hours=1)
PLAN: dict[str, Any] = {
    "name": "New checkout",
    "flag": "new-checkout",
    "hypothesis": "Fewer fields, more orders.",
    "variants": [{"name": "off", "weight": 50}, {"name": "on", "weight": 50}],
    "control": "off",
}


@pytest.fixture
def plan() -> dict[str, Any]:
    return dict(PLAN)


@pytest.fixture
def meets(shop_session: Session) -> Callable[..., None]:
    """One shopper meets one variant, and may buy some hours later (or earlier)."""

    def meet(
        visitor: str,
        variant: str,
        at: datetime,
        *,
        buys: int | None = None,
        after: timedelta = HOUR,
        flag: str = "new-checkout",
        **about: Any,
    ) -> None:
        values = {
            "locale": "en",
            "country": "GB",
            "device": "mobile",
            "pages": 2,
            "failed_pages": 0,
            "seconds": 0.5,
        }
        shop_session.merge(
            Exposure(
                flag=flag,
                visitor_id=f"of {visitor}",  # as tests.reporting names who makes a visit
                variant=variant,
                day=at.astimezone(UTC).date(),
                first_at=at,
                user_id=None,
                is_demo=False,
                **{**values, **about},
            )
        )
        if buys is not None:
            order(shop_session, at + after, gross=buys, visit=visitor)

    return meet


@pytest.fixture
def running(control_sources: Sources, plan: dict[str, Any]) -> Callable[..., int]:
    """The number of an experiment that was started then."""

    def start(at: datetime, **changed: Any) -> int:
        with control_sources.control.begin() as session:
            made = commands.create(session, read({**plan, **changed}), at, "pm@house.test")
            commands.start(session, made.id, None, at, "pm@house.test")
            return made.id

    return start


@pytest.fixture
def count(control_sources: Sources, shop_session: Session) -> Callable[..., Results]:
    """Run the job, read the results of one experiment."""

    def run(number: int, at: datetime) -> Results:
        shop_session.commit()
        with control_sources.control.begin() as session:
            jobs.measure(session, at, control_sources)
        with control_sources.control() as session:
            return queries.results(session, queries.get(session, number), at)

    return run
