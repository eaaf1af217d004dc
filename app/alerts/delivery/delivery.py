"""Delivery as one thing with a revision: receivers, routes, mute times and escalations fit together. Pure.

Each edit answers a new delivery or refuses; nothing that points into the void can be made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l

from app.alerts import durations, matcher
from app.alerts.delivery.receiver import OURS, Receiver
from app.alerts.matcher import Matcher
from app.errors import Conflict, NotFound, Refused

MOST_ROUTES = 100
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class Route:
    matchers: tuple[Matcher, ...]
    receiver: str
    continues: bool = False  # also try the routes below
    group_by: tuple[str, ...] = ()  # (): as above it
    group_wait_seconds: int = 0  # 0: as above it
    group_interval_seconds: int = 0
    repeat_seconds: int = 0
    mute_times: tuple[str, ...] = ()


@dataclass(frozen=True)
class MuteTime:
    """When routes that name it stay silent. An end before the start goes past midnight."""

    name: str
    weekdays: tuple[str, ...]  # (): every day
    start: str = "00:00"
    end: str = "24:00"
    zone: str = "UTC"


@dataclass(frozen=True)
class Escalation:
    """Who hears of an alert that nobody has acknowledged after so many minutes."""

    name: str
    matchers: tuple[Matcher, ...]
    after_minutes: int
    receiver: str


@dataclass(frozen=True)
class Delivery:
    receivers: tuple[Receiver, ...] = ()
    routes: tuple[Route, ...] = ()
    mute_times: tuple[MuteTime, ...] = ()
    escalations: tuple[Escalation, ...] = ()

    def receiver(self, name: str) -> Receiver | None:
        return next((one for one in self.receivers if one.name == name), None)

    @property
    def receiver_names(self) -> list[str]:
        return [OURS, *(one.name for one in self.receivers)]


def with_receiver(delivery: Delivery, made: Receiver) -> Delivery:
    kept = [one for one in delivery.receivers if one.name != made.name]
    return replace(delivery, receivers=_by_name([*kept, made]))


def without_receiver(delivery: Delivery, name: str) -> Delivery:
    if name == OURS:
        raise Refused(_l("This receiver is the control plane itself; it cannot be taken away."))
    _must_be(name, (one.name for one in delivery.receivers))
    used = [*(one.receiver for one in delivery.routes), *(one.receiver for one in delivery.escalations)]
    if name in used:
        raise Conflict(_l("A route or an escalation still leads to %(name)s; change that first.", name=name))
    return replace(delivery, receivers=tuple(one for one in delivery.receivers if one.name != name))


def with_routes(delivery: Delivery, routes: Sequence[Route]) -> Delivery:
    if len(routes) > MOST_ROUTES:
        raise Refused(_l("There can be %(most)s routes at most.", most=MOST_ROUTES))
    return checked(replace(delivery, routes=tuple(routes)))


def with_mute_time(delivery: Delivery, made: MuteTime) -> Delivery:
    kept = [one for one in delivery.mute_times if one.name != made.name]
    return replace(delivery, mute_times=_by_name([*kept, made]))


def without_mute_time(delivery: Delivery, name: str) -> Delivery:
    _must_be(name, (one.name for one in delivery.mute_times))
    if any(name in route.mute_times for route in delivery.routes):
        raise Conflict(_l("A route still uses %(name)s; change that first.", name=name))
    return replace(delivery, mute_times=tuple(one for one in delivery.mute_times if one.name != name))


def with_escalation(delivery: Delivery, made: Escalation) -> Delivery:
    kept = [one for one in delivery.escalations if one.name != made.name]
    return checked(replace(delivery, escalations=_by_name([*kept, made])))


def without_escalation(delivery: Delivery, name: str) -> Delivery:
    _must_be(name, (one.name for one in delivery.escalations))
    return replace(delivery, escalations=tuple(one for one in delivery.escalations if one.name != name))


def checked(delivery: Delivery) -> Delivery:
    """Raises `Conflict` where a route or an escalation names what is not there."""
    muting = {one.name for one in delivery.mute_times}
    for route in delivery.routes:
        _check_receiver(delivery, route.receiver)
        if missing := set(route.mute_times) - muting:
            why = _l("There is no mute time %(name)s.", name=min(missing))
            raise Conflict(_NOT_SAVED, {"mute_times": why})
    for escalation in delivery.escalations:
        _check_receiver(delivery, escalation.receiver)
    return delivery


def _check_receiver(delivery: Delivery, name: str) -> None:
    if name not in delivery.receiver_names:
        why = _l("There is no receiver %(name)s.", name=name[:80])
        raise Conflict(_NOT_SAVED, {"receiver": why})


def _by_name(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda one: one.name))


def _must_be(name: str, known: Iterable[str]) -> None:
    if name not in set(known):
        raise NotFound(_l("There is no %(name)s.", name=name))


_NOT_SAVED = _l("Nothing was saved; Alertmanager keeps what it has.")


def read_matchers(raw: Any, wrong: dict[str, object]) -> tuple[Matcher, ...]:
    """Lines of a form, or a list of texts."""
    texts = matcher.lines(raw) if isinstance(raw, str) else raw if isinstance(raw, list) else []
    try:
        return matcher.read_all(str(text) for text in texts)
    except ValueError as error:
        why = _l('%(text)s is no matcher; write severity="page" or team=~"a|b".', text=str(error))
        wrong["matchers"] = why
        return ()


def read_route(raw: Mapping[str, Any]) -> Route:
    wrong: dict[str, object] = {}
    group_by = _names(raw.get("group_by"))
    if any(not LABEL.fullmatch(name) for name in group_by):
        wrong["group_by"] = _l("Give names of labels, separated by commas.")
    route = Route(
        read_matchers(raw.get("matchers"), wrong),
        str(raw.get("receiver") or ""),
        str(raw.get("continue", "")).lower() in ("1", "true", "on", "yes"),
        group_by,
        _seconds(raw, "group_wait", wrong),
        _seconds(raw, "group_interval", wrong),
        _seconds(raw, "repeat_interval", wrong),
        _names(raw.get("mute_times")),
    )
    if wrong:
        raise Refused(_NOT_SAVED, wrong)
    return route


def _names(raw: Any) -> tuple[str, ...]:
    parts = raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, list | tuple) else []
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _seconds(raw: Mapping[str, Any], name: str, wrong: dict[str, object]) -> int:
    try:
        value = durations.read(str(raw.get(name) or "0"))
    except ValueError:
        value = -1
    if not 0 <= value <= LONGEST_SECONDS:
        wrong[name] = _l("Give a length of time such as 30s, 5m or 4h.")
    return value


def read_mute_time(raw: Mapping[str, Any]) -> MuteTime:
    wrong: dict[str, object] = {}
    made = MuteTime(
        str(raw.get("name") or "").strip(),
        _names(raw.get("weekdays")),
        str(raw.get("start") or "00:00"),
        str(raw.get("end") or "24:00"),
        str(raw.get("zone") or "UTC"),
    )
    if not NAME.fullmatch(made.name):
        wrong["name"] = _l("Use small letters, digits and dashes.")
    if set(made.weekdays) - set(WEEKDAYS):
        wrong["weekdays"] = _l("Choose days of the week.")
    for name in ("start", "end"):
        if not TIME.fullmatch(getattr(made, name)):
            wrong[name] = _l("Give a time such as 22:00.")
    if not wrong and (made.start == made.end or made.start == "24:00"):
        wrong["end"] = _l("The end is the start.")
    if made.zone not in available_timezones():
        wrong["zone"] = _l("Give a time zone such as Europe/Berlin.")
    if wrong:
        raise Refused(_NOT_SAVED, wrong)
    return made


def read_escalation(raw: Mapping[str, Any]) -> Escalation:
    wrong: dict[str, object] = {}
    text = str(raw.get("after_minutes") or "")
    minutes = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    if not 1 <= minutes <= 1_440:
        wrong["after_minutes"] = _l("Give minutes from 1 to 1440.")
    name = str(raw.get("name") or "").strip()
    if not NAME.fullmatch(name):
        wrong["name"] = _l("Use small letters, digits and dashes.")
    made = Escalation(
        name, read_matchers(raw.get("matchers"), wrong), minutes, str(raw.get("receiver") or "")
    )
    if wrong:
        raise Refused(_NOT_SAVED, wrong)
    return made
