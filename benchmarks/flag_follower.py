"""A process with the stock Python SDK that says on its output when each state of flags arrived.

    python benchmarks/flag_follower.py URL TOKEN streaming|polling [seconds between polls]

One JSON line for each: `at` (nanoseconds since 1970) and `flags` (name → "off", or the percentage of its
first strategy). Ends when its input is closed.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from UnleashClient.cache import BaseCache
from UnleashClient.clients.unleash_client import UnleashClient
from UnleashClient.constants import FEATURES_URL


class Telling(BaseCache):
    """Keeps what the SDK stores, and tells of each state."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def set(self, key: str, value: Any) -> None:
        self._values[key] = value
        if key == FEATURES_URL:
            at = time.time_ns()
            flags = {feature["name"]: share(feature) for feature in json.loads(value)["features"]}
            print(json.dumps({"at": at, "flags": flags}), flush=True)

    def mset(self, data: dict[str, Any]) -> None:
        self._values.update(data)

    def get(self, key: str, default: Any = None) -> Any:
        return self._values.get(key, default)

    def exists(self, key: str) -> bool:
        return key in self._values

    def destroy(self) -> None:
        """The process ends anyway."""


def share(feature: dict[str, Any]) -> str:
    strategies = feature.get("strategies") or [{}]
    return strategies[0].get("parameters", {}).get("rollout", "100") if feature["enabled"] else "off"


def main(url: str, token: str, mode: str, seconds: float = 1.0) -> None:
    client = UnleashClient(
        f"{url}/api",
        "follower",
        custom_headers={"Authorization": token},
        cache=Telling(),
        refresh_interval=int(seconds),
        experimental_mode={"type": "streaming" if mode == "streaming" else "polling"},
    )
    client.initialize_client()
    sys.stdin.read()
    client.destroy()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]) if len(sys.argv) > 4 else 1.0)
