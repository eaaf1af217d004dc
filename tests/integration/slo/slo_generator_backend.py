"""What slo-generator asks of a backend: good and bad events of a window, straight from Prometheus."""

from __future__ import annotations

from typing import Any

import httpx


class RawPrometheus:
    def __init__(self, client: Any = None, url: str = "") -> None:
        self.url = url

    def good_bad(self, timestamp: int, window: int, config: dict[str, Any]) -> tuple[float, float]:
        asked = config["spec"]["service_level_indicator"]
        good, total = (self._sum(asked[name], window, timestamp) for name in ("good", "total"))
        return good, total - good

    def _sum(self, selector: str, window: int, timestamp: int) -> float:
        query = f"sum(increase({selector}[{window}s]))"
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": query, "time": timestamp})
        return float(answer.json()["data"]["result"][0]["value"][1])
