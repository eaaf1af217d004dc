"""Flags over the wire: ours beside another server of Unleash's protocol, in alternating runs.

    python -m benchmarks.flags

starts a house of its own with two workers, fills it with flags, and measures what SDKs ask for: the whole
state plain and zipped, a poll that learns nothing, a report; by processor time of the server (µs a request,
from /proc) and by requests a second over one and over sixteen connections. Then how long a change takes from
the page to SDKs that stream. Another server is measured beside ours where the environment names one:

    OTHER_FLAGS_URL      its API, such as http://127.0.0.1:4242/api
    OTHER_FLAGS_TOKEN    a client token for its environment development
    OTHER_FLAGS_ADMIN    a token that may create flags through its admin API
    OTHER_FLAGS_PIDS     its processes, separated by commas, whose processor time counts
    OTHER_FLAGS_MOST     the most requests that it takes in one of the runs (Unleash limits them by minute)
"""

from __future__ import annotations

import gzip
import json
import math
import os
import socket
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks import flag_propagation
from benchmarks.memory import family
from benchmarks.overview_page import signed_in

SIZES = (100, 1_000)
CASES = ("200", "200 gzip", "304", "POST metrics")
CONNECTIONS = (1, 16)
ROUNDS = 3
SECONDS = 1.5  # of each round of each case
TARGETS = {"200": 1.0, "200 gzip": 2.0, "304": 1.0, "POST metrics": 1.0}  # times as cheap as the other
PREFIX = "bench-"


@dataclass(frozen=True)
class Server:
    name: str
    url: str  # ends in /api
    token: str
    processes: tuple[int, ...]
    most_requests: int | None = None  # in one run

    def cpu_us(self) -> float:
        return sum(_cpu_us(process) for process in self.processes)


@dataclass(frozen=True)
class Figure:
    cpu_us: float  # a request
    rate: float  # requests a second


Found = Mapping[tuple[str, str, int], Sequence[Figure]]  # by server, case and connections


def _cpu_us(process: int) -> float:
    """Of all its threads, as the scheduler of the kernel counts it, in nanoseconds."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1_000


def strategy() -> dict[str, object]:
    """What every flag has, on both servers."""
    values = ["DE", "AT", "CH", "FR", "NL"]
    constraint = {"contextName": "country", "operator": "IN", "values": values, "inverted": False}
    parameters = {"rollout": "50", "stickiness": "default", "groupId": "bench"}
    return {
        "name": "flexibleRollout",
        "parameters": parameters,
        "constraints": [{**constraint, "caseInsensitive": False}],
        "variants": [],
        "segments": [],
    }


def fill_ours(settings: Mapping[str, str], first: int, last: int) -> None:
    from app.db import connect
    from app.flags import commands
    from app.flags.flag import checked_details

    details = checked_details("release", "A flag to measure with.", "")
    stored = strategy() | {"segments": None}
    with connect(settings["CONTROL_DATABASE_URL"]).begin() as session:
        for number in range(first, last):
            name, now = f"{PREFIX}{number}", datetime.now(UTC)
            commands.create(session, name, details, now, "bench")
            commands.set_targeting(session, name, "production", [stored], [], now, "bench")
            commands.set_enabled(session, name, "production", True, now, "bench")


def fill_other(server: Server, admin: str, first: int, last: int) -> None:
    """By the admin API that Unleash documents."""
    base = f"{server.url}/admin/projects/default/features"
    with httpx.Client(headers={"Authorization": admin}, timeout=30) as client:
        for number in range(first, last):
            name = f"{PREFIX}{number}"
            flag = {"name": name, "type": "release", "description": "A flag to measure with."}
            client.post(base, json=flag).raise_for_status()
            place = f"{base}/{name}/environments/development"
            client.post(f"{place}/strategies", json=strategy()).raise_for_status()
            client.post(f"{place}/on").raise_for_status()


class Caller:
    """Kept connections that send one finished request again and again."""

    def __init__(self, server: Server, connections: int) -> None:
        where = urlsplit(server.url)
        self._sockets = [
            socket.create_connection((where.hostname, where.port), timeout=10) for _ in range(connections)
        ]

    def call(self, request: bytes) -> tuple[bytes, bytes]:
        """Once over each connection, all under way together; head and body of the last answer."""
        for one in self._sockets:
            one.sendall(request)
        for one in self._sockets:
            head, body = _answer(one)
        return head, body

    def close(self) -> None:
        for one in self._sockets:
            one.close()


def _answer(connection: socket.socket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    lowered = head.lower()
    if b"transfer-encoding: chunked" in lowered:
        while not body.endswith(b"0\r\n\r\n"):
            body += connection.recv(1 << 20)
        return head, body
    length = int(lowered.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
    chunks, missing = [body], length - len(body)
    while missing > 0:
        chunks.append(connection.recv(1 << 20))
        missing -= len(chunks[-1])
    return head, b"".join(chunks)


def request(server: Server, case: str, etag: str = "") -> bytes:
    where = urlsplit(server.url)
    lines = [
        f"{'POST' if case == 'POST metrics' else 'GET'} {where.path}{_path(case)} HTTP/1.1",
        f"Host: {where.netloc}",
        f"Authorization: {server.token}",
        "Unleash-Client-Spec: 5.2.0",
        "unleash-appname: bench",
        "unleash-instanceid: bench",
        "unleash-connection-id: 6f1ed002-ab59-4710-b1ce-1a6b8b2c3d4e",
        "unleash-sdk: unleash-node-sdk:6.12.1",
        "unleash-interval: 15000",
    ]
    body = b""
    if case == "POST metrics":
        body = json.dumps(_report()).encode()
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if case == "200 gzip":
        lines.append("Accept-Encoding: gzip")
    if case == "304":
        lines.append(f"If-None-Match: {etag}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _path(case: str) -> str:
    return "/client/metrics" if case == "POST metrics" else "/client/features"


def _report() -> dict[str, object]:
    now = datetime.now(UTC).isoformat()
    toggles = {f"{PREFIX}{n}": {"yes": 5, "no": 3, "variants": {}} for n in range(10)}
    bucket = {"start": now, "stop": now, "toggles": toggles}
    return {"appName": "bench", "instanceId": "bench", "bucket": bucket}


def measure(server: Server, case: str, connections: int) -> Figure:
    caller = Caller(server, connections)
    head, _ = caller.call(request(server, "200"))
    etag = next(
        (line[5:].strip() for line in head.decode().split("\r\n") if line.lower().startswith("etag:")), ""
    )
    sent = request(server, case, etag)
    head, body = caller.call(sent)
    _check(case, head, body)
    times, before, began = 0, server.cpu_us(), time.perf_counter()
    most = server.most_requests or math.inf
    while time.perf_counter() - began < SECONDS and times < most:
        caller.call(sent)
        times += connections
    took = time.perf_counter() - began
    used = server.cpu_us() - before
    caller.close()
    return Figure(used / times, times / took)


def _etag(head: bytes) -> str:
    lines = head.decode().split("\r\n")
    return next((line[5:].strip() for line in lines if line.lower().startswith("etag:")), "")


def _check(case: str, head: bytes, body: bytes) -> None:
    status = head.split(b" ", 2)[1].decode()
    expected = {"304": "304", "POST metrics": "202"}.get(case, "200")
    if status != expected:
        raise SystemExit(f"{case}: the answer was {status}: {body[:200]!r}")
    if case == "200 gzip" and b"chunked" not in head.lower():
        gzip.decompress(body)


def compare(servers: Sequence[Server]) -> Found:
    """By server, case and connections. The servers take turns, so that the machine's moods fall on all."""
    found: dict[tuple[str, str, int], list[Figure]] = {}
    for _ in range(ROUNDS):
        for case in CASES:
            for connections in CONNECTIONS:
                for server in servers:
                    figure = measure(server, case, connections)
                    found.setdefault((server.name, case, connections), []).append(figure)
    return found


def report(flags: int, servers: Sequence[Server], found: Found) -> list[str]:
    lines = [
        f"{flags:,} flags",
        f"{'':<16}{'server':<8}{'µs CPU c1':>11}{'c16':>8}{'req/s c1':>11}{'c16':>8}",
    ]
    for case in CASES:
        costs = {}
        for server in servers:
            one, many = (found[server.name, case, n] for n in CONNECTIONS)
            cpu = [statistics.median(figure.cpu_us for figure in figures) for figures in (one, many)]
            rate = [statistics.median(figure.rate for figure in figures) for figures in (one, many)]
            costs[server.name] = cpu
            lines.append(
                f"{case:<16}{server.name:<8}{cpu[0]:>11.0f}{cpu[1]:>8.0f}{rate[0]:>11,.0f}{rate[1]:>8,.0f}"
            )
        if len(servers) == 2:
            ratios = [other / ours for ours, other in zip(*costs.values(), strict=True)]
            verdict = "reached" if min(ratios) >= TARGETS[case] else "missed"
            lines.append(
                f"{'':<16}ours is {ratios[0]:.1f} and {ratios[1]:.1f} times as cheap; "
                f"target {TARGETS[case]:.0f}: {verdict}"
            )
    return lines


def other_server() -> Server | None:
    url = os.environ.get("OTHER_FLAGS_URL")
    if not url:
        return None
    processes = tuple(int(pid) for pid in os.environ["OTHER_FLAGS_PIDS"].split(","))
    most = int(os.environ.get("OTHER_FLAGS_MOST", "0")) or None
    return Server("other", url.rstrip("/"), os.environ["OTHER_FLAGS_TOKEN"], processes, most)


def our_server(house_process: int, settings: Mapping[str, str]) -> Server:
    """Its workers and their master; the processes of a house are known by what they run."""
    ours = [
        process
        for process in family(house_process)
        if "wsgi:control_plane()" in Path(f"/proc/{process}/cmdline").read_text().split("\0")
    ]
    return Server("ours", f"{settings['CONTROL_URL']}/api", settings["FLAGS_TOKEN"], tuple(ours))


def main(house_process: int, settings: Mapping[str, str], email: str, password: str) -> None:
    ours, other = our_server(house_process, settings), other_server()
    servers = [ours] if other is None else [ours, other]
    if other is None:
        print("OTHER_FLAGS_URL names no other server: ours is measured alone")
    filled = 0
    for size in SIZES:
        fill_ours(settings, filled, size)
        if other is not None:
            fill_other(other, os.environ["OTHER_FLAGS_ADMIN"], filled, size)
        filled = size
        print("\n".join(report(size, servers, compare(servers))), flush=True)
    with signed_in(settings["CONTROL_URL"], email, password) as client:
        print(flag_propagation.report(flag_propagation.measure(client, ours.token, f"{PREFIX}0")))


if __name__ == "__main__":
    from benchmarks.__main__ import REST_SECONDS, house

    with house() as measured:
        time.sleep(REST_SECONDS)
        main(measured.process, measured.settings, *next(iter(measured.people.items())))
