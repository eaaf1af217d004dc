"""Under gunicorn as it runs in earnest: one worker, sixteen threads, and three times as many who are slow."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, suppress

import httpx
import pytest

from storefront.security import HEADERS
from tests.shop_workers import shop_served

MANY = 50
LINE = b"POST /en/cart/add HTTP/1.1\r\nHost: shop\r\nContent-Type: application/x-www-form-urlencoded\r\n"
SLOW = {
    "nothing": b"",
    "half a head": b"GET /en/ HTTP/1.1\r\nHost: shop\r\nX-Long: ",
    "half a body": LINE + b"Content-Length: 5000\r\n\r\nvariant_id=",
    "a huge body": LINE + b"Content-Length: 1000000000\r\n\r\nvariant_id=",
    "a second request": b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\nGET /healthz HT",
    "no farewell": b"GET /healthz HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n",
}


NO_REQUESTS = {
    400: b"<evil>\r\n\r\n",
    414: b"GET /" + b"evil" * 3_000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n",
    431: b"GET / HTTP/1.1\r\nX-Evil: " + b"evil" * 3_000 + b"\r\n\r\n",
    411: LINE + b"Transfer-Encoding: chunked\r\n\r\n",
}


@pytest.fixture
def url(shop_config, tmp_path) -> Iterator[str]:
    with shop_served(shop_config, tmp_path, 1) as found:
        yield found


def address_of(url: str) -> tuple[str, int]:
    parts = httpx.URL(url)
    return parts.host, parts.port or 80


def answer_to(where: tuple[str, int], request: bytes) -> bytes:
    with closing(socket.create_connection(where, timeout=10)) as client:
        client.sendall(request)
        received = b""
        with suppress(ConnectionResetError):
            while piece := client.recv(65_536):
                received += piece
        return received


def test_a_page_does_not_wait_for_those_who_are_slow(url):
    for kind, sent in SLOW.items():
        clients = [socket.create_connection(address_of(url), timeout=10) for _ in range(MANY)]
        for client in clients:
            client.sendall(sent)
        # With gunicorn's own workers each kind keeps all others waiting for five seconds and more.
        answer = httpx.get(f"{url}/healthz", timeout=4)
        assert answer.status_code == 200, kind
        for client in clients:
            client.close()


def test_a_request_is_read_in_one_way(url):
    where = address_of(url)
    assert answer_to(where, SLOW["a huge body"]).startswith(b"HTTP/1.1 413 ")
    chunked = LINE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello"
    assert answer_to(where, chunked).startswith(b"HTTP/1.1 411 ")
    assert answer_to(where, b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000).startswith(b"HTTP/1.1 431 ")
    for status, sent in NO_REQUESTS.items():
        is_refused_plainly(answer_to(where, sent), status)
    for header in ("SCRIPT_NAME", "PATH_INFO"):
        assert names_the_page(answer_to(where, asking(f"{header}: /elsewhere")))
    encrypted = answer_to(where, asking("X-Forwarded-Proto: https"))
    assert b"alive" in encrypted
    assert b"Strict-Transport-Security" not in encrypted
    come_in_pieces(where)


def is_refused_plainly(answer: bytes, status: int) -> None:
    """A page of the shop's own with the headers of all others, which repeats nothing of what was sent."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    for name, value in HEADERS.items():
        assert f"\r\n{name}: {value}".encode() in head
    assert b"Hearth &amp; Ladle" in body
    assert b"evil" not in answer


def come_in_pieces(where: tuple[str, int]) -> None:
    """A form by and by, after asking whether it may come; then two requests at once."""
    body = b'{"lcp": 1.5}'
    head = b"POST /vitals HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
    with closing(socket.create_connection(where, timeout=10)) as client:
        for piece in (head[:30], head[30:], b"Content-Length: 12\r\nExpect: 100-continue\r\n\r\n"):
            client.sendall(piece)
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body[:5])
        client.sendall(body[5:])
        assert b"HTTP/1.1 204 " in read_until(client, b"HTTP/1.1 204 ", 1)
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n" * 2)
        assert read_until(client, b"HTTP/1.1 200 ", 2)


def read_until(client: socket.socket, wanted: bytes, times: int) -> bytes:
    received = b""
    while received.count(wanted) < times:
        piece = client.recv(65_536)
        assert piece, "the connection was closed"
        received += piece
    return received


def asking(header: str) -> bytes:
    return f"GET /healthz HTTP/1.1\r\nHost: shop\r\n{header}\r\nConnection: close\r\n\r\n".encode()


def names_the_page(answer: bytes) -> bool:
    """The one that was asked for; a server may as well refuse such a header."""
    return b"alive" in answer or answer.startswith(b"HTTP/1.1 400 ")
