"""The gateway interface over HTTP to the sandbox gateway (sandbox.py)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from storefront import logs
from storefront.payments.cards import Card
from storefront.payments.gateway import Answer, NoAnswer, State, Unreachable

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.5


class SandboxGateway:
    def __init__(self, url: str, secret: str) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {secret}"},
            event_hooks={"request": [logs.carry]},
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
            trust_env=False,
        )

    def authorise(self, key: str, amount_cents: int, currency: str, card: Card) -> Answer:
        return self._ask(
            "POST",
            key,
            "/authorise",
            {
                "amount_cents": amount_cents,
                "currency": currency,
                "card_number": card.number,
                "expiry": f"{card.expiry_year:04}-{card.expiry_month:02}",
                "cvc": card.cvc,
            },
        )

    def capture(self, key: str, amount_cents: int) -> Answer:
        return self._ask("POST", key, "/capture", {"amount_cents": amount_cents})

    def look_up(self, key: str) -> Answer:
        return self._ask("GET", key)

    def void(self, key: str) -> Answer:
        return self._ask("POST", key, "/void", {})

    def refund(self, key: str, amount_cents: int) -> Answer:
        return self._ask("POST", key, "/refund", {"amount_cents": amount_cents})

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, key: str, action: str = "", body: dict[str, Any] | None = None) -> Answer:
        try:
            response = self._send(method, f"/v1/payments/{quote(key, safe='')}{action}", body)
            response.raise_for_status()
            told = response.json()
            return Answer(
                State(told["state"]), told["reference"], told["amount_cents"], told.get("reason") or ""
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable(type(error).__name__) from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            # The type alone: a message could quote the request.
            raise NoAnswer(type(error).__name__) from error

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        """A connection that broke, such as one closed while idle: the key makes it safe to ask anew."""
        try:
            return self._http.request(method, path, json=body)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return self._http.request(method, path, json=body)
