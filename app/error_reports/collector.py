"""Unhandled errors of this process: every one that is logged with its exception, at level error or above.

The log is the one place that views, jobs and threads all pass, so nothing else has to know of this. A report
waits in bounded memory; one thread writes what waits, every second, in a transaction of its own. While the
database is away reports wait on; what there is no room for is counted (backroom_error_reports_dropped_total).
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import os
import threading
from collections.abc import Mapping
from typing import Any

from redis import Redis
from sqlalchemy.exc import SQLAlchemyError

from app import clock, events, failures, logs, telemetry
from app.db import Sessions, transaction
from app.error_reports import commands
from app.errors import Unavailable
from app.masking import mask_values
from config import ControlPlaneConfig

EVERY_SECONDS = 1.0
STOP_SECONDS = 3.0
OWN = "app.error_reports"  # what goes wrong here must not report itself
LEFT_OUT = ("status", "quiet")

log = logging.getLogger(__name__)


class Collector(logging.Handler):
    def __init__(self, sessions: Sessions, redis: Redis, config: ControlPlaneConfig, service: str) -> None:
        super().__init__(logging.ERROR)
        self._sessions, self._redis, self._config, self._service = sessions, redis, config, service
        self.waiting = failures.Waiting()
        self._stopping = threading.Event()
        self._lock_of_the_thread = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._told_dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or record.name.startswith(OWN):
            return
        try:
            request, person = seen(record)
            failure = failures.of_exception(error)
            release = self._config.release
            self.waiting.note(failure, self._service, release, request, person, clock.now(), error)
            self._ensure()
        except Exception:  # an error that cannot be reported is in the log all the same
            self.handleError(record)

    def note_of_browser(self, failure: failures.Failure, request: Mapping[str, Any], person: str) -> None:
        self.waiting.note(failure, "browser", self._config.release, request, person, clock.now())
        self._ensure()

    def write(self) -> int:
        """What waits now; the number of rows. What the database did not take waits again."""
        reports = self.waiting.take(self._config.release)
        dropped, self._told_dropped = self.waiting.dropped - self._told_dropped, self.waiting.dropped
        telemetry.ERRORS_DROPPED.inc(dropped)
        if not reports:
            return 0
        try:
            with transaction(self._sessions, "PostgreSQL") as session:
                taken = commands.take(session, reports, clock.now())
        except (Unavailable, SQLAlchemyError) as error:
            self.waiting.put_back(reports)
            log.warning("errors wait to be written: %s", type(error).__name__)
            return 0
        events.publish(self._redis, "errors")
        return taken.rows

    def stop(self) -> None:
        """Collect no more, and write a last time, for at most STOP_SECONDS."""
        logging.getLogger().removeHandler(self)
        thread, self._thread = self._thread, None
        if thread is not None and self._pid == os.getpid():
            self._stopping.set()
            thread.join(STOP_SECONDS)

    def _ensure(self) -> None:
        """Start the thread with the first error, so always after the fork."""
        if self._pid == os.getpid():
            return
        with self._lock_of_the_thread:
            if self._pid == os.getpid():
                return
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="error-writer", daemon=True)
            self._thread.start()
            self._pid = os.getpid()
            atexit.register(self.stop)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_SECONDS):
            self._write_or_say()
        self._write_or_say()

    def _write_or_say(self) -> None:
        try:
            self.write()
        except Exception:  # the thread must outlive whatever a report brings
            log.exception("errors were not written")


def seen(record: logging.LogRecord) -> tuple[dict[str, Any], str]:
    """The request or run that the error belongs to, and a mark of its person."""
    known = {name: value for name, value in logs.about().items() if name not in LEFT_OUT}
    person = known.pop("person", None)
    known["logger"] = record.name
    if trace_id := logs.trace_id():
        known["trace_id"] = trace_id
    return mask_values(known), mark(person)


def mark(person: object) -> str:
    """No name, but the same for the same person."""
    return hashlib.sha256(f"person:{person}".encode()).hexdigest()[:16] if person is not None else ""


def install(collector: Collector) -> None:
    """One in a process: a later app takes the place of an earlier one."""
    root = logging.getLogger()
    for other in [handler for handler in root.handlers if isinstance(handler, Collector)]:
        root.removeHandler(other)
    root.addHandler(collector)
