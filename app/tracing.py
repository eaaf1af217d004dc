"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT names a collector; else nothing is begun.

    start(config, "control", engines)     once in each process, after the fork; follow(app) for its pages
    with span("errors.fold"): …           work that no request began
    traceparent()                         for what another process will go on with (W3C Trace Context)

Spans wait in a bounded queue and are sent by a thread: a collector that is away costs spans and nothing else.
What a span says is masked on its way out; addresses of requests are left out, their routes are in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from app import logs
from app.masking import mask_log

if TYPE_CHECKING:
    from flask import Flask
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from sqlalchemy import Engine

QUIET = "healthz,readyz,metrics$,/static/,/events$,browser-errors,policy-violations,vitals"
TIMEOUT_SECONDS = 3.0
QUEUE_LENGTH = 2_048
# A request's address holds what people typed, its sender's address who they are; the route is enough.
LEFT_OUT = frozenset(
    (
        *(
            "http.target",
            "url.path",
            "url.query",
            "url.full",
            "net.peer.ip",
            "net.peer.port",
            "net.sock.peer.addr",
        ),
        *("http.client_ip", "client.address", "client.port", "enduser.id", "http.host", "http.server_name"),
    )
)


class Settings(Protocol):
    """What of a service's config this file reads."""

    @property
    def otel_exporter_otlp_endpoint(self) -> str: ...
    @property
    def otel_exporter_otlp_headers(self) -> str: ...
    @property
    def otel_service_name(self) -> str: ...
    @property
    def otel_resource_attributes(self) -> str: ...
    @property
    def otel_traces_sampler_arg(self) -> float: ...
    @property
    def environment(self) -> str: ...
    @property
    def release(self) -> str: ...


_provider: TracerProvider | None = None


def is_on() -> bool:
    return _provider is not None


def start(config: Settings, service: str, engines: Sequence[Engine] = ()) -> None:
    """Begin to trace in this process: what it asks of databases, Redis and others over HTTP."""
    global _provider
    if not config.otel_exporter_otlp_endpoint or _provider is not None:
        return
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.instrumentation.redis import RedisInstrumentor
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    _provider = _provide(config, service)
    HTTPXClientInstrumentor().instrument(tracer_provider=_provider)
    RedisInstrumentor().instrument(tracer_provider=_provider)
    if engines:
        # It says that it knows SQLAlchemy before 2.1; the events it listens to are the same since 1.4.
        SQLAlchemyInstrumentor().instrument(
            engines=list(engines), tracer_provider=_provider, skip_dep_check=True
        )
    logs.ask_for_trace(ids)


def follow(app: Flask) -> None:
    """A span for each request of this app, around all that happens before its view too."""
    if _provider is None:
        return
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    FlaskInstrumentor.instrument_app(  # type: ignore[no-untyped-call]
        app, tracer_provider=_provider, excluded_urls=QUIET, enable_commenter=False
    )
    first = app.before_request_funcs[None]
    first.insert(0, first.pop())


def stop() -> None:
    """Send what waits, for at most TIMEOUT_SECONDS, and trace no more."""
    global _provider
    provider, _provider = _provider, None
    if provider is None:
        return
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.instrumentation.redis import RedisInstrumentor
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    for instrumentor in (HTTPXClientInstrumentor(), RedisInstrumentor(), SQLAlchemyInstrumentor()):
        if instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.uninstrument()
    logs.ask_for_trace(dict)
    provider.force_flush(int(TIMEOUT_SECONDS * 1000))
    provider.shutdown()


@contextmanager
def span(name: str, parent: str = "", *, serves: bool = False, **attributes: str | int) -> Iterator[None]:
    """Work as a span of its own. `parent`: a traceparent; without one it begins a trace.

    `serves`: somebody else waits for it. An exception is noted on the span and goes on.
    """
    if _provider is None:
        yield
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    above = TraceContextTextMapPropagator().extract({"traceparent": parent}, Context())
    kind = SpanKind.SERVER if serves else SpanKind.CONSUMER if parent else SpanKind.INTERNAL
    tracer = _provider.get_tracer("backroom")
    with tracer.start_as_current_span(name, above, kind, attributes=attributes):
        yield


def ids() -> Mapping[str, str]:
    """trace_id and span_id of what runs now; empty where nothing is traced."""
    if _provider is None:
        return {}
    from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

    found = get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {"trace_id": format_trace_id(found.trace_id), "span_id": format_span_id(found.span_id)}


def traceparent() -> str:
    """Of what runs now; empty where nothing is traced."""
    if _provider is None:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


# --- what is sent --------------------------------------------------------------------------------------


def _provide(config: Settings, service: str) -> TracerProvider:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased

    share = TraceIdRatioBased(config.otel_traces_sampler_arg)
    about = {
        "service.name": config.otel_service_name or service,
        "service.version": config.release,
        "deployment.environment.name": config.environment,
    }
    # Who sends a traceparent from outside may join a trace, and may not choose that we keep more of them.
    sampler = ParentBased(share, remote_parent_sampled=share, remote_parent_not_sampled=ALWAYS_OFF)
    provider = TracerProvider(sampler, Resource({**about, **_pairs(config.otel_resource_attributes)}))
    exporter = OTLPSpanExporter(
        f"{config.otel_exporter_otlp_endpoint}/v1/traces",
        headers=_pairs(config.otel_exporter_otlp_headers),
        timeout=TIMEOUT_SECONDS,
    )
    provider.add_span_processor(
        BatchSpanProcessor(
            _masking(exporter), max_queue_size=QUEUE_LENGTH, export_timeout_millis=TIMEOUT_SECONDS * 1000
        )
    )
    return provider


def _pairs(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): unquote(value.strip()) for name, _, value in parts}


def _masking(exporter: Any) -> Any:
    """The exporter behind a mask."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Masking(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            result: SpanExportResult = exporter.export([masked(span) for span in spans])
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return bool(exporter.force_flush(timeout_millis))

    return Masking()


def masked(span: ReadableSpan) -> ReadableSpan:
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.trace import Status

    events = [Event(event.name, _values(event.attributes), event.timestamp) for event in span.events]
    told = span.status.description
    return ReadableSpan(
        name=mask_log(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_values(span.attributes),
        events=events,
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, mask_log(told) if told else None),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _values(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    kept = {name: value for name, value in (attributes or {}).items() if name not in LEFT_OUT}
    return {name: _value(value) for name, value in kept.items()}


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return mask_log(value)
    return [_value(item) for item in value] if isinstance(value, list | tuple) else value
