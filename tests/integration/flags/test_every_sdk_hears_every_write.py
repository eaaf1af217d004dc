"""Stock SDKs of two languages against two real workers: what is committed arrives, and nothing is lost."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from app import clock
from app.accounts import token_commands
from app.accounts.models import TokenRow
from app.db import begin
from app.flags import commands
from app.flags.models import FlagMetric
from local.browser_libraries import TEST_LIBRARIES, find_node
from local.machine import ROOT, free_port
from tests.gunicorn import worker_of, workers

PYTHON = [sys.executable, str(ROOT / "benchmarks" / "flag_follower.py")]
NODE_SDK = TEST_LIBRARIES / "unleash-client"
FEATURES = "/api/client/features"
LISTENERS = "FROM pg_stat_activity WHERE application_name = 'flags-listener'"


class Follower:
    """An SDK in a process of its own; what it was told last."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.states: list[dict[str, str]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.states.append(json.loads(line)["flags"])

    def has(self, name: str, enabled: bool) -> bool:
        return bool(self.states) and self.states[-1].get(name) == ("0" if enabled else "off")

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def python(url: str, token: str, mode: str = "streaming") -> list[str]:
    return [*PYTHON, url, token, mode]


def node(url: str, token: str, mode: str) -> list[str]:
    script = ROOT / "benchmarks" / "flag_follower.js"
    return [find_node(), str(script), str(NODE_SDK), url, token, mode]


@contextmanager
def following(*commands_: list[str]) -> Iterator[list[Follower]]:
    with ExitStack() as stack:
        found = [Follower(command) for command in commands_]
        for follower in found:
            stack.callback(follower.end)
        yield found


def until(question: Callable[[], bool], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < ends, "did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def switch(control_app, flag):
    """`switch(True)`: a committed write from outside of both workers."""
    flag("f", 0)

    def change(enabled):
        with control_app.app_context(), begin() as session:
            commands.set_enabled(session, "f", "production", enabled, clock.now(), "pm@house.test")

    change(False)
    return change


def test_a_write_reaches_every_sdk_through_both_workers(control_config, client_token, switch, tmp_path):
    with workers(control_config, tmp_path / "log") as (url, _):
        sdks = [python(url, client_token)] * 4 + [python(url, client_token, "polling")]
        nodes = [node(url, client_token, mode) for mode in ("streaming", "delta", "polling")]
        with following(*sdks, *nodes) as followers:
            until(lambda: all(one.has("f", False) for one in followers))
            for enabled in (True, False, True):
                switch(enabled)
                until(lambda enabled=enabled: all(one.has("f", enabled) for one in followers))


def test_nothing_is_lost_while_workers_are_replaced(control_config, client_token, switch, tmp_path):
    """A worker that is told to stop ends its streams at once; the SDKs come back to another and catch up."""
    with workers(control_config, tmp_path / "log") as (url, running):
        sdks = [python(url, client_token)] * 2 + [node(url, client_token, "streaming")]
        with following(*sdks) as followers:
            until(lambda: all(one.has("f", False) for one in followers))
            running.child.send_signal(signal.SIGHUP)  # every worker anew
            switch(True)
            until(lambda: all(one.has("f", True) for one in followers))


def test_nothing_is_lost_while_the_control_plane_is_gone(control_config, client_token, switch, tmp_path):
    port = free_port()
    with ExitStack() as stack:
        with workers(control_config, tmp_path / "log", port) as (url, _):
            sdks = [python(url, client_token), node(url, client_token, "streaming")]
            followers = stack.enter_context(following(*sdks))
            until(lambda: all(one.has("f", False) for one in followers))
        switch(True)
        with workers(control_config, tmp_path / "log", port):
            until(lambda: all(one.has("f", True) for one in followers), 40)


def test_no_poll_is_answered_with_an_old_etag_when_the_listener_is_dead(
    control_config, client_token, switch, services, tmp_path
):
    """Its connection ends, and with it the trust in memory: the database is asked until it hears again."""
    with workers(control_config, tmp_path / "log") as (url, _), worker_of(url, client_token) as worker:
        admin = services.cluster.connect("backroom")
        until(lambda: _listeners(admin) == 2)
        for n in range(10):
            worker.get(FEATURES)
            admin.execute(f"SELECT pg_terminate_backend(pid) {LISTENERS}")
            until(lambda: _listeners(admin) == 0)
            switch(n % 2 == 0)
            time.sleep(0.02)  # as long as a notification may take
            [feature] = worker.get(FEATURES).json()["features"]
            assert feature["enabled"] is (n % 2 == 0)
        admin.close()


def _listeners(admin) -> int:
    [(count,)] = admin.execute(f"SELECT count(*) {LISTENERS}").fetchall()
    return int(count)


def test_while_the_database_is_away_polls_get_the_last_good_state_with_its_age(
    control_config, client_token, switch, services, tmp_path
):
    with workers(control_config, tmp_path / "log") as (url, _), worker_of(url, client_token) as worker:
        etag = worker.get(FEATURES).headers["ETag"]
        admin = services.cluster.connect("postgres")
        with _closed(admin):
            until(lambda: "Age" in worker.get(FEATURES).headers)  # it has heard that it hears nothing
            for _ in range(5):
                answer = worker.get(FEATURES)
                assert (answer.status_code, answer.headers["ETag"]) == (200, etag)
                assert int(answer.headers["Age"]) >= 0
            assert worker.get(FEATURES, headers={"If-None-Match": etag}).status_code == 304
            stranger = httpx.get(f"{url}{FEATURES}", headers={"Authorization": "*:production.other"})
            assert stranger.status_code == 503
            body = {"appName": "shop", "bucket": {"toggles": {"f": {"yes": 1}}}}
        switch(True)
        until(lambda: "Age" not in worker.get(FEATURES).headers)
        assert worker.get(FEATURES).json()["features"][0]["enabled"]
        assert worker.post("/api/client/metrics", json=body).status_code == 202
        admin.close()


@contextmanager
def _closed(admin) -> Iterator[None]:
    """Nobody gets into the database, and whoever was in is thrown out."""
    admin.execute("ALTER DATABASE backroom CONNECTION LIMIT 0")
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'backroom'")
    try:
        yield
    finally:
        admin.execute("ALTER DATABASE backroom CONNECTION LIMIT -1")


def test_a_revoked_token_ends_within_a_second(
    control_config, client_token, control_session, switch, tmp_path
):
    with workers(control_config, tmp_path / "log") as (url, _), worker_of(url, client_token) as worker:
        for _ in range(20):
            assert worker.get(FEATURES).status_code == 200
        control_session.execute(
            TokenRow.__table__.update().values(revoked_at=clock.now() - timedelta(seconds=1))
        )
        control_session.commit()
        time.sleep(1.0)
        assert [worker.get(FEATURES).status_code for _ in range(3)] == [401, 401, 401]


def test_what_was_reported_is_written_when_the_workers_stop(
    control_app, control_config, client_token, switch, tmp_path
):
    body = {"appName": "shop", "bucket": {"toggles": {"f": {"yes": 2, "no": 1}}}}
    with workers(control_config, tmp_path / "log") as (url, _), worker_of(url, client_token) as worker:
        for _ in range(50):
            assert worker.post("/api/client/metrics", json=body).status_code == 202
    with control_app.app_context(), begin() as session:
        [counted] = session.scalars(select(FlagMetric))
        assert (counted.yes, counted.no) == (100, 50)


def test_a_body_that_is_too_large_is_refused_also_when_it_is_small_before_unzipping(
    control_config, client_token, switch, tmp_path
):
    with workers(control_config, tmp_path / "log") as (url, _), worker_of(url, client_token) as worker:
        assert worker.get(FEATURES).status_code == 200
        for path in ("/api/client/metrics", "/api/client/register", "/api/client/metrics"):
            assert worker.post(path, content=b"x" * 10_000_000).status_code == 413
            bomb = gzip.compress(b" " * 50_000_000)
            answer = worker.post(path, content=bomb, headers={"Content-Encoding": "gzip"})
            assert answer.status_code == 413
        zipped = gzip.compress(json.dumps({"appName": "shop", "bucket": None}).encode())
        answer = worker.post("/api/client/metrics", content=zipped, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 202


def test_who_writes_reads_it_with_the_next_poll(control_app, control_config, client_token, switch, tmp_path):
    with control_app.app_context(), begin() as session:
        api = token_commands.create_token(
            session, "api", "production", "a script", "product_manager", clock.now(), "test"
        )
    script = {"Authorization": f"Bearer {api}"}
    place = "/api/v1/flags/f/environments/production"
    with workers(control_config, tmp_path / "log") as (url, _), worker_of(url, client_token) as worker:
        for percent in range(1, 21):
            written = worker.patch(place, json={"percent": percent}, headers=script)
            assert written.status_code == 200
            [found] = worker.get(FEATURES).json()["features"]
            assert found["strategies"][0]["parameters"]["rollout"] == str(percent)
