"""What Alertmanager says about an alert, and what follows from it for what we know. Pure.

An alert is one firing of one rule for one set of labels: (fingerprint, start). Alertmanager repeats, retries
and may deliver out of order, so hearing the same again, or late, must change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

from app.errors import Refused

VERSION = "4"
MOST_ALERTS = 1_000

Source = Literal["webhook", "sync"]
Change = Literal["fired", "resolved", "fired_and_resolved", "reopened", "seen", "nothing"]


@dataclass(frozen=True)
class Notice:
    fingerprint: str
    starts_at: datetime  # to the millisecond: the API gives no more, the webhook would
    ends_at: datetime | None  # None: firing
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()


WATCHDOG = "Watchdog"
TO_RECEIVER = "backroom_receiver"  # an alert that is meant for one receiver alone


def is_heartbeat(notice: Notice) -> bool:
    """The alert that always fires: that it comes is all it says."""
    return notice.labels.get("alertname") == WATCHDOG


def is_ours_to_keep(notice: Notice) -> bool:
    """Heartbeats, tests of receivers and escalations are no news about the shop."""
    return not is_heartbeat(notice) and TO_RECEIVER not in notice.labels


def change(is_known: bool, known_end: datetime | None, notice: Notice, source: Source) -> Change:
    """What a notice means for an alert of the same fingerprint and start.

    A webhook that says "firing" of an alert that has ended came late. Alertmanager's own list cannot be
    late: what it holds as active is active, so only that reopens.
    """
    if not is_known:
        return "fired" if notice.ends_at is None else "fired_and_resolved"
    if notice.ends_at is not None:
        return "resolved" if known_end is None else "nothing"
    if known_end is None:
        return "seen"
    return "reopened" if source == "sync" else "nothing"


def from_webhook(body: object) -> list[Notice]:
    """The alerts of Alertmanager's webhook payload, version "4". Raises `Refused` for anything else."""
    if not isinstance(body, dict) or body.get("version") != VERSION:
        raise Refused(_l('Send Alertmanager\'s webhook payload, version "%(version)s".', version=VERSION))
    alerts = body.get("alerts")
    if not isinstance(alerts, list) or len(alerts) > MOST_ALERTS:
        raise Refused(_l("The payload holds no list of alerts, or too long a one."))
    return [_from_webhook(alert) for alert in alerts]


def _from_webhook(alert: Any) -> Notice:
    try:
        is_resolved = {"firing": False, "resolved": True}[alert["status"]]
        return Notice(
            fingerprint=_text(alert["fingerprint"]),
            starts_at=read_time(alert["startsAt"]),
            ends_at=read_time(alert["endsAt"]) if is_resolved else None,
            labels=_texts(alert["labels"]),
            annotations=_texts(alert.get("annotations", {})),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Refused(_l("An alert in the payload is not one: %(why)s.", why=str(error))) from error


def from_api(alert: Mapping[str, Any]) -> Notice:
    """One alert of Alertmanager's v2 API; it lists what is active."""
    status = alert.get("status", {})
    return Notice(
        fingerprint=alert["fingerprint"],
        starts_at=read_time(alert["startsAt"]),
        ends_at=None,
        labels=_texts(alert["labels"]),
        annotations=_texts(alert["annotations"]),
        silenced_by=tuple(status.get("silencedBy") or ()),
        inhibited_by=tuple(status.get("inhibitedBy") or ()),
    )


def read_time(text: str) -> datetime:
    """RFC 3339 with up to nine digits after the point, cut to milliseconds, in UTC."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    found = found.astimezone(UTC)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _text(value: object) -> str:
    """A text that PostgreSQL can hold: neither NUL nor half a character."""
    if not isinstance(value, str) or "\x00" in value:
        raise TypeError("a text is missing")
    value.encode()
    return value


def _texts(values: object) -> dict[str, str]:
    if not isinstance(values, dict):
        raise TypeError("labels and annotations must be texts")
    return {_text(name): _text(value) for name, value in values.items()}
