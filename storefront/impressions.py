"""Which messages shoppers saw, how often, in which release: one impression is one lookup shown on one page.

A page notes each lookup in a list of its own (storefront/translations.py) and hands the lists over once it
is answered; one thread per process adds them up by hour, locale, release, bucket and message, and writes what
was added every two seconds. A page never waits: while the database is down the sums wait too. When more pages
or sums wait than there is room for, new ones are dropped and counted (shop_impressions_dropped_total).

The shop keeps data in its caches, never pages: a page that is shown has looked its words up, so each showing
counts and none is counted twice.

Each batch is written together with its own id, so that one whose answer was lost is not added twice.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy import BigInteger, Boolean, DateTime, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront import telemetry
from storefront.beside import Beside
from storefront.db import Base, Sessions
from storefront.wording import CONTEXT

log = logging.getLogger(__name__)

PAGES = 5_000  # that wait to be added up, about 5 MB
CAPACITY = 50_000  # sums that wait in memory at most, about 20 MB
BATCH = 2_000
EVERY_SECONDS = 2.0
SIGHT_AGAIN = timedelta(minutes=10)  # how often the same sighting is written again
MOST_SIGHTINGS = 50_000
LONGEST_PATH = 500
KEEP_DAYS = 400
KEEP_BATCHES = timedelta(days=2)

Key = tuple[datetime, str, str, int, str]  # hour, message key, locale, release, bucket
Place = tuple[str, str, str]  # message key, locale, endpoint


class MessageImpression(Base):
    __tablename__ = "message_impressions"
    __table_args__ = (Index("ix_message_impressions_hour", "hour", postgresql_using="brin"),)

    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    message_key: Mapped[str] = mapped_column(Text, primary_key=True)
    locale: Mapped[str] = mapped_column(Text, primary_key=True)
    release: Mapped[int] = mapped_column(Integer, primary_key=True)  # 0: what ships
    bucket: Mapped[str] = mapped_column(
        Text, primary_key=True
    )  # stable, candidate; empty: an earlier release
    shown: Mapped[int] = mapped_column(BigInteger)
    fell_back: Mapped[int] = mapped_column(BigInteger)  # of these in another language
    failed: Mapped[int] = mapped_column(BigInteger)  # of these as the source, for the text could not be shown
    is_demo: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class MessageSighting(Base):
    """The page on which a message was last seen, one for each kind of page."""

    __tablename__ = "message_sightings"

    message_key: Mapped[str] = mapped_column(Text, primary_key=True)
    locale: Mapped[str] = mapped_column(Text, primary_key=True)
    endpoint: Mapped[str] = mapped_column(Text, primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ImpressionBatch(Base):
    """What was written already."""

    __tablename__ = "impression_batches"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


@dataclass
class Seen:
    """The lookups of one page in one locale, by the catalog's own keys, in their order."""

    locale: str
    release: int
    bucket: str
    shown: list[str] = field(default_factory=list)
    fell_back: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    at: datetime
    endpoint: str
    path: str
    seen: tuple[Seen, ...]

    @property
    def lookups(self) -> int:
        return sum(len(each.shown) for each in self.seen)


@dataclass
class Sum:
    shown: int = 0
    fell_back: int = 0
    failed: int = 0

    def add(self, other: Sum) -> None:
        self.shown += other.shown
        self.fell_back += other.fell_back
        self.failed += other.failed


@dataclass(frozen=True)
class Batch:
    id: uuid.UUID
    sums: dict[Key, Sum]
    sightings: dict[Place, tuple[str, datetime]]


@lru_cache(maxsize=20_000)
def message_key(looked_up: str) -> str:
    """The name of a message, from a catalog's key for it: sha-256 of context, U+0004 and msgid."""
    whole = looked_up if CONTEXT in looked_up else CONTEXT + looked_up
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def install(app: Flask) -> None:
    """Give the app its writer. The thread starts with the first page, so always after the fork."""
    app.extensions["impressions"] = Writer(app.extensions["sessions"])


def note(page: Page) -> None:
    """What a page showed. Never waits and never fails."""
    writer: Writer | None = current_app.extensions.get("impressions")
    if writer is not None:
        writer.put(page)


def forget_old(session: Session, now: datetime) -> None:
    session.execute(
        sa.delete(MessageImpression).where(MessageImpression.hour < now - timedelta(days=KEEP_DAYS))
    )
    session.execute(
        sa.delete(MessageSighting).where(MessageSighting.last_seen_at < now - timedelta(days=KEEP_DAYS))
    )
    session.execute(sa.delete(ImpressionBatch).where(ImpressionBatch.at < now - KEEP_BATCHES))


@dataclass
class Writer:
    """Pages that wait, their sums, and the thread that writes them. What failed is tried again, once each."""

    sessions: Sessions
    pages: int = PAGES
    capacity: int = CAPACITY
    every_seconds: float = EVERY_SECONDS
    _waiting: deque[Page] = field(default_factory=deque)
    _sums: dict[Key, Sum] = field(default_factory=dict)
    _sightings: dict[Place, tuple[str, datetime]] = field(default_factory=dict)
    _sighted: dict[Place, datetime] = field(default_factory=dict)  # when it was last written
    _unwritten: Batch | None = None
    _beside: Beside = field(init=False)
    _is_away: bool = False  # the database, when it was last asked

    def __post_init__(self) -> None:
        self._beside = Beside("impression-writer", self._work, self.stop, lambda: self.every_seconds)

    def put(self, page: Page) -> None:
        if len(self._waiting) >= self.pages:
            telemetry.impressions_dropped(page.lookups)
            return
        self._waiting.append(page)
        self._beside.ensure()

    def stop(self) -> None:
        """Write what waits, for at most beside.STOP_SECONDS; what is left is counted as dropped."""
        if not self._beside.stop():
            return
        self._fold()
        unwritten = list(self._unwritten.sums.values()) if self._unwritten else []
        if left := sum(each.shown for each in (*self._sums.values(), *unwritten)):
            log.warning("impressions: %d were not written before the stop", left)
            telemetry.impressions_dropped(left)

    def _work(self) -> None:
        """Nothing that a page holds may end the thread."""
        try:
            self._fold()
            self._write_all()
        except Exception:
            log.exception("impressions: writing failed")

    # --- adding up -----------------------------------------------------------------------------------

    def _fold(self) -> None:
        while self._waiting:
            page = self._waiting.popleft()
            hour = page.at.replace(minute=0, second=0, microsecond=0)
            for seen in page.seen:
                self._add(hour, seen)
                self._sight(page, seen)

    def _add(self, hour: datetime, seen: Seen) -> None:
        for name in ("shown", "fell_back", "failed"):
            for looked_up in getattr(seen, name):
                key = (hour, message_key(looked_up), seen.locale, seen.release, seen.bucket)
                if key not in self._sums and len(self._sums) >= self.capacity:
                    if name == "shown":
                        telemetry.impressions_dropped()
                    continue
                found = self._sums.setdefault(key, Sum())
                setattr(found, name, getattr(found, name) + 1)

    def _sight(self, page: Page, seen: Seen) -> None:
        for looked_up in dict.fromkeys(seen.shown):
            place = (message_key(looked_up), seen.locale, page.endpoint)
            last = self._sighted.get(place)
            if last is not None and page.at - last < SIGHT_AGAIN:
                continue
            if len(self._sightings) < MOST_SIGHTINGS:
                path = page.path[:LONGEST_PATH].replace("\x00", "")  # no text of the database holds it
                self._sightings[place] = (path, page.at)

    # --- writing -------------------------------------------------------------------------------------

    def _write_all(self) -> None:
        """Batch after batch until nothing waits or the database refuses."""
        while batch := self._unwritten or self._take():
            self._unwritten = batch
            if not self._write(batch):
                return
            self._unwritten = None

    def _take(self) -> Batch | None:
        keys, places = list(self._sums)[:BATCH], list(self._sightings)[:BATCH]
        if not keys and not places:
            return None
        sums = {key: self._sums.pop(key) for key in keys}
        return Batch(uuid.uuid4(), sums, {place: self._sightings.pop(place) for place in places})

    def _write(self, batch: Batch) -> bool:
        """Whether the batch is done with; if not, it is tried again under the same id."""
        try:
            with self.sessions.begin() as session:
                _insert(session, batch)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            if not self._is_away:
                log.warning("impressions wait, the database is away: %s", type(error).__name__)
            self._is_away = True
            return False
        except DBAPIError:
            log.exception("impressions: a batch was refused by the database")
            telemetry.impressions_dropped(sum(each.shown for each in batch.sums.values()))
            return True
        self._is_away = False
        self._remember(batch.sightings)
        return True

    def _remember(self, sightings: dict[Place, tuple[str, datetime]]) -> None:
        if len(self._sighted) > MOST_SIGHTINGS:
            self._sighted.clear()
        self._sighted.update((place, at) for place, (_, at) in sightings.items())


def _insert(session: Session, batch: Batch) -> None:
    new = insert(ImpressionBatch).values(id=batch.id, at=datetime.now(UTC)).on_conflict_do_nothing()
    if session.execute(new.returning(ImpressionBatch.id)).first() is None:
        return  # it was written, only the answer was lost
    if batch.sums:
        session.execute(_ADD, _impressions(batch.sums.items()))
    if batch.sightings:
        session.execute(
            _SIGHT, [_sighting(place, *batch.sightings[place]) for place in sorted(batch.sightings)]
        )


def _impressions(sums: Iterable[tuple[Key, Sum]]) -> list[dict[str, Any]]:
    """In one order in all processes, so that none waits for another in a circle."""
    return [
        {
            "hour": hour,
            "message_key": key,
            "locale": locale,
            "release": release,
            "bucket": bucket,
            "shown": found.shown,
            "fell_back": found.fell_back,
            "failed": found.failed,
        }
        for (hour, key, locale, release, bucket), found in sorted(sums, key=lambda pair: pair[0])
    ]


def _sighting(place: Place, path: str, at: datetime) -> dict[str, Any]:
    key, locale, endpoint = place
    return {"message_key": key, "locale": locale, "endpoint": endpoint, "path": path, "last_seen_at": at}


def _add() -> Any:
    statement = insert(MessageImpression)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["hour", "message_key", "locale", "release", "bucket"],
        set_={
            "shown": MessageImpression.shown + new.shown,
            "fell_back": MessageImpression.fell_back + new.fell_back,
            "failed": MessageImpression.failed + new.failed,
        },
    )


def _sight() -> Any:
    statement = insert(MessageSighting)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["message_key", "locale", "endpoint"],
        set_={"path": new.path, "last_seen_at": new.last_seen_at},
        where=MessageSighting.last_seen_at < new.last_seen_at,
    )


_ADD, _SIGHT = _add(), _sight()
