"""With a collector one checkout is one trace through shop, gateway and worker, and none of it is a secret."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app import tracing as control_tracing
from app.jobs import runner
from app.jobs.job import Job
from app.sources import Sources
from local.machine import ROOT
from storefront import outbox, tracing
from storefront.db import transaction
from storefront.worker import make_worker
from tests.shopping import GOOD_CARD, Shop, gateway, shop

__all__ = ["gateway", "shop"]


class Collector:
    """What an OTLP collector would have received over HTTP."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                zipped = self.headers.get("Content-Encoding") == "gzip"
                collector.bodies.append(gzip.decompress(body) if zipped else body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_about: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[Any]:
        read = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        scopes = [scope for one in read for of in one.resource_spans for scope in of.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def resource(self) -> dict[str, str]:
        first = ExportTraceServiceRequest.FromString(self.bodies[0]).resource_spans[0].resource
        return {pair.key: pair.value.string_value for pair in first.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    tracing.stop()
    control_tracing.stop()
    collector.server.shutdown()
    collector.server.server_close()


def test_one_checkout_is_one_trace(shop: Shop, collector: Collector) -> None:
    config = replace(
        shop.config,
        otel_exporter_otlp_endpoint=collector.url,
        otel_resource_attributes="shop.region=eu",
        release="r7",
    )
    tracing.start(config, "shop", [shop.app.extensions["sessions"].kw["bind"]])
    tracing.follow(shop.app)
    browser = shop.browser("en")
    browser.add(shop.shelve())
    browser.pay()

    worker = make_worker(config)
    with transaction(shop.sessions) as session:
        waiting = [
            (event.event_id, dict(event.origin)) for event in session.query(outbox.OutboxEvent).order_by("id")
        ]
    worker.consume(str(waiting[0][0]))
    tracing.stop()

    spans = collector.spans()
    checkout = next(span for span in spans if span.name == "POST /<locale:locale>/checkout")
    trace = [span for span in spans if span.trace_id == checkout.trace_id]
    names = {span.name for span in trace}
    assert {"payment authorise", "payment capture", "order.paid"} <= names, names
    assert any(name.startswith(("SELECT", "INSERT")) for name in names), names
    assert checkout.trace_id.hex() in waiting[0][1]["traceparent"]
    assert collector.resource() | {"service.name": "shop", "service.version": "r7", "shop.region": "eu"} == (
        collector.resource()
    )
    sent = b"".join(collector.bodies)
    for secret in (GOOD_CARD, "4242 4242 4242 4242", "ada@example.org", shop.config.gateway_secret):
        assert secret.encode() not in sent


def test_a_job_begins_a_trace_of_masked_spans(control_sources: Sources, collector: Collector) -> None:
    control_tracing.start(
        replace(control_sources.config, otel_exporter_otlp_endpoint=collector.url), "scheduler"
    )

    def work(session: object, now: object, sources: object) -> str:
        raise RuntimeError("password=hunter22 for 4242424242424242")

    runner.run_planned(Job("test.breaks", 60, work, "Breaks"), control_sources)
    control_tracing.stop()
    (span,) = [one for one in collector.spans() if one.name == "job test.breaks"]
    assert span.parent_span_id == b""
    sent = b"".join(collector.bodies)
    assert b"hunter22" not in sent
    assert b"4242424242424242" not in sent


def test_an_exception_on_a_span_is_masked(control_sources: Sources, collector: Collector) -> None:
    control_tracing.start(
        replace(control_sources.config, otel_exporter_otlp_endpoint=collector.url), "control"
    )
    with (
        pytest.raises(RuntimeError),
        control_tracing.span("token=abcdefgh", card="4242424242424242", query="?token=abcdefgh"),
    ):
        raise RuntimeError("Bearer abcdefghijkl")
    control_tracing.stop()
    (span,) = collector.spans()
    assert span.events[0].name == "exception"
    sent = b"".join(collector.bodies)
    for secret in (b"abcdefgh", b"42424242424242"):
        assert secret not in sent


def test_a_collector_that_is_away_costs_a_page_nothing(shop: Shop) -> None:
    tracing.start(replace(shop.config, otel_exporter_otlp_endpoint="http://127.0.0.1:9"), "shop")
    tracing.follow(shop.app)
    assert shop.browser("en").get("/").status_code == 200
    tracing.stop()


def test_without_a_collector_nothing_of_it_is_imported() -> None:
    """The client of Redis looks for meters by itself; what traces and sends comes by our hand alone."""
    check = (
        "import sys; import app.factory, app.scheduler, storefront.factory, storefront.worker;"
        "ours = ('opentelemetry.instrumentation', 'opentelemetry.exporter', 'opentelemetry.sdk.trace');"
        "found = [name for name in sys.modules if name.startswith(ours)]; assert not found, found"
    )
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)
