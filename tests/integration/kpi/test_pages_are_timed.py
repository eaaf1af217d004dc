"""Web vitals and Apdex: counts by bucket of each day from Prometheus, kept after it forgets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kpi import reading, speed, tile_queries
from app.kpi.definitions import JOINER
from app.kpi.measures import Period
from app.kpi.selection import Selection
from tests import reporting


def _samples(day, metric: str, labels: str, counts: dict[str, int]) -> list[str]:
    """A counter by bucket that rises from 0 to these counts in the course of the day before."""
    lines = []
    for hour in range(25):
        at = int((day(-1, 0) + timedelta(hours=hour)).timestamp())
        lines += [
            f'{metric}_bucket{{{labels}le="{le}"}} {count * hour / 24} {at}' for le, count in counts.items()
        ]
    return lines


def test_the_slowest_quarter_and_apdex_of_a_day_are_known(
    facts, day, compute, control_session, prometheus
) -> None:
    reporting.visit(facts, day(-2), "somebody")
    loads = {"1": 50, "2.5": 100, "4": 150, "+Inf": 200}
    lines = _samples(day, "shop_web_vitals_lcp_seconds", 'device="mobile",', loads)
    lines += _samples(
        day, "shop_request_duration_seconds", 'route="/",', {"0.25": 600, "1": 800, "+Inf": 1000}
    )
    prometheus.load("\n".join(lines))
    assert "Prometheus" not in compute()
    yesterday = day(-1).date()

    def value(kpi: str) -> float | None:
        return reading.read(control_session, kpi, yesterday, yesterday, "UTC").members[0].buckets[0].value

    assert value("lcp-phone") == pytest.approx(4.0, abs=0.05)
    assert value("apdex") == pytest.approx((600 + 800) / 2 / 1000, abs=0.01)
    faster = {"1": 900, "2.5": 1000, "4": 1000, "+Inf": 1000}
    speed._write(
        control_session,
        "UTC",
        day(-2).date(),
        {("lcp_within", "device,le", JOINER.join(("mobile", le))): n for le, n in faster.items()},
    )
    both = Period(day(-2).date(), 2)
    chosen = Selection("custom", both, "weekdays", both.before())
    asked = reading.read(control_session, "lcp-phone", both.first, both.last, "UTC")
    shown = tile_queries.tiles(control_session, ["lcp-phone"], chosen)[0].value.value
    assert shown == asked.members[0].total.value
    assert shown == pytest.approx(900 / 950, abs=0.01)  # of all 1,200 loads, not the mean of two days
    assert value("lcp-desktop") is None  # nobody came by desktop: no data, not 0


def test_sales_do_not_wait_for_prometheus(facts, day, compute, value) -> None:
    reporting.order(facts, day(-1))
    assert "nothing is known of speed" in compute()
    assert value("kpi.orders", -1) == 1
    assert value("kpi.apdex", -1) is None
