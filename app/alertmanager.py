"""A thin client of Alertmanager's v2 API."""

from __future__ import annotations

from typing import Any

import httpx

from app.errors import Refused, Unavailable

NAME = "Alertmanager"


class Alertmanager:
    def __init__(self, url: str, timeout_seconds: float = 5.0) -> None:
        self.url = url
        self._http = httpx.Client(
            base_url=url,
            timeout=httpx.Timeout(timeout_seconds, connect=1.0),
            verify=url.startswith("https:"),  # reading all authorities takes 50 ms, and http needs none
        )

    def alerts(self) -> list[dict[str, Any]]:
        """Active alerts with `labels`, `annotations`, `startsAt`, `endsAt`, `fingerprint`, `status`."""
        found: list[dict[str, Any]] = self._json("GET", "/api/v2/alerts")
        return found

    def silences(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json("GET", "/api/v2/silences")
        return found

    def ready(self) -> bool:
        return self._send("GET", "/-/ready", timeout=1.0).status_code == 200

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Unavailable(f"Alertmanager does not answer at {self.url}", NAME) from error

    def _json(self, method: str, path: str, **more: Any) -> Any:
        response = self._send(method, path, **more)
        if response.status_code >= 500:
            raise Unavailable(f"Alertmanager answered {response.status_code}", NAME)
        if response.status_code >= 400:
            raise Refused(f"Alertmanager refuses: {response.text.strip()[:300]}")
        return response.json()
