"""The safe POST against real sockets: TLS by name at the checked address, and an end to everything."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.outbound import MOST_READ_BYTES, NotReached, post

HERE = (ip_network("127.0.0.0/8"),)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def to_here(host, port):
    return ["127.0.0.1"]


@contextmanager
def server(serve, context=None):
    """`serve(connection)` for each that connects; answers the port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def run():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) if context else connection as wire:
                    serve(wire)
            except OSError:
                continue  # the other side cut it

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def request_of(wire):
    """All of it: what is left unread when a socket is closed resets the connection."""
    read = b""
    while not read.endswith(b"{}"):
        read += wire.recv(65536) or b"{}"
    return read


def answers(raw):
    def serve(wire):
        request_of(wire)
        wire.sendall(raw)

    return serve


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """`certificate(name)` → a server's context whose certificate is trusted and is of that name."""

    def made(name):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem, private = tmp_path / "cert.pem", tmp_path / "key.pem"
        pem.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, private)
        return context

    return made


def test_tls_proves_the_name_at_the_address_that_was_checked(certificate):
    names = []
    context = certificate("hooks.example")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with server(answers(OK), context) as port:
        answer = post(f"https://hooks.example:{port}/", b"{}", {}, HERE, to_here)
        assert (answer.status, answer.body, names) == (200, b"ok", ["hooks.example"])
        with pytest.raises(NotReached, match="certificate is not trusted"):
            post(f"https://other.example:{port}/", b"{}", {}, HERE, to_here)


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate, monkeypatch):
    context = certificate("hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    with server(answers(OK), context) as port, pytest.raises(NotReached, match="not trusted"):
        post(f"https://hooks.example:{port}/", b"{}", {}, HERE, to_here)


def test_what_is_sent_is_one_plain_request_by_name(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    seen = []

    def serve(wire):
        seen.append(request_of(wire))
        wire.sendall(OK.replace(b"Content-Length", b"Set-Cookie: a=b\r\nContent-Length"))

    with server(serve) as port:
        for _ in range(2):
            post(f"http://hooks.example:{port}/a?b=c", b"{}", {"X-Ours": "1"}, HERE, to_here)
    head = seen[1].decode()
    assert head.startswith("POST /a?b=c HTTP/1.1\r\n")
    assert f"Host: hooks.example:{port}\r\n" in head
    assert "Cookie" not in head


def test_a_byte_now_and_then_holds_nobody():
    def drip(wire):
        request_of(wire)
        wire.sendall(b"HTTP/1.1 200 OK\r\n")
        pause = threading.Event()
        while not pause.wait(0.05):
            wire.sendall(b"X")

    with server(drip) as port, pytest.raises(NotReached, match=r"did not answer within 0\.5 s"):
        post(f"http://hooks.example:{port}/", b"{}", {}, HERE, to_here, total_seconds=0.5)


def test_a_handshake_that_never_ends_holds_nobody():
    forever = threading.Event()
    with server(lambda wire: forever.wait(5)) as port:
        with pytest.raises(NotReached):
            post(f"https://hooks.example:{port}/", b"{}", {}, HERE, to_here, total_seconds=0.5)
        forever.set()


@pytest.mark.parametrize(
    "raw", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 999999 x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500]
)
def test_what_is_no_answer_is_told_as_such(raw):
    with server(answers(raw)) as port, pytest.raises(NotReached):
        post(f"http://hooks.example:{port}/", b"{}", {}, HERE, to_here, total_seconds=2)


def test_of_an_endless_answer_the_beginning_is_read():
    def pour(wire):
        request_of(wire)
        wire.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            wire.sendall(b"x" * 65536)

    with server(pour) as port:
        answer = post(f"http://hooks.example:{port}/", b"{}", {}, HERE, to_here)
    assert len(answer.body) == MOST_READ_BYTES


def test_a_redirect_is_an_answer_and_nothing_more():
    inside = []
    with server(lambda wire: inside.append(wire.recv(65536))) as other:
        raw = f"HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n".encode()
        with server(answers(raw)) as port:
            assert post(f"http://hooks.example:{port}/", b"{}", {}, HERE, to_here).status == 307
    assert inside == []


def test_nobody_there_is_told_as_such():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotReached, match="refused the connection"):
        post(f"http://hooks.example:{port}/", b"{}", {}, HERE, to_here)
