"""A thin client of Alertmanager's v2 API."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import httpx
from flask_babel import lazy_gettext as _l

from app import logs
from app.errors import NotFound, Refused, Unavailable

NAME = "Alertmanager"
REQUESTS = re.compile(
    r'^alertmanager_notification_requests_(failed_)?total\{[^}]*integration="([^"]+)"[^}]*\} (\S+)$',
    re.MULTILINE,
)


class Alertmanager:
    name = NAME

    def __init__(self, url: str, timeout_seconds: float = 5.0) -> None:
        self.url = url
        self._http = httpx.Client(
            event_hooks={"request": [logs.carry]},
            base_url=url,
            timeout=httpx.Timeout(timeout_seconds, connect=1.0),
            verify=url.startswith("https:"),  # reading all authorities takes 50 ms, and http needs none
        )

    def alerts(self) -> list[dict[str, Any]]:
        """Active alerts with `labels`, `annotations`, `startsAt`, `endsAt`, `fingerprint`, `status`."""
        found: list[dict[str, Any]] = self._json("GET", "/api/v2/alerts")
        return found

    def post_alerts(self, alerts: list[dict[str, Any]]) -> None:
        """Make or end alerts; the same labels are the same alert, however often it is sent."""
        self._checked("POST", "/api/v2/alerts", json=alerts)

    def silences(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json("GET", "/api/v2/silences")
        return found

    def silence(self, silence_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._json("GET", f"/api/v2/silence/{quote(silence_id, safe='')}")
        return found

    def save_silence(self, silence: dict[str, Any]) -> str:
        """The id of the silence; a changed one may get a new id."""
        return str(self._json("POST", "/api/v2/silences", json=silence)["silenceID"])

    def expire_silence(self, silence_id: str) -> None:
        self._checked("DELETE", f"/api/v2/silence/{quote(silence_id, safe='')}")

    def status(self) -> dict[str, Any]:
        """`versionInfo`, and `config` as loaded, with secrets left out."""
        found: dict[str, Any] = self._json("GET", "/api/v2/status")
        return found

    def reload(self) -> None:
        """Have Alertmanager read its file again. It keeps what it has where the new does not load."""
        response = self._send("POST", "/-/reload")
        if response.status_code >= 400:
            raise Refused(f"Alertmanager kept its old configuration: {response.text.strip()[:300]}")

    def notification_requests(self) -> dict[str, tuple[int, int]]:
        """Requests to outside services so far, and how many failed, by kind of service."""
        counts: dict[str, tuple[int, int]] = {}
        for name, kind, value in REQUESTS.findall(self._checked("GET", "/metrics").text):
            total, failed = counts.get(kind, (0, 0))
            number = int(float(value))
            counts[kind] = (total, failed + number) if name else (total + number, failed)
        return counts

    def ready(self) -> bool:
        return self._send("GET", "/-/ready", timeout=1.0).status_code == 200

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Unavailable(f"Alertmanager does not answer at {self.url}", NAME) from error

    def _json(self, method: str, path: str, **more: Any) -> Any:
        return self._checked(method, path, **more).json()

    def _checked(self, method: str, path: str, **more: Any) -> httpx.Response:
        response = self._send(method, path, **more)
        if response.status_code >= 500:
            raise Unavailable(f"Alertmanager answered {response.status_code}", NAME)
        if response.status_code == 404:
            raise NotFound(_l("Alertmanager knows no such silence."))
        if response.status_code >= 400:
            raise Refused(f"Alertmanager refuses: {response.text.strip()[:300]}")
        return response
