"""What shoppers did: sessions, funnels and feature use are computed from these events.

`record(…)` puts an event into a bounded queue in memory and returns; one thread per process writes batches.
A page never waits for it: while the database is down events wait in the queue, when the queue is full new
ones are dropped and counted (shop_usage_events_dropped_total).

    kinds: page_view, product_view, search, cart_add, checkout_start, order_complete, sign_up, sign_in
"""

from __future__ import annotations

import logging
import queue
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask, current_app, has_request_context, request
from sqlalchemy import BigInteger, Boolean, DateTime, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront import flags, telemetry, translations
from storefront.beside import Beside
from storefront.db import Base, Sessions
from storefront.shopper import Shopper

log = logging.getLogger(__name__)

KINDS = (
    "page_view",
    "product_view",
    "search",
    "cart_add",
    "checkout_start",
    "order_complete",
    "sign_up",
    "sign_in",
)
CAPACITY = 10_000  # events that wait in memory at most, about 10 MB
BATCH = 500
EVERY_SECONDS = 1.0
MONTHS_AHEAD = 2
NO_PARTITION = "23514"  # check_violation: "no partition of relation found for row"


class UsageEvent(Base):
    """Partitioned by month of `at`; migration 0007 makes the function that adds a month."""

    __tablename__ = "usage_events"
    __table_args__ = (
        Index("ix_usage_events_at", "at", postgresql_using="brin"),
        Index("ix_usage_events_session_id", "session_id"),
        Index("ix_usage_events_visitor_id", "visitor_id"),
        Index("ix_usage_events_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
        Index("ix_usage_events_recorded_at", "recorded_at", postgresql_using="brin"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(  # tells whoever reads facts which ones came late
        DateTime(timezone=True), server_default=text("clock_timestamp()")
    )

    session_id: Mapped[str] = mapped_column(Text)
    visitor_id: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BigInteger)

    kind: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))

    locale: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    flags: Mapped[dict[str, str]] = mapped_column(JSONB)  # flag under rollout → variant seen
    is_demo: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    release: Mapped[int] = mapped_column(Integer, server_default=text("0"))  # of the words; 0: what ships
    bucket: Mapped[str] = mapped_column(Text, server_default=text("''"))  # stable, candidate


def record(kind: str, shopper: Shopper, **detail: Any) -> None:
    """Note what this shopper did. Never waits and never fails."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of usage event {kind!r}")
    writer: Writer = current_app.extensions["usage"]
    writer.put(_event(kind, shopper, detail, datetime.now(UTC)))


def install(app: Flask) -> None:
    """Give the app its writer. The thread starts with the first event, so always after the fork."""
    app.extensions["usage"] = Writer(app.extensions["sessions"])


def make_partitions(session: Session, today: date, months_ahead: int = MONTHS_AHEAD) -> None:
    """The month of `today` and the next ones, where they do not exist yet."""
    for ahead in range(months_ahead + 1):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        session.execute(text("SELECT make_usage_partition(:month)"), {"month": date(year, month + 1, 1)})


def drop_partitions(session: Session, today: date, keep_months: int) -> int:
    """Months that ended `keep_months` months ago; what was computed of them stays. How many went."""
    year, month = divmod(today.year * 12 + today.month - 1 - keep_months, 12)
    before = {"before": date(year, month + 1, 1)}
    return int(session.scalar(text("SELECT drop_usage_partitions(:before)"), before) or 0)


def _event(kind: str, shopper: Shopper, detail: dict[str, Any], at: datetime) -> dict[str, Any]:
    release, bucket = translations.seen_by_shopper()
    return {
        "event_id": uuid.uuid4(),
        "at": at,
        "session_id": shopper.session_id,
        "visitor_id": shopper.visitor_id,
        "user_id": shopper.user_id,
        "kind": kind,
        "path": request.path if has_request_context() else "",
        "detail": detail,
        "locale": shopper.locale,
        "country": shopper.country,
        "device": shopper.device,
        "flags": flags.seen(),
        "is_demo": False,
        "release": release,
        "bucket": bucket,
    }


@dataclass
class Writer:
    """The queue and its thread. A batch that failed is kept and tried again before newer events."""

    sessions: Sessions
    capacity: int = CAPACITY
    every_seconds: float = EVERY_SECONDS
    _waiting: queue.Queue[dict[str, Any]] = field(init=False)
    _beside: Beside = field(init=False)
    _unwritten: list[dict[str, Any]] = field(default_factory=list)
    _is_away: bool = False  # the database, when it was last asked

    def __post_init__(self) -> None:
        self._waiting = queue.Queue(self.capacity)
        self._beside = Beside("usage-writer", self._write_all, self.stop, lambda: self.every_seconds)

    def put(self, event: dict[str, Any]) -> None:
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            telemetry.usage_events_dropped()
        self._beside.ensure()

    def stop(self) -> None:
        """Write what waits, for at most beside.STOP_SECONDS; what is left is counted as dropped."""
        if not self._beside.stop():
            return
        left = self._waiting.qsize() + len(self._unwritten)
        if left:
            log.warning("usage: %d events were not written before the stop", left)
            telemetry.usage_events_dropped(left)

    def _write_all(self) -> None:
        """Batch after batch until the queue is empty or the database refuses."""
        while batch := self._unwritten or self._take():
            self._unwritten = batch
            if not self._write(batch):
                return
            self._unwritten = []

    def _take(self) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        while len(batch) < BATCH:
            try:
                batch.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return batch

    def _write(self, batch: list[dict[str, Any]]) -> bool:
        """Whether the batch is done with; if not, it is tried again."""
        try:
            self._insert(batch)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            if not self._is_away:
                log.warning("usage: events wait, the database is away: %s", type(error).__name__)
            self._is_away = True
            return False
        except DBAPIError as error:
            return self._insert_with_partition(batch) if _needs_partition(error) else self._sort_out(batch)
        self._is_away = False
        return True

    def _sort_out(self, batch: list[dict[str, Any]]) -> bool:
        """One event that no table can hold must not keep the others back for ever."""
        if len(batch) == 1:
            log.warning("usage: an event of kind %s was refused by the database", batch[0]["kind"])
            telemetry.usage_events_dropped()
            return True
        middle = len(batch) // 2
        return self._write(batch[:middle]) and self._write(batch[middle:])

    def _insert(self, batch: list[dict[str, Any]]) -> None:
        with self.sessions.begin() as session:
            session.execute(insert(UsageEvent).on_conflict_do_nothing(), batch)

    def _insert_with_partition(self, batch: list[dict[str, Any]]) -> bool:
        try:
            with self.sessions.begin() as session:
                for month in {event["at"].date().replace(day=1) for event in batch}:
                    make_partitions(session, month, months_ahead=0)
        except DBAPIError as error:
            log.warning("usage: the month's partition could not be made: %s", type(error).__name__)
            return False
        return self._write(batch)


def _needs_partition(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", "") == NO_PARTITION
