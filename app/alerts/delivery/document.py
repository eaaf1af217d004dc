"""Delivery as Alertmanager's configuration: the same delivery gives the same text. Pure.

The routes in their order:
1. the watchdog, to us, often: while it comes, everything between a rule and this house works
2. what is meant for one receiver alone: tests and escalations carry the label `backroom_receiver`
3. everything to us, at once, so that history and pages are whole; then go on
4. the routes that people made; what none of them matches has been seen by us
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from app.alerts import durations
from app.alerts.alert import TO_RECEIVER, WATCHDOG
from app.alerts.delivery.delivery import WEEKDAYS, Delivery, MuteTime, Route
from app.alerts.delivery.receiver import HIDDEN, OURS, Receiver, Version, integration
from app.alerts.matcher import all_match, read_all

HEAD = "# Written by Backroom, checked by amtool. Edits here are overwritten.\n"
MARK = "backroom-config-"
GROUP_BY = ["alertname", "slo"]
WAITS = {"group_wait": "30s", "group_interval": "1m", "repeat_interval": "4h"}
AT_ONCE = {"group_wait": "0s", "group_interval": "5s", "repeat_interval": "1h"}
WATCHDOG_WAITS = {"group_wait": "0s", "group_interval": "15s", "repeat_interval": "30s"}


@dataclass(frozen=True)
class House:
    """What this installation adds: how we are reached, how mails are sent, which Alertmanager runs."""

    webhook_url: str
    webhook_token: str
    smtp_url: str = ""
    mail_from: str = ""
    version: Version | None = None


def text(delivery: Delivery, house: House) -> str:
    made = configuration(delivery, house)
    return _written(made)


def _written(made: dict[str, Any]) -> str:
    body: str = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=10_000)
    return HEAD + body


def mark(delivery: Delivery, house: House) -> str:
    """The name of a receiver without a use, by which a loaded configuration is known."""
    body = yaml.safe_dump(_unmarked(delivery, house), sort_keys=True)
    return MARK + hashlib.sha256(body.encode()).hexdigest()[:16]


def configuration(delivery: Delivery, house: House) -> dict[str, Any]:
    made = _unmarked(delivery, house)
    made["receivers"] = [*made["receivers"], {"name": mark(delivery, house)}]
    return made


def masked(delivery: Delivery, house: House) -> str:
    """For pages: the same without anything secret."""
    hidden = [
        Receiver(
            one.name, one.kind, one.settings, {name: _mask(name) for name in one.secrets}, one.send_resolved
        )
        for one in delivery.receivers
    ]
    parts = urlsplit(house.smtp_url)
    smtp = f"{parts.scheme}://{parts.hostname}:{parts.port or 25}" if house.smtp_url else ""
    seen = House(house.webhook_url, HIDDEN, smtp, house.mail_from, house.version)
    made = Delivery(tuple(hidden), delivery.routes, delivery.mute_times, delivery.escalations)
    return _written(_unmarked(made, seen))


def _mask(name: str) -> str:
    return f"https://{HIDDEN}" if name.endswith("url") else HIDDEN


def _unmarked(delivery: Delivery, house: House) -> dict[str, Any]:
    return {
        **({"global": _smtp(house)} if house.smtp_url else {}),
        "route": tree(delivery),
        "inhibit_rules": [
            {
                "source_matchers": ['severity="page"', 'slo!=""'],
                "target_matchers": ['severity="ticket"', 'slo!=""'],
                "equal": ["slo"],
            }
        ],
        **(
            {"time_intervals": [_interval(one) for one in delivery.mute_times]} if delivery.mute_times else {}
        ),
        "receivers": [
            _ours(house),
            *({"name": one.name, **integration(one, house.version)} for one in delivery.receivers),
        ],
    }


def tree(delivery: Delivery) -> dict[str, Any]:
    return {
        "receiver": OURS,
        "group_by": GROUP_BY,
        **WAITS,
        "routes": [
            {"receiver": OURS, "matchers": [f'alertname="{WATCHDOG}"'], **WATCHDOG_WAITS},
            *(_direct(one.name) for one in delivery.receivers),
            {"receiver": OURS, **AT_ONCE, "continue": True},
            *(_route(route) for route in delivery.routes),
        ],
    }


def _direct(name: str) -> dict[str, Any]:
    waits = {"group_wait": "0s", "group_interval": "10s", "repeat_interval": "4h"}
    return {"receiver": name, "matchers": [f'{TO_RECEIVER}="{name}"'], "group_by": ["..."], **waits}


def _route(route: Route) -> dict[str, Any]:
    waits = {
        "group_wait": route.group_wait_seconds,
        "group_interval": route.group_interval_seconds,
        "repeat_interval": route.repeat_seconds,
    }
    return {
        "receiver": route.receiver,
        **({"matchers": [str(one) for one in route.matchers]} if route.matchers else {}),
        **({"group_by": list(route.group_by)} if route.group_by else {}),
        **{name: durations.write(seconds) for name, seconds in waits.items() if seconds},
        **({"mute_time_intervals": list(route.mute_times)} if route.mute_times else {}),
        **({"continue": True} if route.continues else {}),
    }


def _ours(house: House) -> dict[str, Any]:
    authorization = {"type": "Bearer", "credentials": house.webhook_token}
    webhook = {
        "url": house.webhook_url,
        "send_resolved": True,
        "http_config": {"authorization": authorization},
    }
    return {"name": OURS, "webhook_configs": [webhook]}


def _smtp(house: House) -> dict[str, Any]:
    parts = urlsplit(house.smtp_url)
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    made: dict[str, Any] = {
        "smtp_smarthost": f"{parts.hostname}:{port}",
        "smtp_from": house.mail_from,
        "smtp_require_tls": parts.scheme == "smtps" or port == 587,
    }
    if parts.username:
        made["smtp_auth_username"] = unquote(parts.username)
        made["smtp_auth_password"] = unquote(parts.password or "")
    return made


def _interval(one: MuteTime) -> dict[str, Any]:
    """Alertmanager knows no night: what goes past midnight is two stretches, the second a day later."""
    days = list(one.weekdays)
    if one.start < one.end:
        return {"name": one.name, "time_intervals": [_stretch(days, one.start, one.end, one.zone)]}
    next_days = [WEEKDAYS[(WEEKDAYS.index(day) + 1) % 7] for day in days]
    stretches = [_stretch(days, one.start, "24:00", one.zone)]
    if one.end != "00:00":
        stretches.append(_stretch(next_days, "00:00", one.end, one.zone))
    return {"name": one.name, "time_intervals": stretches}


def _stretch(days: list[str], start: str, end: str, zone: str) -> dict[str, Any]:
    return {
        **({"weekdays": days} if days else {}),
        "times": [{"start_time": start, "end_time": end}],
        "location": zone,
    }


def loaded(original: str, wanted: str) -> bool:
    """Whether Alertmanager's own account of its configuration carries the mark."""
    return f"name: {wanted}\n" in f"{original}\n"


def where(delivery: Delivery, labels: Mapping[str, str]) -> list[str]:
    """The receivers of an alert with these labels, in order, as `amtool config routes test` says."""
    found: list[str] = []
    for route in tree(delivery)["routes"]:
        if all_match(read_all(route.get("matchers", [])), labels):
            found.append(route["receiver"])
            if not route.get("continue"):
                break
    return list(dict.fromkeys(found)) or [OURS]
