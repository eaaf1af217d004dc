"""Recorded traffic of both sides of a flag, and a rollout over it, for tests of what rollouts decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FLAG = "new-checkout"
SCRAPE_SECONDS = 5
BOUNDS = ("0.1", "0.25", "0.5", "1.0", "+Inf")


@dataclass(frozen=True)
class Traffic:
    """Of one side in one stretch of time, by the second."""

    seconds: int
    journeys: float = 0.0
    bad: float = 0.0  # of those, a ratio
    slow: float = 0.0  # of those, a ratio: between half a second and a second
    is_scraped: bool = True


def recorded(end: datetime, treated: list[Traffic], control: list[Traffic], flag: str = FLAG) -> str:
    """OpenMetrics text of the shop's counters, scraped every five seconds; both lists are as long."""
    journeys, troubles, buckets, whole = [], [], [], []
    length = sum(one.seconds for one in treated)
    for variant, stretches in (("on", treated), ("off", control)):
        labels = f'flag="{flag}",variant="{variant}",journey="browse"'
        for second, count in _counted(stretches):
            at = end.timestamp() - length + second
            good, bad, slow = count
            journeys.append(
                f'shop_variant_journeys_total{{{labels},outcome="good",instance="shop"}} {good} {at}'
            )
            journeys.append(
                f'shop_variant_journeys_total{{{labels},outcome="bad",instance="shop"}} {bad} {at}'
            )
            troubles.append(f'shop_variant_troubles_total{{{labels},instance="shop"}} {bad} {at}')
            for bound in BOUNDS:
                within = good + bad - (slow if bound in BOUNDS[:3] else 0)
                le = f'{labels},le="{bound}",instance="shop"'
                buckets.append(
                    (variant, bound, f"shop_variant_journey_duration_seconds_bucket{{{le}}} {within} {at}")
                )
            if variant == "off":
                for outcome, value in (("good", good), ("bad", bad)):
                    told = f'journey="browse",outcome="{outcome}",locale="en",instance="shop"'
                    whole.append((outcome, f"shop_journeys_total{{{told}}} {value} {at}"))
    return "\n".join(
        [
            "# TYPE shop_variant_journeys counter",
            *sorted(journeys, key=lambda line: line.split("}")[0]),
            "# TYPE shop_variant_troubles counter",
            *troubles,
            "# TYPE shop_variant_journey_duration_seconds histogram",
            *(line for _, _, line in sorted(buckets, key=lambda one: (one[0], BOUNDS.index(one[1])))),
            "# TYPE shop_journeys counter",
            *(line for _, line in sorted(whole, key=lambda one: one[0])),
        ]
    )


def _counted(stretches: list[Traffic]) -> list[tuple[int, tuple[int, int, int]]]:
    """At each scrape: good, bad and slow journeys so far, whole numbers."""
    found, second, good, bad, slow = [(0, (0, 0, 0))], 0, 0.0, 0.0, 0.0
    for one in stretches:
        for _ in range(one.seconds // SCRAPE_SECONDS):
            second += SCRAPE_SECONDS
            count = one.journeys * SCRAPE_SECONDS
            bad, good, slow = bad + count * one.bad, good + count * (1 - one.bad), slow + count * one.slow
            if one.is_scraped:
                found.append((second, (int(good), int(bad), int(slow))))
    return found


def plan(now: datetime, **more: object) -> dict[str, object]:
    """5 %, then half, then everybody; failures and speed guard it."""
    return {
        "steps": [
            {"percent": 5, "minutes": 1},
            {"percent": 50, "minutes": 1},
            {"percent": 100, "minutes": 0},
        ],
        "guards": [{"kind": "errors", "limit": 1.5}, {"kind": "latency", "limit": 1.5}],
        "deadline": (now + timedelta(days=1)).isoformat(),
        "tell": "owner@house.test",
    } | more
