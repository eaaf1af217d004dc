"""Unhandled errors of the shop and its worker, and what browsers report, as rows that others may read.

Every error that is logged with its exception, at level error or above, becomes a report: the log is the one
place that pages, threads and the worker all pass. A report waits in bounded memory; one thread beside the
pages writes what waits, every second, in a transaction of its own. While the database is away reports go to a
bounded list in Redis (SPOOL), and with Redis away too they wait on in memory; what there is no room for is
counted (shop_error_reports_dropped_total). Nobody else is called: others read reporting.error_reports.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app, g, has_request_context
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import BigInteger, DateTime, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront import flags, logs, telemetry
from storefront.beside import Beside
from storefront.db import Base, Sessions
from storefront.failures import Failure, Report, Waiting, of_exception
from storefront.masking import mask_values
from storefront.shopper import Shopper

EVERY_SECONDS = 1.0
KEEP_DAYS = 7
SPOOL = "shop:errors"  # reports as JSON, while the database is away
MOST_SPOOLED = 500
# What goes wrong here must not report itself; the SDK of flags logs each poll that the other side missed.
NOT_REPORTED = (__name__, "UnleashClient")
LEFT_OUT = ("status", "person")

log = logging.getLogger(__name__)


class ErrorReport(Base):
    __tablename__ = "error_reports"

    event_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=sa.func.now(), index=True
    )

    fingerprint: Mapped[str] = mapped_column(Text)  # the same for errors that are alike
    kind: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    traceback: Mapped[str] = mapped_column(Text)

    source: Mapped[str] = mapped_column(Text)  # shop, worker or browser
    release: Mapped[str] = mapped_column(Text)
    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    count: Mapped[int] = mapped_column(BigInteger)  # of those alike for which this row stands
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    people: Mapped[list[str]] = mapped_column(JSONB)  # marks of shoppers, no names


class Collector(logging.Handler):
    def __init__(self, sessions: Sessions, redis: Redis, service: str, release: str) -> None:
        super().__init__(logging.ERROR)
        self._sessions, self._redis, self._service, self._release = sessions, redis, service, release
        self.waiting = Waiting()
        self._beside = Beside("error-writer", self._write_or_say, self.stop, lambda: EVERY_SECONDS)
        self._told_dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or record.name.startswith(NOT_REPORTED):
            return
        try:
            request, person = seen()
            request["logger"] = record.name
            self._note(of_exception(error), self._service, request, person, error)
        except Exception:  # an error that cannot be reported is in the log all the same
            self.handleError(record)

    def note_of_browser(self, failure: Failure, about: Mapping[str, Any]) -> None:
        request, person = seen()
        self._note(failure, "browser", {**request, **about}, person)

    def _note(
        self,
        failure: Failure,
        source: str,
        request: Mapping[str, Any],
        person: str,
        error: BaseException | None = None,
    ) -> None:
        self.waiting.note(failure, source, self._release, request, person, datetime.now(UTC), error)
        self._beside.ensure()

    def stop(self) -> None:
        """Collect no more, and write a last time, for at most beside.STOP_SECONDS."""
        logging.getLogger().removeHandler(self)
        self._beside.stop()

    def write(self) -> None:
        """What waits now, and what an earlier failure has left in Redis."""
        reports = self.waiting.take(self._release)
        dropped, self._told_dropped = self.waiting.dropped - self._told_dropped, self.waiting.dropped
        telemetry.error_reports_dropped(dropped)
        spooled = self._unspool() if not reports else []
        if not (reports or spooled):
            return
        try:
            with self._sessions.begin() as session:
                save(session, [*reports, *spooled])
        except SQLAlchemyError as error:
            log.warning("errors wait to be written: %s", type(error).__name__)
            self._keep([*reports, *spooled])

    def _write_or_say(self) -> None:
        try:
            self.write()
        except Exception:  # the thread must outlive whatever a report brings
            log.exception("errors were not written")

    def _keep(self, reports: list[Report]) -> None:
        """Where they outlive this process; else they wait on in its memory."""
        try:
            with self._redis.pipeline() as pipe:
                pipe.rpush(SPOOL, *(_packed(report) for report in reports))
                pipe.ltrim(SPOOL, -MOST_SPOOLED, -1)
                pipe.execute()
        except (RedisError, OSError):
            self.waiting.put_back(reports)

    def _unspool(self) -> list[Report]:
        try:
            found = self._redis.lpop(SPOOL, 100)
        except (RedisError, OSError):
            return []
        return [_unpacked(text) for text in found] if isinstance(found, list) else []


def install(collector: Collector) -> None:
    """One in a process: a later app takes the place of an earlier one."""
    root = logging.getLogger()
    for other in [handler for handler in root.handlers if isinstance(handler, Collector)]:
        root.removeHandler(other)
    root.addHandler(collector)


def current() -> Collector:
    found: Collector = current_app.extensions["errors"]
    return found


def seen() -> tuple[dict[str, Any], str]:
    """The request or message that the error belongs to, with its flags, and a mark of its shopper."""
    known = {name: value for name, value in logs.about().items() if name not in LEFT_OUT}
    if trace_id := logs.trace_id():
        known["trace_id"] = trace_id
    shopper = g.get("shopper") if has_request_context() else None
    if not isinstance(shopper, Shopper):
        return mask_values(known), ""
    known |= {"country": shopper.country, "device": shopper.device, "flags": flags.seen()}
    return mask_values(known), hashlib.sha256(f"shopper:{shopper.visitor_id}".encode()).hexdigest()[:16]


def save(session: Session, reports: Iterable[Report]) -> None:
    """Each once, however often it is handed in."""
    rows = [
        {
            "event_id": report.event_id,
            **asdict(report.failure),
            "source": report.source,
            "release": report.release,
            "first_at": report.first_at,
            "at": report.at,
            "count": report.count,
            "request": dict(report.request),
            "people": list(report.people),
        }
        for report in reports
    ]
    if rows:
        session.execute(insert(ErrorReport).on_conflict_do_nothing(index_elements=["event_id"]), rows)


def forget_old(session: Session, now: datetime) -> None:
    session.execute(sa.delete(ErrorReport).where(ErrorReport.recorded_at < now - timedelta(days=KEEP_DAYS)))


def _packed(report: Report) -> str:
    return json.dumps(asdict(report), default=lambda moment: moment.isoformat())


def _unpacked(text: bytes | str) -> Report:
    told = json.loads(text)
    told["failure"] = Failure(**told["failure"])
    told["people"] = tuple(told["people"])
    for name in ("first_at", "at"):
        told[name] = datetime.fromisoformat(told[name])
    return Report(**told)
