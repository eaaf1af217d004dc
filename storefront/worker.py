"""What the shop does when nobody waits: `python -m storefront.worker`, one process.

    relay        hands events of the outbox to the queue           every RELAY_SECONDS
    consumers    fulfil orders, send mails, give money back        Dramatiq, THREADS of them
    reconciler   settles payments that hang                        every RECONCILE_SECONDS
    gauges       what waits, how long, what was given up           every GAUGES_SECONDS
    indexing     search follows the words that are published      every INDEXING_SECONDS
    erasing      the ids of people who were erased go           every ERASING_SECONDS
    housekeeping old keys and events go, new partitions come       every HOUSEKEEPING_SECONDS

Any number of workers may run. One that is killed loses nothing: what it held is handed out again.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import dramatiq
import sqlalchemy as sa
from dramatiq.broker import Broker
from dramatiq.errors import BrokerError
from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from config import StorefrontConfig, storefront_config
from storefront import (
    error_reports,
    exposures,
    faults,
    flags,
    impressions,
    logs,
    mail,
    outbox,
    queues,
    telemetry,
    tracing,
    translations,
    usage,
)
from storefront.cache import forget
from storefront.cart import commands as carts
from storefront.db import transaction
from storefront.errors import Unavailable
from storefront.factory import create_app
from storefront.masking import mask
from storefront.orders.handlers import HANDLERS, Handler, Means
from storefront.orders.idempotency import KEEP_HOURS
from storefront.orders.models import IdempotencyKey
from storefront.orders.news import tell
from storefront.orders.reconciling import reconcile
from storefront.payments.current import gateway_of
from storefront.payments.gateway import NoAnswer, Unreachable
from storefront.privacy import commands as privacy
from storefront.privacy import mails as privacy_mails
from storefront.products import indexing
from storefront.users import keeping as accounts
from storefront.users import mails as account_mails

ALL_HANDLERS: Mapping[str, Handler] = {**HANDLERS, **privacy_mails.HANDLERS, **account_mails.HANDLERS}
THREADS = 4
RELAY_SECONDS = 0.25
RECONCILE_SECONDS = 1.0
GAUGES_SECONDS = 2.0
HOUSEKEEPING_SECONDS = 600.0
INDEXING_SECONDS = 1.0
ERASING_SECONDS = 10.0
# A part that does not answer is no error of ours.
AWAY: tuple[type[Exception], ...] = (
    *(OperationalError, InterfaceError, PoolTimeout, RedisError, OSError, BrokerError),
    *(Unavailable, Unreachable, NoAnswer),
)
SILENT_SECONDS = 60.0  # a loop that has not finished a round for so long hangs
STOP_MS = 4_000

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Worker:
    app: Flask
    broker: Broker
    means: Means
    stopping: threading.Event = field(default_factory=threading.Event)
    rounds: dict[str, float] = field(default_factory=dict)  # loop → monotonic seconds of its last round
    indexed: dict[str, tuple[int, str]] = field(default_factory=dict)  # locale → what search follows
    _threads: list[threading.Thread] = field(default_factory=list)
    _consumers: dramatiq.Worker | None = None

    def start(self) -> None:
        queues.declare(self.broker, self.consume)
        self._consumers = dramatiq.Worker(self.broker, worker_threads=THREADS, worker_timeout=200)
        self._consumers.start()
        for seconds, work in (
            (RELAY_SECONDS, self.relay),
            (RECONCILE_SECONDS, self.reconcile),
            (GAUGES_SECONDS, self.gauges),
            (HOUSEKEEPING_SECONDS, self.housekeeping),
            (INDEXING_SECONDS, self.indexing),
            (ERASING_SECONDS, self.erasing),
        ):
            thread = threading.Thread(
                target=self._again_and_again, args=(seconds, work), name=work.__name__, daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let each finish what it is at; what is left is in the outbox."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(STOP_MS / 1000)
        if self._consumers is not None:
            self._consumers.stop(STOP_MS)
        self.broker.close()

    def consume(self, event_id: str) -> None:
        """One event, once: whoever claims it runs its handler; a failure is noted and tried again later."""
        with self.app.app_context():
            with transaction(self.means.sessions) as session:
                event = outbox.claim(session, UUID(event_id), self.means.clock())
            if event is not None:
                origin = event.origin
                with (
                    logs.begin(origin.get("request_id", ""), message=event_id, kind=event.kind),
                    tracing.span(event.kind, origin.get("traceparent", ""), message=event_id),
                ):
                    self._handle(event)

    def _handle(self, event: outbox.Event) -> None:
        try:
            ALL_HANDLERS[event.kind](event, self.means)
        except outbox.HandledBefore:
            log.info("an event was handled by somebody else meanwhile")
        except Exception as error:
            self._failed(event, error)

    def relay(self) -> int:
        copies = faults.copies()

        def send(kind: str, event_id: UUID) -> None:
            for _ in range(copies):
                queues.send(self.broker, kind, event_id)

        with transaction(self.means.sessions) as session:
            return outbox.relay(session, send, self.means.clock())

    def reconcile(self) -> int:
        news = reconcile(self.means.sessions, self.means.gateway, self.means.clock)
        for charged, settled in news:
            telemetry.payment(charged.outcome)
            tell(self.app.extensions["cache"], settled, self.means.clock())
        return len(news)

    def gauges(self) -> None:
        with transaction(self.means.sessions) as session:
            waiting = outbox.waiting(session)
        age = (self.means.clock() - waiting.oldest_at).total_seconds() if waiting.oldest_at else 0.0
        telemetry.outbox(waiting.pending, max(age, 0.0), waiting.dead)
        for queue in queues.QUEUES:
            telemetry.queue_depth(queue, queues.depth(self.broker, queue))

    def housekeeping(self) -> None:
        now = self.means.clock()
        with transaction(self.means.sessions) as session:
            outbox.forget_old(session, now)
            old_keys = IdempotencyKey.created_at < now - timedelta(hours=KEEP_HOURS)
            session.execute(sa.delete(IdempotencyKey).where(old_keys))
            exposures.forget_old(session, now.date())
            impressions.forget_old(session, now)
            privacy.forget_visitors(session, now)
            error_reports.forget_old(session, now)
            carts.forget_left(session, now)
            accounts.forget_old(session, now)
            usage.make_partitions(session, now.date())
            usage.drop_partitions(session, now.date(), self.means.config.usage_keep_months)
        mail.forget_old(self.means.config.mail_dir, now)
        self.indexed.clear()

    def indexing(self) -> int:
        """Once for each catalog that came, and again after each housekeeping, for goods that came since."""
        done = 0
        for catalog in translations.catalogs(self.means.config).snapshot.stable.values():
            if self.indexed.get(catalog.locale) == (catalog.release, catalog.etag):
                continue
            while True:
                with transaction(self.means.sessions) as session:
                    count = indexing.follow(session, catalog)
                done += count
                if not count:
                    break
            self.indexed[catalog.locale] = (catalog.release, catalog.etag)
        if done:
            forget("listing")
        return done

    def erasing(self) -> int:
        return privacy.finish(self.means.sessions, self.means.config.mail_dir, self.means.clock())

    def is_alive(self) -> bool:
        now = time.monotonic()
        return all(now - self.rounds.get(loop, now) < SILENT_SECONDS for loop in ("relay", "reconcile"))

    def _failed(self, event: outbox.Event, error: Exception) -> None:
        """What no handler expects is an error with its traceback; a part that is away is said in one line."""
        with transaction(self.means.sessions) as session:
            said = mask(f"{type(error).__name__}: {error}")
            dead = outbox.failed(session, event, said, self.means.clock())
        is_away = isinstance(error, AWAY)
        log.log(
            logging.WARNING if is_away else logging.ERROR,
            "an event failed and is %s, try %d: %s",
            "given up" if dead else "tried again",
            event.tries,
            type(error).__name__,
            exc_info=None if is_away else error,
        )

    def _again_and_again(self, seconds: float, work: Callable[[], object]) -> None:
        """A round that fails is one log line; the next one begins all the same."""
        was_well = True
        while not self.stopping.is_set():
            try:
                with self.app.app_context():
                    work()
                self.rounds[work.__name__] = time.monotonic()
                was_well = True
            except Exception as error:
                if was_well:
                    told = None if isinstance(error, AWAY) else error
                    level = logging.WARNING if told is None else logging.ERROR
                    said = ("%s does not work for now: %s", work.__name__, type(error).__name__)
                    log.log(level, *said, exc_info=told)
                was_well = False
            self.stopping.wait(seconds)


def make_worker(config: StorefrontConfig) -> Worker:
    app = create_app(config, "worker")
    telemetry.expect_locales(config.locales)
    means = Means(config, app.extensions["sessions"], gateway_of(config), utc_now)
    return Worker(app, queues.connect(config.broker_url), means)


class Answers(BaseHTTPRequestHandler):
    """GET /metrics for Prometheus, GET /healthz for whoever restarts processes."""

    def __init__(self, worker: Worker, *arguments: object) -> None:
        self.worker = worker
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path == "/metrics":
            self._send(200, *telemetry.exposition())
        elif self.path == "/healthz":
            alive = self.worker.is_alive()
            self._send(200 if alive else 503, b'{"status": "alive"}' if alive else b'{"status": "hangs"}')
        else:
            self._send(404, b"")

    def _send(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_about: object) -> None:
        """A scrape every few seconds is no news."""


def serve(worker: Worker, address: str, port: int) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer((address, port), partial(Answers, worker))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="answers", daemon=True).start()
    return server


def expect_a_queue_that_is_away() -> None:
    """A queue that is down is said once, by the loop that misses it, not by each of Dramatiq's threads."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(lambda record: "encountered a connection error" not in record.getMessage())


def main() -> None:
    config = storefront_config()
    worker = make_worker(config)
    expect_a_queue_that_is_away()
    flags.start(config)
    translations.start(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    tracing.start(config, "worker", [worker.means.sessions.kw["bind"]])
    worker.start()
    server = serve(worker, config.metrics_address, config.worker_metrics_port)
    log.info("worker started, metrics on port %d", server.server_port)
    worker.stopping.wait()
    worker.stop()
    server.shutdown()
    flags.stop()
    tracing.stop()


if __name__ == "__main__":
    main()
