"""/healthz: this process answers. /readyz: what it depends on, each with its state and its age."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from sqlalchemy import text

from storefront import db, telemetry

ANSWER_SECONDS = 0.25  # a probe waits no longer than this for a part; a slow part counts as down

blueprint = Blueprint("health", __name__)
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="probe")


@dataclass
class Probe:
    """Asks one part. While an earlier question hangs no further one is sent."""

    check: Callable[[], object]
    is_required: bool  # without it the shop cannot sell
    last_good: float | None = None  # monotonic seconds
    asking: Future[object] | None = None

    def state(self) -> dict[str, Any]:
        answered = self._ask()
        age = None if self.last_good is None else round(time.monotonic() - self.last_good, 3)
        return {"state": "ok" if answered else "down", "required": self.is_required, "age_seconds": age}

    def _ask(self) -> bool:
        if self.asking is None or self.asking.done():
            self.asking = _threads.submit(self.check)
        try:
            self.asking.result(timeout=ANSWER_SECONDS)
        except Exception:
            # Whatever the driver raises, a timeout included: the part did not answer.
            return False
        self.last_good = time.monotonic()
        return True


@dataclass
class Health:
    probes: Mapping[str, Probe]
    # Ages of what the shop keeps of others and can do without: name → seconds or None for "never".
    ages: dict[str, Callable[[], float | None]] = field(default_factory=dict)
    # Set by the failure flag that makes a healthy process say that it is not ready.
    pretends_unready: Callable[[], bool] = lambda: False


def watch(app: Flask) -> None:
    sessions, cache = app.extensions["sessions"], app.extensions["cache"]

    def ask_postgres() -> None:
        with db.transaction(sessions) as session:
            session.execute(text("SELECT 1"))

    app.extensions["health"] = Health(
        {"postgres": Probe(ask_postgres, True), "redis": Probe(lambda: cache.redis.ping(), False)}
    )


@blueprint.get("/healthz")
def alive() -> Response:
    return _answer({"status": "alive"})


@blueprint.get("/readyz")
def ready() -> Response:
    health: Health = current_app.extensions["health"]
    parts = {name: probe.state() for name, probe in health.probes.items()}
    for name, age in health.ages.items():
        seconds = age()
        state = "no data" if seconds is None else "ok"
        parts[name] = {"state": state, "required": False, "age_seconds": seconds}
    down = [part for part in parts.values() if part["state"] == "down"]
    is_ready = not any(part["required"] for part in down) and not health.pretends_unready()
    status = "ready" if is_ready and not down else "degraded" if is_ready else "not ready"
    told = {"parts": parts} if telemetry.may_read() else {}
    return _answer({"status": status, **told}, 200 if is_ready else 503)


def _answer(body: dict[str, Any], status: int = 200) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response
