"""Feature flags in the shop, by the stock Unleash SDK.

`start(config)` is called once in each process after it was forked (an SDK made before the fork never
polls again). It never waits for the control plane longer than START_WAIT_SECONDS, and a request never
waits for it at all: answers come from memory. What was last good is kept in one file under `data_dir`,
so a shop that starts while the control plane is down goes on with the flags it had.

Not started, or a flag that nobody defined: off.

Tests, and a shop without a control plane, fix the answers instead, still through the real SDK:

    fix({"new-checkout": 50, "fault-readiness": 100, "gone": 0})     # percent of shoppers
    fix({"banner": {"strategies": [], "variants": [...]}})           # any feature of the wire format
    stop()                                                           # everything is off again

What an operator can aim at (the SDK's context): `userId` is the visitor, so that signing in never moves a
shopper to the other side of a rollout; `sessionId` is the visit; properties are accountId, locale, country
and device.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import g, has_request_context
from UnleashClient.cache import BaseCache
from UnleashClient.clients.unleash_client import UnleashClient
from UnleashClient.constants import ETAG, FEATURES_URL
from UnleashClient.utils import InstanceAllowType
from yggdrasil_engine.engine import UnleashEngine

from config import StorefrontConfig
from storefront import telemetry
from storefront.shopper import Shopper

log = logging.getLogger(__name__)

APP_NAME = "storefront"
FILE_NAME = "flags.json"
START_WAIT_SECONDS = 1.0  # how long a starting worker waits for the first answer
REQUEST_TIMEOUT_SECONDS = 5
METRICS_SECONDS = 15  # how often yes and no are reported

ON, OFF = "on", "off"


class LastGood(BaseCache):
    """The SDK's cache: in memory, and the last good state in one file that all processes share.

    The file is replaced whole (write, sync, rename), so that a reader never sees half of it, and only by a
    state that the engine takes in full: rubbish from the control plane changes neither memory nor file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.split: frozenset[str] = frozenset()  # flags that do not answer everybody the same
        self.confirmed_at: float | None = None  # unix time at which the state was last known to be current
        self._values: dict[str, Any] = {}
        self._rejected = False
        if path is not None:
            self._load(path)

    def _load(self, path: Path) -> None:
        try:
            body, modified = path.read_text("utf-8"), path.stat().st_mtime
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            log.warning("flags: cannot read the last good state: %s", error)
            return
        if self._keep(body):
            self.confirmed_at = modified
            self.bootstrapped = True

    def _keep(self, body: str) -> bool:
        features = accepted(body)
        self._rejected = features is None
        if features is None:
            log.warning("flags: a state was rejected, the one before stays (%d characters)", len(body))
            return False
        self._values[FEATURES_URL] = body
        split = [feature for feature in features if is_split(feature)]
        for feature in split:
            telemetry.expect_variants(feature["name"], variants_of(feature))
        self.split = frozenset(feature["name"] for feature in split)
        return True

    def set(self, key: str, value: Any) -> None:
        if key == FEATURES_URL:
            if self._keep(value) and self.path is not None:
                _replace(self.path, value)
        elif key != ETAG:
            self._values[key] = value
        elif not self._rejected:  # the ETag of a rejected state would turn the next poll into a 304
            self._values[key] = value
            self._confirm()

    def _confirm(self) -> None:
        """The SDK stores the ETag after each answer of the server, 200 or 304: the state is current."""
        self.confirmed_at = time.time()
        if self.path is not None:
            with contextlib.suppress(OSError):
                os.utime(self.path)

    def mset(self, data: dict[str, Any]) -> None:
        self._values.update(data)

    def get(self, key: str, default: Any = None) -> Any:
        return self._values.get(key, default)

    def exists(self, key: str) -> bool:
        return key in self._values

    def destroy(self) -> None:
        """Called by the SDK when it stops; the last good state is kept for the next start."""


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        log.warning("flags: the last good state was not written: %s", error)


def accepted(body: str) -> list[dict[str, Any]] | None:
    """The features of a wire state when the engine takes every one of them, else None."""
    engine = UnleashEngine()
    try:
        features: list[dict[str, Any]] = json.loads(body)["features"]
        engine.take_state(body)
        known = {toggle.name for toggle in engine.list_known_toggles()}
        return features if known == {feature["name"] for feature in features} else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def is_split(feature: Mapping[str, Any]) -> bool:
    """Under rollout: enabled, and a percentage between 0 and 100 or several variants."""
    strategies = feature.get("strategies") or []
    rollouts = [strategy.get("parameters", {}).get("rollout", "100") for strategy in strategies]
    variants = [feature.get("variants"), *(strategy.get("variants") for strategy in strategies)]
    partly = any(str(rollout) not in ("0", "100") for rollout in rollouts)
    return bool(feature.get("enabled")) and (partly or any(variants))


def variants_of(feature: Mapping[str, Any]) -> set[str]:
    """Every answer that a shopper may get."""
    strategies = feature.get("strategies") or []
    named = [feature.get("variants"), *(strategy.get("variants") for strategy in strategies)]
    return {ON, OFF, *(str(variant["name"]) for variants in named for variant in variants or ())}


@dataclass
class _Running:
    client: UnleashClient
    state: LastGood


_running: _Running | None = None


def start(config: StorefrontConfig) -> None:
    """Begin polling in this process. With no FLAGS_URL or FLAGS_TOKEN every flag stays off."""
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
        request_timeout=REQUEST_TIMEOUT_SECONDS,
        request_retries=0,
        cache=state,
        multiple_instance_mode=InstanceAllowType.SILENTLY_ALLOW,
    )
    _quieten()
    _running = _Running(client, state)
    first = threading.Thread(target=_initialise, args=(client,), name="flags-start", daemon=True)
    first.start()
    first.join(START_WAIT_SECONDS)


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
    """Report what was counted and stop polling. Every flag is off afterwards."""
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


def seen() -> dict[str, str]:
    """Flags under rollout that this request has asked for, each with its variant ("on" and "off" too)."""
    return dict(g.get("flags_seen", {})) if has_request_context() else {}


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
        if name in _running.state.split:
            _remember(name, question, answers[question, name])
    return answers[question, name]


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
        "locale": shopper.locale,
        "country": shopper.country,
        "device": shopper.device,
    }
    return {
        "userId": shopper.visitor_id,
        "sessionId": shopper.session_id,
        "properties": {name: str(value) for name, value in properties.items() if value is not None},
    }


def _initialise(client: UnleashClient) -> None:
    try:
        client.initialize_client()
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
