"""Which shopper met which variant of a flag under rollout, and how its pages fared.

One row a flag, shopper, variant and UTC day: when she first met it that day, and the pages that asked for the
flag: how many, how many failed, and their seconds. Experiments count from the first row since they began.

After a page its flags are added up in memory, where each key is held once; one thread per process writes what
was added, every second. A page never waits: while the database is down the sums wait too, and when there are
more keys than CAPACITY new ones are dropped and counted (shop_exposures_dropped_total).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, current_app, g
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Float, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront import flags, telemetry
from storefront.beside import Beside
from storefront.db import Base, Sessions
from storefront.shopper import Shopper

log = logging.getLogger(__name__)

CAPACITY = 20_000  # keys that wait in memory at most, about 10 MB
BATCH = 500
EVERY_SECONDS = 1.0
KEEP_DAYS = 400

Key = tuple[str, str, str, date]  # flag, visitor, variant, UTC day


class Exposure(Base):
    __tablename__ = "exposures"
    __table_args__ = (
        Index("ix_exposures_flag", "flag", "first_at"),
        Index("ix_exposures_visitor_id", "visitor_id"),
        Index("ix_exposures_day", "day", postgresql_using="brin"),
    )

    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    visitor_id: Mapped[str] = mapped_column(Text, primary_key=True)
    variant: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)  # UTC

    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # the page on which she met it began
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)

    pages: Mapped[int] = mapped_column(Integer)  # that asked for the flag
    failed_pages: Mapped[int] = mapped_column(Integer)  # of those: answered with a 5xx
    seconds: Mapped[float] = mapped_column(Float)  # that all of them took
    is_demo: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


@dataclass
class Met:
    """What one shopper met of one variant and is not written yet."""

    first_at: datetime
    shopper: Shopper
    pages: int = 0
    failed_pages: int = 0
    seconds: float = 0.0

    def add(self, pages: int, failed: int, seconds: float) -> None:
        self.pages += pages
        self.failed_pages += failed
        self.seconds += seconds


def install(app: Flask) -> None:
    """Give the app its writer. The thread starts with the first page, so always after the fork."""
    app.extensions["exposures"] = Writer(app.extensions["sessions"])
    app.before_request(_page_begins)
    app.after_request(_page_ends)


def forget_old(session: Session, today: date) -> None:
    session.execute(sa.delete(Exposure).where(Exposure.day < today - timedelta(days=KEEP_DAYS)))


def _page_begins() -> None:
    g.page_began = (datetime.now(UTC), time.monotonic())


def _page_ends(response: Response) -> Response:
    seen, shopper = flags.seen(), g.get("shopper")
    if seen and isinstance(shopper, Shopper) and "page_began" in g:
        began_at, began = g.page_began
        took = time.monotonic() - began
        writer: Writer = current_app.extensions["exposures"]
        for flag, variant in seen.items():
            writer.note(flag, variant, shopper, began_at, took, failed=response.status_code >= 500)
    return response


@dataclass
class Writer:
    """Sums by key, and the thread that writes them. What the database did not take is tried again."""

    sessions: Sessions
    capacity: int = CAPACITY
    every_seconds: float = EVERY_SECONDS
    _waiting: dict[Key, Met] = field(default_factory=dict)
    _beside: Beside = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_away: bool = False  # the database, when it was last asked

    def __post_init__(self) -> None:
        self._beside = Beside("exposure-writer", self._write_all, self.stop, lambda: self.every_seconds)

    def note(
        self, flag: str, variant: str, shopper: Shopper, at: datetime, seconds: float, *, failed: bool
    ) -> None:
        key = (flag, shopper.visitor_id, variant, at.date())
        with self._lock:
            if key not in self._waiting and len(self._waiting) >= self.capacity:
                telemetry.exposures_dropped()
                return
            self._waiting.setdefault(key, Met(at, shopper)).add(1, int(failed), seconds)
        self._beside.ensure()

    def stop(self) -> None:
        """Write what waits, for at most beside.STOP_SECONDS; what is left is counted as dropped."""
        if not self._beside.stop():
            return
        if left := len(self._waiting):
            log.warning("exposures: %d were not written before the stop", left)
            telemetry.exposures_dropped(left)

    def _write_all(self) -> None:
        """Batch after batch until nothing waits or the database refuses."""
        while batch := self._take():
            if left := self._write(batch):
                self._put_back(left)
                return

    def _take(self) -> dict[Key, Met]:
        with self._lock:
            keys = list(self._waiting)[:BATCH]
            return {key: self._waiting.pop(key) for key in keys}

    def _put_back(self, batch: dict[Key, Met]) -> None:
        with self._lock:
            for key, met in batch.items():
                newer = self._waiting.get(key)
                if newer is not None:
                    met.add(newer.pages, newer.failed_pages, newer.seconds)
                self._waiting[key] = met

    def _write(self, batch: dict[Key, Met]) -> dict[Key, Met]:
        """What is left of the batch, to be tried again."""
        try:
            with self.sessions.begin() as session:
                session.execute(_UPSERT, [_row(key, batch[key]) for key in sorted(batch)])
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            if not self._is_away:
                log.warning("exposures wait, the database is away: %s", type(error).__name__)
            self._is_away = True
            return batch
        except DBAPIError:
            return self._sort_out(batch)
        self._is_away = False
        return {}

    def _sort_out(self, batch: dict[Key, Met]) -> dict[Key, Met]:
        """One row that no table can hold must not take the others with it."""
        if len(batch) == 1:
            log.warning("exposures: one was refused by the database")
            telemetry.exposures_dropped()
            return {}
        items = list(batch.items())
        middle = len(items) // 2
        return self._write(dict(items[:middle])) | self._write(dict(items[middle:]))


def _row(key: Key, met: Met) -> dict[str, Any]:
    flag, visitor_id, variant, day = key
    return {
        "flag": flag,
        "visitor_id": visitor_id,
        "variant": variant,
        "day": day,
        "first_at": met.first_at,
        "user_id": met.shopper.user_id,
        "locale": met.shopper.locale,
        "country": met.shopper.country,
        "device": met.shopper.device,
        "pages": met.pages,
        "failed_pages": met.failed_pages,
        "seconds": met.seconds,
    }


def _upsert() -> Any:
    """Two processes may meet the same shopper: the earlier moment stays, pages add up."""
    statement = insert(Exposure)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["flag", "visitor_id", "variant", "day"],
        set_={
            "first_at": sa.func.least(Exposure.first_at, new.first_at),
            "user_id": sa.func.coalesce(Exposure.user_id, new.user_id),
            "pages": Exposure.pages + new.pages,
            "failed_pages": Exposure.failed_pages + new.failed_pages,
            "seconds": Exposure.seconds + new.seconds,
        },
    )


_UPSERT = _upsert()
