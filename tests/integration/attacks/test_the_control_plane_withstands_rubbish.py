"""Under gunicorn as it runs in earnest: what is no request, headers of strangers, and many who are slow."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import httpx
import pytest

from app.security import HEADERS
from tests.gunicorn import workers

MANY = 200
FORM = b"POST /accounts/sign-in HTTP/1.1\r\nHost: c\r\nContent-Type: application/x-www-form-urlencoded\r\n"
SLOW = {
    "half a head": b"GET /accounts/sign-in HTTP/1.1\r\nHost: c\r\nX-Long: ",
    "half a body": FORM + b"Content-Length: 5000\r\n\r\nemail=",
}
NO_REQUESTS = {
    400: b"<evil>\r\n\r\n",
    414: b"GET /" + b"evil" * 3_000 + b" HTTP/1.1\r\nHost: c\r\n\r\n",
    431: b"GET / HTTP/1.1\r\nX-Evil: " + b"evil" * 3_000 + b"\r\n\r\n",
}


@pytest.fixture
def where(control_config, tmp_path) -> Iterator[tuple[str, int]]:
    with workers(control_config, tmp_path / "log") as (url, _):
        parts = httpx.URL(url)
        yield parts.host, parts.port or 80


def answer_to(where: tuple[str, int], request: bytes) -> bytes:
    with closing(socket.create_connection(where, timeout=10)) as client:
        client.sendall(request)
        received = b""
        while piece := client.recv(65_536):
            received += piece
        return received


def is_refused_plainly(answer: bytes, status: int) -> None:
    """A page of the house's own with the headers of all others, which repeats nothing of what was sent."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    for name, value in HEADERS.items():
        assert f"\r\n{name}: {value}".encode() in head
    assert b"Backroom" in body
    assert b"evil" not in answer


def test_what_is_no_request_and_whoever_is_slow_are_dealt_with_before_any_page(where):
    for status, sent in NO_REQUESTS.items():
        is_refused_plainly(answer_to(where, sent), status)
    for header in ("SCRIPT_NAME: /elsewhere", "PATH_INFO: /elsewhere", "X-Forwarded-Proto: https"):
        answer = answer_to(where, asking(header))
        assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ")), header
        assert b"Strict-Transport-Security" not in answer
    for kind, sent in SLOW.items():
        with ExitStack() as held:
            for _ in range(MANY):
                held.enter_context(closing(socket.create_connection(where, timeout=10))).sendall(sent)
            page = httpx.get(f"http://{where[0]}:{where[1]}/accounts/sign-in", timeout=30)
            assert page.status_code == 200, kind


def asking(header: str) -> bytes:
    return f"GET /healthz HTTP/1.1\r\nHost: c\r\n{header}\r\nConnection: close\r\n\r\n".encode()
