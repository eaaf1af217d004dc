"""Sends an alert to one receiver alone: to try it, or because nobody has acknowledged.

Alertmanager delivers; the label `backroom_receiver` leads there by a route of the house. Sent twice it is
the same alert, so nobody hears of it twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.alertmanager import Alertmanager
from app.alerts.alert import TO_RECEIVER
from app.alerts.delivery.receiver import INTEGRATION_OF, Receiver

HEARD_FOR = timedelta(hours=24)
WAITED_SECONDS = 6.0
LOOK_EVERY_SECONDS = 0.25


@dataclass(frozen=True)
class Tried:
    """What Alertmanager's counters said after a test alert."""

    delivered: int
    failed: int

    @property
    def is_known(self) -> bool:
        return self.delivered + self.failed > 0


def send(
    alertmanager: Alertmanager,
    receiver: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    alert: dict[str, Any] = {
        "labels": {**labels, TO_RECEIVER: receiver},
        "annotations": dict(annotations),
        "startsAt": starts_at.isoformat(),
        "endsAt": ends_at.isoformat(),
    }
    alertmanager.post_alerts([alert])


def try_receiver(
    alertmanager: Alertmanager,
    receiver: Receiver,
    who: str,
    now: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> Tried:
    """Send a test alert and watch what comes of it, for a few seconds."""
    before = _counts(alertmanager, receiver)
    labels = {"alertname": "ReceiverTest", "severity": "info", "test": f"{now.timestamp():.3f}"}
    summary = f"This is a test of the receiver {receiver.name}, sent by {who}. Nothing is wrong."
    send(alertmanager, receiver.name, labels, {"summary": summary}, now, now + timedelta(minutes=1))
    for _ in range(int(WAITED_SECONDS / LOOK_EVERY_SECONDS)):
        sleep(LOOK_EVERY_SECONDS)
        delivered, failed = (
            after - earlier for after, earlier in zip(_counts(alertmanager, receiver), before, strict=True)
        )
        if delivered or failed:
            return Tried(max(0, delivered - failed), failed)
    return Tried(0, 0)


def _counts(alertmanager: Alertmanager, receiver: Receiver) -> tuple[int, int]:
    """Requests to services of this kind so far, and how many of them failed."""
    counts = alertmanager.notification_requests()
    kinds = INTEGRATION_OF[receiver.kind]
    return (
        sum(counts.get(kind, (0, 0))[0] for kind in kinds),
        sum(counts.get(kind, (0, 0))[1] for kind in kinds),
    )
