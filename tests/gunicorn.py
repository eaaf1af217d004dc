"""The control plane under gunicorn with its two workers, as it runs in earnest."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from config import CONTROL_PLANE, FIELD_OF, ControlPlaneConfig
from local.environment import of_process
from local.machine import ROOT, free_port
from local.processes import Program, Running, answers


def settings(config: ControlPlaneConfig) -> dict[str, str]:
    """The environment that says the same."""
    found = {}
    for setting in CONTROL_PLANE:
        value = getattr(config, FIELD_OF.get(setting.name, setting.name.lower()))
        if isinstance(value, bool):
            value = int(value)
        found[setting.name] = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return found


@contextmanager
def workers(config: ControlPlaneConfig, log: Path, port: int | None = None) -> Iterator[tuple[str, Running]]:
    """The URL, and the process of the master; stopped gently at the end."""
    url = f"http://127.0.0.1:{port or free_port()}"
    command = (
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "app/gunicorn_conf.py",
        "-b",
        url.removeprefix("http://"),
    )
    program = Program(
        "control",
        (*command, "wsgi:control_plane()"),
        ready=lambda: answers(f"{url}/healthz"),
        env=of_process(settings(config), os.environ),
        folder=ROOT,
        stop_seconds=15,
    )
    running = Running(program, log)
    running.wait_ready()
    try:
        yield url, running
    finally:
        running.stop()


def worker_of(url: str, token: str) -> httpx.Client:
    """A kept connection: gunicorn leaves it with the worker that accepted it."""
    return httpx.Client(base_url=url, headers={"Authorization": token}, timeout=10)
