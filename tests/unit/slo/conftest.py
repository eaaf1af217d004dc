from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from app.slo.objective import Objective


@pytest.fixture
def slo() -> Callable[..., Objective]:
    """`slo(objective="0.99")`: the checkout's availability, with what the test changes."""

    def make(**changes: object) -> Objective:
        values: dict[str, object] = {
            "id": 1,
            "key": "checkout-availability",
            "name": "Checkout availability",
            "about": "",
            "indicator": "events",
            "good": 'shop_journeys_total{journey="checkout",outcome="good"}',
            "total": 'shop_journeys_total{journey="checkout"}',
            "durations": "",
            "threshold_seconds": None,
            "objective": Decimal("0.995"),
            "window_days": 30,
            "min_bad_events": 5,
            "owner": "ops",
            "runbook": "checkout-errors",
            "revision": 1,
            "version": 1,
        }
        return Objective(**{**values, **changes})  # type: ignore[arg-type]

    return make
