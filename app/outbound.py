"""Calls to addresses that people typed in: never to our own network, never anywhere but where we looked.

The address is read strictly, its name is looked up once, and the call is refused when *any* of the
addresses found is not a public one. The connection then goes to one of those very addresses (a second
look-up could be answered differently), while TLS still proves the name. Redirects are answers like any
other, proxies of the environment are not asked, cookies are not kept, and all of it has an end: 3 s to
connect, 10 s in all, 64 kB of the answer.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
MOST_READ_BYTES = 64 * 1024
LONGEST_URL = 2_000
PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")  # how a number may look to inet_aton: 127, 0177, 0x7f

# Public IPv6 begins with 001; of that, what carries other addresses or is set apart is left out.
PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC: tuple[Network, ...] = (
    ipaddress.IPv6Network("2001::/23"),  # Teredo, ORCHID and other protocols
    ipaddress.IPv6Network("2001:db8::/32"),  # documentation
    ipaddress.IPv6Network("2002::/16"),  # 6to4: holds an IPv4 address
    ipaddress.IPv6Network("3fff::/20"),  # documentation
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments
)


class NotReached(Exception):
    """No answer came. The message says why, in words for the log of deliveries."""


class NotAllowed(NotReached):
    """The name led to an address that is not called. It may lead elsewhere the next time."""


@dataclass(frozen=True)
class Target:
    """An address that may be called, with where its name led."""

    url: str
    scheme: str
    host: str  # as written, without brackets
    port: int
    path: str  # with its query
    address: str  # the IP address that is called


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes  # the first 64 kB
    seconds: float


def look_up(host: str, port: int) -> list[str]:
    """Every address of a name. Raises `NotReached`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise NotReached(f"{host} has no address ({error.__class__.__name__})") from error
    return [str(sockaddr[0]) for *_, sockaddr in found]


def is_public(address: Address) -> bool:
    """Whether it lies outside of every private, local, shared, reserved or multicast network."""
    if isinstance(address, ipaddress.IPv6Address) and address not in PUBLIC_6:
        return False  # also ::ffff:127.0.0.1, 64:ff9b::7f00:1, fe80::1 and ::1
    if any(address in network for network in NOT_PUBLIC if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def parse(url: str) -> SplitResult:
    """The parts of an address that can be called at all. Raises `ValueError` with the reason.

    Numbers that only some programs read as an IP address (2130706433, 0177.1, 0x7f000001) are no names.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or set(url) & set(' \\<>"{}|^`'):
        raise ValueError("characters that an address cannot hold; write a name in other letters as xn--…")
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not url.lower().startswith(f"{parts.scheme}://"):
        raise ValueError("it does not begin with https://")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ValueError("it holds a user name")
    if parts.fragment or not (parts.port is None or parts.port):
        raise ValueError("it holds a fragment or no port")
    if not _is_host(parts):
        raise ValueError("its host is neither a name nor an IP address in its usual form")
    return parts


def _is_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        return "%" not in host and _ip(host) is not None
    labels = host.removesuffix(".").split(".")
    if NUMBER.fullmatch(labels[-1]):
        return isinstance(_ip(host), ipaddress.IPv4Address)
    return len(host) <= 253 and all(LABEL.fullmatch(label) for label in labels)


def _ip(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def aim(url: str, allowed: Sequence[Network] = (), resolve: Resolve = look_up) -> Target:
    """Look a name up, once, and refuse it when any of its addresses is not public. `allowed`: called still.

    Without TLS only what is `allowed` is called. Raises `NotReached`, and `NotAllowed` for what is refused.
    """
    try:
        parts = parse(url)
        port = parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise NotAllowed(f"The address cannot be called: {error}.") from error
    host = str(parts.hostname)
    found = [host] if _ip(host) is not None else list(resolve(host, port))
    for text in found:
        _check(text, parts.scheme, allowed)
    if not found:
        raise NotReached(f"{host} has no address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(url, parts.scheme, host, port, path, found[0])


def _check(text: str, scheme: str, allowed: Sequence[Network]) -> None:
    address = _ip(text.partition("%")[0])
    if address is not None and any(
        address in network for network in allowed if network.version == address.version
    ):
        return
    if address is None or not is_public(address):
        raise NotAllowed("The name leads into a private or reserved network, which is not called.")
    if scheme != "https":
        raise NotAllowed("Only https:// is called.")


def check_typed(url: str, allowed: Sequence[Network], field: str, resolve: Resolve = look_up) -> str:
    """The address as it is kept. Raises `Refused` beside its field."""
    url = url.strip()
    try:
        return aim(url, allowed, resolve).url
    except NotAllowed as error:
        words = _l("This address cannot be called: give a public https:// address.")
        raise Refused(words, {field: words}) from error
    except NotReached as error:
        words = _l("Nobody knows this name. Check how it is written.")
        raise Refused(words, {field: words}) from error


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    allowed: Sequence[Network] = (),
    resolve: Resolve = look_up,
    total_seconds: float = TOTAL_SECONDS,
) -> Answer:
    """POST once. Any status is an answer, a redirect too. Raises `NotReached` where none came in time."""
    ends_at = time.monotonic() + total_seconds
    target = aim(url, allowed, resolve)
    with _Watched(target, ends_at) as watched:
        late = f"{target.host} did not answer within {total_seconds:g} s"
        try:
            answer = watched.exchange(body, headers, ends_at - total_seconds)
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = late if watched.is_over else f"{target.host}: {_reason(error)}"
            raise NotReached(why) from error
        if watched.is_over:
            raise NotReached(late)  # what was cut can look like the end of an answer
        return answer


class _Watched:
    """One connection with an end: timeouts of a socket are per read, and a byte a second would hold it."""

    def __init__(self, target: Target, ends_at: float) -> None:
        self.target, self.is_over = target, False
        left = max(0.1, ends_at - time.monotonic())
        try:
            self._wire = socket.create_connection(
                (target.address, target.port), timeout=min(CONNECT_SECONDS, left)
            )
        except OSError as error:
            raise NotReached(f"No connection to {target.host}: {_reason(error)}") from error
        self._wire.settimeout(left)
        self._timer = threading.Timer(max(0.0, ends_at - time.monotonic()), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Watched:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._wire.close()

    def _cut(self) -> None:
        self.is_over = True
        with suppress(OSError):  # it had ended by itself
            self._wire.shutdown(socket.SHUT_RDWR)

    def exchange(self, body: bytes, headers: Mapping[str, str], started: float) -> Answer:
        self._secure()
        connection = http.client.HTTPConnection(self.target.host, self.target.port)
        connection.sock = self._wire
        named = {"Host": _host(self.target), **headers, "Connection": "close"}
        connection.request("POST", self.target.path, body, named)
        answer = connection.getresponse()
        read = answer.read(MOST_READ_BYTES)
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, read, time.monotonic() - started)

    def _secure(self) -> None:
        """The handshake comes after the wrapping, so that it can be cut too."""
        if self.target.scheme == "https":
            wrapped = ssl.create_default_context().wrap_socket(
                self._wire, server_hostname=self.target.host, do_handshake_on_connect=False
            )
            self._wire = wrapped
            wrapped.do_handshake()


def _host(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == PORTS[target.scheme] else f"{host}:{target.port}"


def _reason(error: Exception) -> str:
    """Short, and without what a stranger's server put into it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "it refused the connection"
    return error.__class__.__name__
