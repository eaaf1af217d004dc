"""/healthz: this process is alive. /readyz: what it depends on, and since when something is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Flask, Response, current_app, jsonify
from redis import Redis
from sqlalchemy import text

from app import clock, telemetry
from app.db import Sessions
from app.guards import public
from app.sources import Sources, sources

blueprint = Blueprint("health", __name__)


@dataclass(frozen=True)
class Dependency:
    """One look at a dependency. `last_ok` None: it has not answered since this process started."""

    name: str
    ok: bool
    latency_ms: float
    last_ok: datetime | None
    error: str | None


def _database(sessions: Sessions) -> None:
    with sessions() as session:
        session.execute(text("SELECT 1"))


def _redis(redis: Redis) -> None:
    redis.ping()


def _ready(ready: Callable[[], bool]) -> None:
    if not ready():
        raise ConnectionError("not ready")


def probes(where: Sources) -> dict[str, Callable[[], None]]:
    """How each dependency is asked. The first is the one that nothing works without."""
    return {
        "postgres": lambda: _database(where.control),
        "reporting": lambda: _database(where.reporting),
        "redis": lambda: _redis(where.redis),
        "prometheus": lambda: _ready(where.prometheus.ready),
        "alertmanager": lambda: _ready(where.alertmanager.ready),
    }


class Watch:
    """Remembers when each dependency last answered."""

    def __init__(self) -> None:
        self._last_ok: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def look(self, name: str, probe: Callable[[], None], now: datetime) -> Dependency:
        started = time.perf_counter()
        error = None
        try:
            probe()
        except Exception as failure:  # a probe reports whatever goes wrong, that is its purpose
            error = f"{failure.__class__.__name__}: {failure}".splitlines()[0][:200]
        latency_ms = (time.perf_counter() - started) * 1000
        with self._lock:
            if error is None:
                self._last_ok[name] = now
            return Dependency(name, error is None, latency_ms, self._last_ok.get(name), error)


def as_json(seen: Dependency, now: datetime) -> dict[str, object]:
    age = (now - seen.last_ok).total_seconds() if seen.last_ok else None
    return {
        "ok": seen.ok,
        "latency_ms": round(seen.latency_ms, 1),
        "last_ok": seen.last_ok.isoformat() if seen.last_ok else None,
        "age_seconds": age,
        "error": None if seen.ok else seen.error.split(":")[0] if seen.error else None,
    }


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """200 while the own database answers, 503 without it. Who may read /metrics is told what else is away."""
    now = clock.now()
    watch: Watch = current_app.extensions["health"]
    seen = [watch.look(name, probe, now) for name, probe in probes(sources()).items()]
    status = "ok" if all(one.ok for one in seen) else "degraded" if seen[0].ok else "down"
    details = {one.name: as_json(one, now) for one in seen} if telemetry.may_read() else {}
    body = jsonify(status=status, **({"dependencies": details} if details else {}))
    return body, 503 if status == "down" else 200


def init_app(app: Flask) -> None:
    app.extensions["health"] = Watch()
    app.register_blueprint(blueprint)
