"""Every Prometheus metric that the control plane emits about itself."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from app.guards import public

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
CODE_CLASSES = ("2xx", "3xx", "4xx", "5xx")
OUTCOMES = ("ok", "failed")

REQUESTS = Counter("backroom_requests", "Requests answered", ["route", "code_class"])
DURATION = Histogram("backroom_request_duration_seconds", "Time to answer", ["route"], buckets=BUCKETS)
JOB_RUNS = Counter("backroom_job_runs", "Runs of scheduled jobs", ["job", "outcome"])
JOB_DURATION = Histogram(
    "backroom_job_duration_seconds", "Duration of a run", ["job"], buckets=(*BUCKETS, 30, 60)
)
JOB_LAST_OK = Gauge(
    "backroom_job_last_success_timestamp_seconds",
    "When a job last did its work",
    ["job"],
    multiprocess_mode="max",
)
FLAG_STREAMS = Gauge("backroom_flag_streams", "Open streams of SDKs", multiprocess_mode="livesum")
ERRORS_DROPPED = Counter(
    "backroom_error_reports_dropped", "Reports of errors for which there was no room in memory"
)
LEADER = Gauge("backroom_scheduler_leader", "1 in the scheduler that leads", multiprocess_mode="max")

blueprint = Blueprint("telemetry", __name__)


def exposition() -> bytes:
    """The metrics of all processes of this service, read anew at each scrape."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def may_read() -> bool:
    """Whether who asks shows METRICS_TOKEN; where none is set, everybody who reaches us may."""
    wanted: str = current_app.config.get("METRICS_TOKEN", "")
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return not wanted or hmac.compare_digest(sent.encode("utf-8", "replace"), wanted.encode())


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """What processes count, then what features tell of the database."""
    if not may_read():
        return Response("METRICS_TOKEN is needed as a bearer token.\n", 401, {"WWW-Authenticate": "Bearer"})
    told = "".join(tell() for tell in current_app.extensions["told"])
    return Response(exposition() + told.encode(), content_type=CONTENT_TYPE_LATEST)


def tell(app: Flask, *told: Callable[[], str]) -> None:
    """Add texts in Prometheus' format to /metrics, made anew at each scrape."""
    app.extensions["told"].extend(told)


def expect_jobs(names: list[str]) -> None:
    """Make every label value exist from the start: one born at 5 has an increase of 0."""
    for name in names:
        JOB_DURATION.labels(name)
        for outcome in OUTCOMES:
            JOB_RUNS.labels(name, outcome)


def init_app(app: Flask) -> None:
    app.extensions["told"] = []
    app.register_blueprint(blueprint)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        REQUESTS.labels(route, f"{response.status_code // 100}xx").inc()
        if response.mimetype != "text/event-stream":
            DURATION.labels(route).observe(time.perf_counter() - g.started)
        return response


def expect_routes(app: Flask) -> None:
    """Call when all routes are registered."""
    for rule in {rule.rule for rule in app.url_map.iter_rules()} | {"unknown"}:
        DURATION.labels(rule)
        for code_class in CODE_CLASSES:
            REQUESTS.labels(rule, code_class)


class RouteCounter:
    """Counts the answers of a route that are given before Flask sees the request."""

    def __init__(self, route: str) -> None:
        self._answers = {code: REQUESTS.labels(route, code) for code in CODE_CLASSES}
        self._duration = DURATION.labels(route)

    def count(self, status: str, began: float) -> None:
        """`began` by `time.perf_counter()`."""
        self._answers[f"{status[0]}xx"].inc()
        self._duration.observe(time.perf_counter() - began)
