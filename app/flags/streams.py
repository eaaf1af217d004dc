"""Streams of server-sent events for SDKs: everything first, then each change the moment it is committed.

An open stream costs a thread that waits and no database session. Its only state is the revision it has
sent, so that none is missed between two messages, and a reconnect (Last-Event-ID) to any process goes on
where it ended. It ends when its token does: at its hour, and whenever a token was changed it is asked for.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Response
from flask_babel import gettext as _

from app import clock, problems, telemetry
from app.errors import Unavailable
from app.flags.reports import Instance
from app.flags.wire import Query

if TYPE_CHECKING:
    from app.flags.serving import Serving

MOST_STREAMS = 400  # of one process; gunicorn_conf.py gives it threads for them
MOST_OPENS = 12  # of one connection id within OPENS_SECONDS; who needs more is told to poll
OPENS_SECONDS = 60.0
MOST_CONNECTIONS = 10_000
HEARTBEAT_SECONDS = 10.0  # SDKs give a silent stream up after 15 to 60 s
RETRY_SECONDS = 1.0  # after the database did not answer
# Messages that one stream may send in a row, and then each second: an import of a thousand flags must not
# have every SDK rebuild its state a thousand times.
MOST_AT_ONCE = 300
MOST_A_SECOND = 10.0
ALIVE = b": alive\n\n"
POLL = b"event: fetch-mode\ndata: polling\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Streams:
    """How many are open in this process, and who opens them too often."""

    def __init__(self) -> None:
        self._open = 0
        self._opened: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """Takes a place; False where all are taken."""
        with self._lock:
            if self._open >= MOST_STREAMS:
                return False
            self._open += 1
        telemetry.FLAG_STREAMS.inc()
        return True

    def leave(self) -> None:
        with self._lock:
            self._open -= 1
        telemetry.FLAG_STREAMS.dec()

    def is_too_often(self, connection_id: str, seconds: float) -> bool:
        """Counts one opening; `seconds` is a clock that only goes forward. The nameless are let in."""
        if not connection_id:
            return False
        with self._lock:
            times = self._opened.setdefault(connection_id, deque(maxlen=MOST_OPENS))
            self._opened.move_to_end(connection_id)
            while len(self._opened) > MOST_CONNECTIONS:
                self._opened.popitem(last=False)
            if len(times) == MOST_OPENS and seconds - times[0] < OPENS_SECONDS:
                return True
            times.append(seconds)
            return False


@dataclass(frozen=True)
class Pass:
    """What a stream was let in with."""

    authorization: str
    expires_at: datetime | None
    tokens: int  # the feed's count when it was found good

    def seconds_left(self, now: datetime) -> float:
        return math.inf if self.expires_at is None else max(0.0, (self.expires_at - now).total_seconds())


def answer(serving: Serving, query: Query, instance: Instance | None, since: int, let_in: Pass) -> Response:
    """The stream; 429 and 503 are what SDKs take as a hint to poll or to come again."""
    if instance is not None and serving.streams.is_too_often(instance.connection_id, time.monotonic()):
        return problems.answer(429, "Too often", _("This connection was opened too often. Poll instead."))
    serving.listener.start()
    revision = serving.feed.revision()
    first = _first(serving, query, since, revision)
    if serving.feed.is_closed or not serving.streams.enter():
        return problems.answer(
            503, "Not available at the moment", _("No more streams can be held. Poll instead.")
        )
    stream = Stream(serving, query, instance, let_in, *first)
    return Response(stream, mimetype="text/event-stream", headers=HEADERS)


def _first(serving: Serving, query: Query, since: int, revision: int) -> tuple[bytes, int]:
    text, seen, is_all = serving.feed.news(query, since, revision)
    if not text:
        return ALIVE, seen
    return message("unleash-connected" if is_all else "unleash-updated", seen, text), seen


def message(event: str, revision: int, text: str) -> bytes:
    return f"event: {event}\nid: {revision}\ndata: {text}\n\n".encode()


class Pace:
    """How long to wait before the next message, so that many changes in a row become one."""

    def __init__(self) -> None:
        self._credit = float(MOST_AT_ONCE)
        self._at: float | None = None

    def pause(self, seconds: float) -> float:
        """Counts one message; `seconds` is a clock that only goes forward."""
        earned = 0.0 if self._at is None else (seconds - self._at) * MOST_A_SECOND
        self._at = seconds
        self._credit = min(self._credit + earned, MOST_AT_ONCE) - 1.0
        return max(0.0, -self._credit / MOST_A_SECOND)


class Stream:
    """What goes over the wire. Whoever sends it calls `close` at the end, however that comes."""

    def __init__(
        self,
        serving: Serving,
        query: Query,
        instance: Instance | None,
        let_in: Pass,
        first: bytes,
        seen: int,
    ) -> None:
        self._serving, self._query, self._instance, self._pass = serving, query, instance, let_in
        self._first, self._seen = first, seen
        self._pace = Pace()
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        if self._serving.fetch_mode == "polling":
            yield POLL
        feed = self._serving.feed
        while True:
            left = self._pass.seconds_left(clock.now())
            heard = feed.wait(self._seen, self._pass.tokens, min(HEARTBEAT_SECONDS, left))
            if heard != self._seen:
                heard = feed.rest(self._pace.pause(time.monotonic()))
            if feed.is_closed or not self._may_go_on():
                return
            self._note()
            yield ALIVE if heard == self._seen else self._changes(heard)

    def _may_go_on(self) -> bool:
        """While the database does not answer, who was let in stays, as with polls."""
        if self._pass.seconds_left(clock.now()) == 0:
            return False
        tokens = self._serving.feed.tokens
        if tokens == self._pass.tokens:
            return True
        try:
            is_good = self._serving.lets_in(self._pass.authorization)
        except Unavailable:
            time.sleep(RETRY_SECONDS)
            return True
        self._pass = replace(self._pass, tokens=tokens)
        return is_good

    def _changes(self, revision: int) -> bytes:
        """An empty chunk would end the answer, so that nothing to tell is a comment as well."""
        try:
            text, self._seen, is_all = self._serving.feed.news(self._query, self._seen, revision)
        except Unavailable:
            time.sleep(RETRY_SECONDS)
            return ALIVE
        if not text:
            return ALIVE
        return message("unleash-connected" if is_all else "unleash-updated", self._seen, text)

    def _note(self) -> None:
        if self._instance is not None:
            self._serving.tally.polled(self._query.environment, self._instance, clock.now())

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._serving.streams.leave()
