"""Made-up content for the style page: each part in each of its states, the awkward ones too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sin
from typing import Any

from app.ui.chart import Annotation, chart
from app.ui.svg import bar_chart
from app.ui.timerange import TimeRange

SHARES = [0.991, 0.993, 0.992, None, None, 0.997, 0.995, 0.9985, 0.9991, 0.9987]
LONG_KEY = "new-checkout-with-a-name-of-forty-letters"


@dataclass(frozen=True)
class Happening:
    at: datetime
    kind: str
    title: str
    detail: str = ""
    url: str = ""
    ends_at: datetime | None = None
    is_demo: bool = False
    subject: str = ""


def _wave(now: datetime, shift: float) -> list[tuple[datetime, float | None]]:
    start = now - timedelta(hours=24)
    gap = range(150, 170)
    return [
        (start + timedelta(minutes=5 * i), None if i in gap else 0.992 + 0.006 * sin(i / 30 + shift))
        for i in range(289)
    ]


def _chart(now: datetime) -> dict[str, Any]:
    return chart(
        {"availability": _wave(now, 0), "latency": _wave(now, 1.5)},
        start=now - timedelta(hours=24),
        end=now,
        step_seconds=300,
        unit="ratio",
        zero=False,
        target=0.995,
        annotations=[
            Annotation(now - timedelta(hours=18), "release", "German, release 12"),
            Annotation(
                now - timedelta(hours=11), "incident", "Payments slow", ends_at=now - timedelta(hours=9)
            ),
            Annotation(now - timedelta(hours=4), "flag", "new-checkout: 10 % → 25 %"),
        ],
    )


def make(now: datetime) -> dict[str, Any]:
    days = [f"{day}." for day in range(1, 15)]
    orders = [31, 34, 29, 42, 51, 48, None, 33, 36, 38, 44, 57, 49, 35]
    return {
        "values": SHARES,
        "chart": _chart(now),
        "range": TimeRange("24h", now - timedelta(hours=24), now),
        "bars": bar_chart(orders, days, "Orders by day", form=lambda value: f"{value:.0f}", target=40),
        "earlier": now - timedelta(minutes=4),
        "long_ago": now - timedelta(hours=3),
        "long_key": LONG_KEY,
        "happenings": [
            Happening(now - timedelta(minutes=3), "flag", "new-checkout: 10 % → 25 %", url="#timeline"),
            Happening(now - timedelta(hours=1), "release", "German, release 12", "14 messages changed"),
            Happening(now - timedelta(hours=5), "deploy", "Shop 0.4.2"),
            Happening(now - timedelta(days=2), "incident", "Payments slow", "p95 4.2 s", is_demo=True),
            Happening(now - timedelta(days=3), "maintenance", "Database upgrade"),
        ],
        "steps": [
            {"label": "1%", "state": "done", "detail": "2 h"},
            {"label": "10%", "state": "done", "detail": "6 h"},
            {"label": "25%", "state": "now", "detail": "3 h left"},
            {"label": "50%", "state": "next"},
            {"label": "100%", "state": "next"},
        ],
    }
