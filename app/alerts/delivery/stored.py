"""Delivery as plain values: for the database, the API and the audit trail, and back. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.alerts import durations
from app.alerts.delivery.delivery import Delivery, Escalation, MuteTime, Route
from app.alerts.delivery.receiver import Receiver
from app.alerts.matcher import read_all


def as_dict(delivery: Delivery) -> dict[str, Any]:
    """Without secrets."""
    return {
        "receivers": [receiver_as_dict(one) for one in delivery.receivers],
        "routes": [route_as_dict(one) for one in delivery.routes],
        "mute_times": [mute_time_as_dict(one) for one in delivery.mute_times],
        "escalations": [escalation_as_dict(one) for one in delivery.escalations],
    }


def receiver_as_dict(one: Receiver) -> dict[str, Any]:
    return {"name": one.name, "kind": one.kind, **one.masked, "send_resolved": one.send_resolved}


def route_as_dict(one: Route) -> dict[str, Any]:
    return {
        "matchers": [str(matcher) for matcher in one.matchers],
        "receiver": one.receiver,
        "continue": one.continues,
        "group_by": list(one.group_by),
        "group_wait": _or_empty(one.group_wait_seconds),
        "group_interval": _or_empty(one.group_interval_seconds),
        "repeat_interval": _or_empty(one.repeat_seconds),
        "mute_times": list(one.mute_times),
    }


def _or_empty(seconds: int) -> str:
    return durations.write(seconds) if seconds else ""


def mute_time_as_dict(one: MuteTime) -> dict[str, Any]:
    return {
        "name": one.name,
        "weekdays": list(one.weekdays),
        "start": one.start,
        "end": one.end,
        "zone": one.zone,
    }


def escalation_as_dict(one: Escalation) -> dict[str, Any]:
    return {
        "name": one.name,
        "matchers": [str(matcher) for matcher in one.matchers],
        "after_minutes": one.after_minutes,
        "receiver": one.receiver,
    }


def secrets_of(delivery: Delivery) -> str:
    return json.dumps({one.name: dict(one.secrets) for one in delivery.receivers if one.secrets})


def delivery_of(body: Mapping[str, Any], secrets_text: str) -> Delivery:
    """What `as_dict` and `secrets_of` wrote."""
    secrets: Mapping[str, Mapping[str, str]] = json.loads(secrets_text)
    return Delivery(
        tuple(_receiver(one, secrets.get(one["name"], {})) for one in body["receivers"]),
        tuple(_route(one) for one in body["routes"]),
        tuple(
            MuteTime(one["name"], tuple(one["weekdays"]), one["start"], one["end"], one["zone"])
            for one in body["mute_times"]
        ),
        tuple(
            Escalation(one["name"], read_all(one["matchers"]), one["after_minutes"], one["receiver"])
            for one in body["escalations"]
        ),
    )


def _receiver(one: Mapping[str, Any], secrets: Mapping[str, str]) -> Receiver:
    own = ("name", "kind", "send_resolved", *secrets)
    settings = {name: value for name, value in one.items() if name not in own}
    return Receiver(one["name"], one["kind"], settings, dict(secrets), one["send_resolved"])


def _route(one: Mapping[str, Any]) -> Route:
    return Route(
        read_all(one["matchers"]),
        one["receiver"],
        one["continue"],
        tuple(one["group_by"]),
        durations.read(one["group_wait"]),
        durations.read(one["group_interval"]),
        durations.read(one["repeat_interval"]),
        tuple(one["mute_times"]),
    )
