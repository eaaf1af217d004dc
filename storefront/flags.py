"""Feature flags in the shop, by the stock Unleash SDK.

`start(config)` is called once in each process after it was forked (an SDK made before the fork never
polls again). Changes come over a stream the moment they are made, or by polling while there is none, see
flag_stream.py. It never waits for the control plane longer than START_WAIT_SECONDS, and a request never
waits for it at all: answers come from memory. What was last good is kept in one file under `data_dir`,
so a shop that starts while the control plane is down goes on with the flags it had.

Not started, or a flag that nobody defined: off.

Tests, and a shop without a control plane, fix the answers instead, still through the real SDK:

    fix({"new-checkout": 50, "fault-readiness": 100, "gone": 0})     # percent of shoppers
    fix({"banner": {"strategies": [], "variants": [...]}})           # any feature of the wire format
    stop()                                                           # everything is off again

What an operator can aim at (the SDK's context): `userId` is the visitor, so that signing in never moves a
shopper to the other side of a rollout; `sessionId` is the visit; properties are accountId, customer (guest
or account), locale, country and device.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, has_request_context
from UnleashClient.clients.unleash_client import UnleashClient
from UnleashClient.constants import FEATURES_URL
from UnleashClient.utils import InstanceAllowType

from config import StorefrontConfig
from storefront import logs, tracing
from storefront.flag_state import OFF, ON, LastGood
from storefront.flag_stream import Follower
from storefront.shopper import Shopper

log = logging.getLogger(__name__)

APP_NAME = "storefront"
FILE_NAME = "flags.json"
START_WAIT_SECONDS = 1.0  # how long a starting worker waits for the first answer
REQUEST_TIMEOUT_SECONDS = 5
METRICS_SECONDS = 15  # how often yes and no are reported


@dataclass
class _Running:
    client: UnleashClient
    state: LastGood


_running: _Running | None = None


def start(config: StorefrontConfig) -> None:
    """Begin following in this process. With no FLAGS_URL or FLAGS_TOKEN every flag stays off."""
    global _running
    stop()
    if not (config.flags_url and config.flags_token):
        log.warning("flags: FLAGS_URL or FLAGS_TOKEN is empty, every flag is off")
        return
    state = LastGood(config.data_dir / FILE_NAME)
    client = UnleashClient(
        url=config.flags_url,
        app_name=APP_NAME,
        environment=_environment(config.flags_token),
        instance_id=f"{socket.gethostname()}-{os.getpid()}",
        refresh_interval=_whole(config.flags_poll_seconds),  # type: ignore[arg-type] # fractions work
        metrics_interval=METRICS_SECONDS,
        custom_headers={"Authorization": config.flags_token},
        custom_options={"auth": _carry},
        request_timeout=REQUEST_TIMEOUT_SECONDS,
        request_retries=0,
        cache=state,
        multiple_instance_mode=InstanceAllowType.SILENTLY_ALLOW,
    )
    _quieten()
    _running = _Running(client, state)
    arguments = (client, state, config)
    first = threading.Thread(target=_initialise, args=arguments, name="flags-start", daemon=True)
    first.start()
    first.join(START_WAIT_SECONDS)


def _carry(request: Any) -> Any:
    """On each call of the SDK: the id of the poll that it is part of, else one of its own, and the trace.

    The SDK's own headers are the same for all calls; `auth` is what `requests` asks anew for each of them.
    """
    request.headers.update(logs.headers() or {logs.HEADER: logs.new_id()})
    if parent := tracing.traceparent():
        request.headers["traceparent"] = parent
    return request


def fix(features: Mapping[str, int | Mapping[str, Any]]) -> None:
    """Answer from these flags alone, without a network: see the top of this file."""
    global _running
    stop()
    body = {"version": 2, "features": [_fixed(name, how) for name, how in features.items()]}
    state = LastGood()
    state.set(FEATURES_URL, json.dumps(body))
    state.bootstrapped = True
    client = UnleashClient(
        url="http://fixed.invalid/api",
        app_name=APP_NAME,
        cache=state,
        multiple_instance_mode=InstanceAllowType.SILENTLY_ALLOW,
    )
    _running = _Running(client, state)


def stop() -> None:
    """Report what was counted and stop following. Every flag is off afterwards."""
    global _running
    running, _running = _running, None
    if running is not None and running.client.is_initialized:
        running.client.destroy()


def is_enabled(name: str, shopper: Shopper | None) -> bool:
    """Whether this shopper gets the feature. Asked twice in one request, the answer is the same."""
    return _answer("enabled", name, shopper) == ON


def variant(name: str, shopper: Shopper | None) -> str:
    """The variant's name; "on" or "off" where the flag has no variants."""
    return _answer("variant", name, shopper)


def payload(name: str, shopper: Shopper | None) -> str | None:
    """The text that this shopper's variant carries; None where the flag is off or carries none."""
    if _running is None or name not in _running.state.names:
        return None  # asking for what nobody defined would be reported as missing
    found = _running.client.get_variant(name, {} if shopper is None else _context(shopper))
    carried = found.get("payload") if found["enabled"] else None
    return str(carried["value"]) if carried else None


def seen() -> dict[str, str]:
    """Flags under rollout that this request has asked for, each with its variant ("on" and "off" too)."""
    return dict(g.get("flags_seen", {})) if has_request_context() else {}


def under_rollout() -> frozenset[str]:
    """Flags that do not answer everybody the same at the moment; no drills."""
    return frozenset() if _running is None else _running.state.split


def drills() -> frozenset[str]:
    """Failures that an operator has switched on for somebody."""
    return frozenset() if _running is None else _running.state.drills


def is_streaming() -> bool:
    """Whether changes come over a stream at the moment."""
    connector = None if _running is None else _running.client.connector
    return isinstance(connector, Follower) and connector.is_streaming


def age_seconds() -> float | None:
    """Seconds since the state was last known to be current; None when there never was one."""
    if _running is None or _running.state.confirmed_at is None:
        return None
    return max(0.0, time.time() - _running.state.confirmed_at)


def _answer(question: str, name: str, shopper: Shopper | None) -> str:
    if _running is None:
        return OFF
    if not has_request_context():
        return _ask(_running.client, question, name, shopper)
    answers: dict[tuple[str, str], str] = g.setdefault("flags_answers", {})
    if (question, name) not in answers:
        answers[question, name] = _ask(_running.client, question, name, shopper)
        if name in _running.state.split and _is_in_audience(_running.state, name, shopper):
            _remember(name, question, answers[question, name])
    return answers[question, name]


def _is_in_audience(state: LastGood, name: str, shopper: Shopper | None) -> bool:
    """Whether the shopper is one of those that the rollout is about, whichever side she is on."""
    return shopper is None or state.audience.has(name, _context(shopper))


def _remember(name: str, question: str, answer: str) -> None:
    flags: dict[str, str] = g.setdefault("flags_seen", {})
    if question == "variant" or name not in flags:
        flags[name] = answer


def _ask(client: UnleashClient, question: str, name: str, shopper: Shopper | None) -> str:
    context = {} if shopper is None else _context(shopper)
    if question == "enabled":
        return ON if client.is_enabled(name, context) else OFF
    found = client.get_variant(name, context)
    if found["enabled"]:
        return str(found["name"])
    return ON if found.get("feature_enabled") else OFF


def _context(shopper: Shopper) -> dict[str, Any]:
    properties = {
        "accountId": shopper.user_id,
        "customer": "guest" if shopper.user_id is None else "account",
        "locale": shopper.locale,
        "country": shopper.country,
        "device": shopper.device,
    }
    return {
        "userId": shopper.visitor_id,
        "sessionId": shopper.session_id,
        "properties": {name: str(value) for name, value in properties.items() if value is not None},
    }


def _initialise(client: UnleashClient, state: LastGood, config: StorefrontConfig) -> None:
    try:
        client.initialize_client(fetch_toggles=not config.flags_streaming)
        if config.flags_streaming:
            Follower.take_over(client, state, config.flags_poll_seconds, REQUEST_TIMEOUT_SECONDS)
    except Exception:
        log.exception("flags: the SDK did not start; flags stay as they were last known")


def _environment(token: str) -> str:
    """`project:environment.secret`"""
    return token.partition(":")[2].partition(".")[0] or "default"


def _whole(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds


def _fixed(name: str, how: int | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(how, int):
        return {"name": name, "enabled": True, "strategies": [], **how}
    parameters = {"rollout": str(int(how)), "stickiness": "default", "groupId": name}
    strategy = {"name": "flexibleRollout", "parameters": parameters, "constraints": []}
    return {"name": name, "enabled": how > 0, "strategies": [strategy]}


class _OneLine(logging.Filter):
    """A control plane that is down is one line per poll, not a stack trace."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


_one_line = _OneLine()


def _quieten() -> None:
    logging.getLogger("UnleashClient").addFilter(_one_line)  # adding the same filter again does nothing
