"""Whether monitoring itself still sees. Pure.

A quiet page means "all is well" only while the shop is scraped, the rules are evaluated, alerts can be
delivered and somebody looks: when one of these fails, the page says that it is blind and since when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.alerts.alert import WATCHDOG

# Without one of these no alert can be trusted to come.
EYES = {
    "prometheus": _l("Prometheus does not answer"),
    "scrape": _l("the shop is not scraped"),
    "evaluation": _l("alert rules are not evaluated"),
    "alertmanager": _l("Alertmanager does not answer"),
    "delivery": _l("alerts do not arrive: the watchdog has gone silent"),
}
NOBODY_LOOKS = _l("the scheduler does not run")
PROBED_WITHIN = timedelta(seconds=90)  # probes run every 10 s
EVALUATED_WITHIN = timedelta(minutes=5)
HEARD_WITHIN = timedelta(minutes=3)  # the watchdog comes every half minute
MOST_SKEW_SECONDS = 2.0
SHOP_JOB = "shop"


@dataclass(frozen=True)
class Probe:
    """The newest look at a part."""

    at: datetime
    is_up: bool
    last_ok: datetime | None


@dataclass(frozen=True)
class Blind:
    since: datetime | None  # None: it has never seen
    why: tuple[Any, ...]  # lazy texts


def blind(probes: Mapping[str, Probe], now: datetime) -> Blind | None:
    """Why and since when monitoring does not see; None while it does."""
    known = {part: probes[part] for part in EYES if part in probes}
    newest = max((probe.at for probe in known.values()), default=None)
    if newest is None or now - newest > PROBED_WITHIN:
        return Blind(newest, (NOBODY_LOOKS,))
    down = [part for part in EYES if part in known and not known[part].is_up]
    if not down:
        return None
    seen = [at for part in down if (at := known[part].last_ok) is not None]
    return Blind(min(seen) if len(seen) == len(down) else None, tuple(EYES[part] for part in down))


def is_delivered(
    last_heard: datetime | None, groups: Sequence[Mapping[str, Any]], now: datetime
) -> bool | None:
    """Whether the watchdog arrives. None: it has not been on its way long enough to have arrived."""
    if last_heard is not None:
        return now - last_heard < HEARD_WITHIN
    began = [
        datetime.fromisoformat(alert["activeAt"])
        for group in groups
        for rule in group["rules"]
        if rule["name"] == WATCHDOG
        for alert in rule.get("alerts", ())
    ]
    return False if began and now - min(began) > HEARD_WITHIN else None


def skews(seconds: float | None) -> bool:
    return seconds is not None and abs(seconds) > MOST_SKEW_SECONDS


def is_scraped(targets: Sequence[Mapping[str, Any]]) -> bool:
    """Whether Prometheus reached the shop at its last try. No target at all: it does not even try."""
    shop = [target for target in targets if target["labels"].get("job") == SHOP_JOB]
    return bool(shop) and all(target["health"] == "up" for target in shop)


def is_evaluated(groups: Sequence[Mapping[str, Any]], now: datetime) -> bool:
    """Whether the groups with rules were evaluated lately; a group just loaded waits for its first turn.

    A group that is due once an hour is not late after five minutes.
    """
    begun = [
        (moment, max(EVALUATED_WITHIN, 2 * timedelta(seconds=group.get("interval", 0))))
        for group in groups
        if group["rules"] and (moment := datetime.fromisoformat(group["lastEvaluation"])).year > 1
    ]
    return bool(begun) and all(now - moment < allowed for moment, allowed in begun)
