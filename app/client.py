"""A thin client of the API of Backroom: httpx and the standard library, this one file, free to copy.

    with Backroom("https://backroom.example", token="backroom_…") as api:
        for flag in api.pages("flags", "flags"):
            print(flag["name"])
        api.post("flags", {"name": "new-cart"})
        api.edit("flags/new-cart", lambda flag: {"owner": "ada@example.org"})

Reads, and creates with their Idempotency-Key, are tried again with jitter where the server is away or asks to
wait. `edit` reads, changes and writes with If-Match, and again where somebody else was faster.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

import httpx

Json = dict[str, Any]
TRIES = 4
LONGEST_WAIT_SECONDS = 60.0
WORTH_ANOTHER_TRY = (429, 502, 503, 504)
RENEWED_BEFORE_SECONDS = 30.0


class Problem(Exception):
    """What the server refused (RFC 9457). `kind`: the end of its type; `fields`: what is wrong where."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str]) -> None:
        super().__init__(body.get("detail") or body.get("title") or f"the server answered {status}")
        self.status, self.body, self.headers = status, body, headers
        self.kind = str(body.get("type", "")).rpartition("/")[2]
        self.fields: dict[str, str] = {one["field"]: one["detail"] for one in body.get("errors", ())}


class Backroom:
    """One server, for one person or machine. Not for several threads at once."""

    def __init__(  # nosec B107 # empty until given
        self,
        url: str,
        token: str = "",
        *,
        refresh_token: str = "",
        on_renewal: Callable[[str], None] | None = None,
        timeout_seconds: float = 20.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`token`: of a machine; or `refresh_token` of a person, whose next one `on_renewal` is told."""
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/", timeout=timeout_seconds, transport=transport
        )
        self._token, self._refresh_token, self._renew_at = token, refresh_token, float("inf")
        self._on_renewal = on_renewal
        if refresh_token:
            self._renew_at = 0.0

    def __enter__(self) -> Backroom:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def sign_in(self, email: str, password: str, code: str = "") -> None:
        """As a person; from here on access tokens are renewed by themselves."""
        wanted = {"email": email, "password": password} | ({"code": code} if code else {})
        self._take(_checked(self._http.post("api/v1/auth/tokens", json=wanted)).json())

    def sign_out(self) -> None:
        self.delete("auth/tokens")
        self._token, self._refresh_token, self._renew_at = "", "", float("inf")

    def get(self, path: str, **query: Any) -> Any:
        return _read(self.request("GET", path, query=query))

    def post(self, path: str, body: object = None, *, key: str = "") -> Any:
        """`key`: for who may send the same again after a crash; made here where none is given."""
        return _read(self.request("POST", path, body, key=key or str(uuid.uuid4())))

    def put(self, path: str, body: object, *, etag: str = "") -> Any:
        return _read(self.request("PUT", path, body, etag=etag))

    def patch(self, path: str, body: object, *, etag: str = "") -> Any:
        return _read(self.request("PATCH", path, body, etag=etag))

    def delete(self, path: str, *, etag: str = "") -> None:
        self.request("DELETE", path, etag=etag)

    def pages(self, path: str, name: str, **query: Any) -> Iterator[Any]:
        """Every row of a list, however many pages it has; `name`: of the rows in the answer."""
        while True:
            page = self.get(path, **query)
            yield from page[name]
            if not page.get("next_cursor"):
                return
            query["cursor"] = page["next_cursor"]

    def edit(
        self, path: str, change: Callable[[Any], object], *, tries: int = 3, method: str = "PATCH"
    ) -> Any:
        """Writes `change(what is there)`; reads and makes it anew where it was changed meanwhile."""
        for nth in range(tries):
            answer = self.request("GET", path)
            try:
                changed = change(answer.json())
                return _read(self.request(method, path, changed, etag=answer.headers["ETag"]))
            except Problem as problem:
                if problem.status != 412 or nth == tries - 1:
                    raise
        raise ValueError("tries must be 1 or more")

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Json | None = None,
        etag: str = "",
        key: str = "",
    ) -> httpx.Response:
        """Raises `Problem`, or httpx.TransportError where nobody answers."""
        headers = {"If-Match": etag} if etag else {}
        if key:
            headers["Idempotency-Key"] = key
        may_be_repeated = method in ("GET", "HEAD") or bool(key) or (bool(etag) and method == "PUT")
        for nth in range(TRIES if may_be_repeated else 1):
            try:
                answer = self._send(method, path, body, query, headers)
            except httpx.TransportError:
                if nth == TRIES - 1 or not may_be_repeated:
                    raise
                time.sleep(_pause_seconds(nth, ""))
                continue
            is_under_way = answer.status_code == 409 and bool(key) and "Retry-After" in answer.headers
            if (
                nth < TRIES - 1
                and may_be_repeated
                and (answer.status_code in WORTH_ANOTHER_TRY or is_under_way)
            ):
                time.sleep(_pause_seconds(nth, answer.headers.get("Retry-After", "")))
                continue
            return _checked(answer)
        return _checked(answer)

    def _send(
        self, method: str, path: str, body: object, query: Json | None, headers: Json
    ) -> httpx.Response:
        if self._refresh_token and time.monotonic() >= self._renew_at:
            sent = {"refresh_token": self._refresh_token}
            self._take(_checked(self._http.post("api/v1/auth/refresh", json=sent)).json())
        bearer = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        where = (
            path.lstrip("/") if path.startswith(("/api/", "/.well-known/")) else f"api/v1/{path.lstrip('/')}"
        )
        return self._http.request(
            method, where, params=query or None, headers={**bearer, **headers}, json=body
        )

    def _take(self, pair: Json) -> None:
        self._token, self._refresh_token = pair["access_token"], pair["refresh_token"]
        self._renew_at = time.monotonic() + pair["expires_in"] - RENEWED_BEFORE_SECONDS
        if self._on_renewal:
            self._on_renewal(self._refresh_token)


def _read(answer: httpx.Response) -> Any:
    """JSON as what it says, all else as text; None where there is nothing."""
    if not answer.content:
        return None
    return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer.text


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.status_code < 400:
        return answer
    try:
        body = answer.json()
    except ValueError:
        body = {}
    raise Problem(answer.status_code, body if isinstance(body, dict) else {}, answer.headers)


def _pause_seconds(nth: int, retry_after: str) -> float:
    """As long as the server asks for; else longer each time, and never for all clients the same."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), LONGEST_WAIT_SECONDS) + random.random()  # noqa: S311 # nosec B311 # spreads clients
    return float(0.2 * 2**nth * (0.5 + random.random()))  # noqa: S311 # nosec B311
