"""The state of flags that was good last: in memory for the SDK, and in one file that all processes share."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from UnleashClient.cache import BaseCache
from UnleashClient.constants import ETAG, FEATURES_URL
from yggdrasil_engine.engine import UnleashEngine

from storefront import telemetry
from storefront.audience import Audience

log = logging.getLogger(__name__)

ON, OFF = "on", "off"
DRILL_PREFIX = "fault-"  # failures that an operator asked for; nobody compares who got them


class LastGood(BaseCache):
    """The SDK's cache: in memory, and the last good state in one file that all processes share.

    The file is replaced whole (write, sync, rename), so that a reader never sees half of it, and only by a
    state that the engine takes in full: rubbish from the control plane changes neither memory nor file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.names: frozenset[str] = frozenset()  # every flag that is known
        self.split: frozenset[str] = frozenset()  # flags that do not answer everybody the same
        self.drills: frozenset[str] = frozenset()  # failures that are on for somebody
        self.audience = Audience({"features": []}, ())
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
        self.names = frozenset(one["name"] for one in features)
        split = [one for one in features if is_split(one) and not is_drill(one)]
        for feature in split:
            telemetry.expect_variants(feature["name"], variants_of(feature))
        self.split = frozenset(feature["name"] for feature in split)
        self.drills = frozenset(one["name"] for one in features if is_drill(one) and one.get("enabled"))
        self.audience = Audience(json.loads(body), self.split)
        return True

    def set(self, key: str, value: Any) -> None:
        if key == FEATURES_URL:
            if self._keep(value) and self.path is not None:
                _replace(self.path, value)
        elif key != ETAG:
            self._values[key] = value
        elif not self._rejected:  # the ETag of a rejected state would turn the next poll into a 304
            self._values[key] = value
            self.confirm()

    @property
    def body(self) -> str | None:
        """The whole state as on the wire."""
        found: str | None = self._values.get(FEATURES_URL)
        return found

    @property
    def was_rejected(self) -> bool:
        """Whether what came last was no state that the engine takes."""
        return self._rejected

    def forget_etag(self) -> None:
        """The next poll brings everything: what is held is not what the ETag stands for."""
        self._values[ETAG] = ""

    def confirm(self) -> None:
        """The state is current: an answer of the server came, 200 or 304, or its stream is alive."""
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


def is_drill(feature: Mapping[str, Any]) -> bool:
    return str(feature["name"]).startswith(DRILL_PREFIX)


def is_split(feature: Mapping[str, Any]) -> bool:
    """Under rollout: enabled, and a percentage between 0 and 100 or several variants."""
    strategies = feature.get("strategies") or []
    rollouts = [strategy.get("parameters", {}).get("rollout", "100") for strategy in strategies]
    variants = [feature.get("variants"), *(strategy.get("variants") for strategy in strategies)]
    partly = any(str(rollout) not in ("0", "100") for rollout in rollouts)
    several = any(found is not None and len(found) > 1 for found in variants)
    return bool(feature.get("enabled")) and (partly or several)


def variants_of(feature: Mapping[str, Any]) -> set[str]:
    """Every answer that a shopper may get."""
    strategies = feature.get("strategies") or []
    named = [feature.get("variants"), *(strategy.get("variants") for strategy in strategies)]
    return {ON, OFF, *(str(variant["name"]) for variants in named for variant in variants or ())}
