"""A checkout's past as counters: known to the last event, so that every figure can be checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

SCRAPE = 30
LABELS = 'job="shop",instance="shop"'


@dataclass
class Checkout:
    """Writes down what a shop would have exposed, scrape by scrape, and adds up the truth beside it."""

    good: int = 0
    bad: int = 0
    slow: int = 0
    lines: list[str] = field(default_factory=list)
    truth: list[tuple[datetime, int, int, int]] = field(
        default_factory=list
    )  # at, good, bad, slow in between

    def scrape(self, at: datetime, good: int, bad: int, slow: int = 0) -> None:
        self.good, self.bad, self.slow = self.good + good, self.bad + bad, self.slow + slow
        self.truth.append((at, good, bad, slow))
        total, when = self.good + self.bad, int(at.timestamp())
        for name, value in (
            (f'shop_journeys_total{{{LABELS},journey="checkout",outcome="good",locale="en"}}', self.good),
            (f'shop_journeys_total{{{LABELS},journey="checkout",outcome="bad",locale="en"}}', self.bad),
            (
                f'shop_journey_duration_seconds_bucket{{{LABELS},journey="checkout",le="0.5"}}',
                total - self.slow,
            ),
            (f'shop_journey_duration_seconds_bucket{{{LABELS},journey="checkout",le="1"}}', total),
            (f'shop_journey_duration_seconds_bucket{{{LABELS},journey="checkout",le="+Inf"}}', total),
            (f'shop_journey_duration_seconds_count{{{LABELS},journey="checkout"}}', total),
            (f'shop_journey_duration_seconds_sum{{{LABELS},journey="checkout"}}', total * 0.2),
        ):
            self.lines.append(f"{name} {value} {when}")

    def restart(self) -> None:
        """The process starts anew: its counters too."""
        self.good = self.bad = self.slow = 0

    def text(self) -> str:
        def of(name: str) -> list[str]:
            return sorted(
                (line for line in self.lines if line.startswith(name)), key=lambda line: line.split(" ")[0]
            )

        return "\n".join(
            [
                "# TYPE shop_journeys counter",
                *of("shop_journeys_total"),
                "# TYPE shop_journey_duration_seconds histogram",
                *of("shop_journey_duration_seconds"),
            ]
        )

    def bad_share(self, start: datetime, end: datetime) -> float:
        rows = [row for row in self.truth if start < row[0] <= end]
        return sum(row[2] for row in rows) / sum(row[1] + row[2] for row in rows)


@pytest.fixture
def checkout() -> Checkout:
    return Checkout()


@pytest.fixture
def steady(checkout) -> Callable[..., Checkout]:
    """`steady(now, hours=6, bad_since=…)`: ten checkouts a scrape, half bad after `bad_since`."""

    def make(now: datetime, hours: float = 6, bad_since: datetime | None = None) -> Checkout:
        at = now - timedelta(hours=hours)
        while at <= now:
            is_bad = bad_since is not None and at > bad_since
            checkout.scrape(at, *((5, 5) if is_bad else (10, 0)), slow=1)
            at += timedelta(seconds=SCRAPE)
        return checkout

    return make
