"""Live pages: one stream of server-sent events a page, fed by Redis, so that all workers hear every write.

The stream says only *what* changed ("flags", "alerts" …); the page then asks for the fragment it shows.
Nothing is lost where a stream cannot be had: the same fragments poll.
"""

from __future__ import annotations

import json
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from flask import Blueprint, Flask, Response, current_app
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.cache import PREFIX
from app.guards import requires

CHANNEL = PREFIX + "events"
TOPICS = (
    "slo",
    "alerts",
    "flags",
    "rollouts",
    "experiments",
    "locales",
    "kpi",
    "cost",
    "jobs",
    "timeline",
    "incidents",
    "backups",
    "webhooks",
    "notifications",
    "errors",
)
HEARTBEAT_SECONDS = 15
# Threads left for pages: gunicorn.conf gives each worker more threads than this.
STREAMS_PER_WORKER = 384
QUEUE_LENGTH = 64
RECONNECT_SECONDS = 1.0

blueprint = Blueprint("events", __name__)


def publish(redis: Redis, topic: str, data: dict[str, object] | None = None) -> bool:
    """Tell every open page that something of `topic` changed. False where Redis is down: pages poll."""
    if topic not in TOPICS:
        raise ValueError(f"no such topic: {topic}")
    try:
        redis.publish(CHANNEL, json.dumps({"topic": topic, "data": data or {}}))
    except RedisError:
        return False
    return True


def publish_on_commit(session: Session, redis: Redis, topic: str) -> None:
    """Tell open pages when the transaction has ended: a page that asks at once must find what was written."""
    event.listen(session, "after_commit", lambda _: publish(redis, topic), once=True)


class Hub:
    """One subscriber a process; each open page has a bounded queue. A slow page loses old messages."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues: set[queue.Queue[str | None]] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def join(self) -> queue.Queue[str | None] | None:
        """A queue of finished messages; None where no more streams fit or the process is stopping."""
        with self._lock:
            if self._closed or len(self._queues) >= STREAMS_PER_WORKER:
                return None
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="events", daemon=True)
                self._thread.start()
            joined: queue.Queue[str | None] = queue.Queue(QUEUE_LENGTH)
            self._queues.add(joined)
            return joined

    def leave(self, joined: queue.Queue[str | None]) -> None:
        with self._lock:
            self._queues.discard(joined)

    def close(self) -> None:
        """End every stream at once. Called from a signal handler, so it takes no lock."""
        self._closed = True
        for joined in list(self._queues):
            _offer(joined, None)

    def _listen(self) -> None:
        while not self._closed:
            try:
                self._forward()
            except (RedisError, ValueError, KeyError):
                time.sleep(RECONNECT_SECONDS)

    def _forward(self) -> None:
        with self._redis.pubsub(ignore_subscribe_messages=True) as listener:  # type: ignore[no-untyped-call]
            listener.subscribe(CHANNEL)
            while not self._closed:
                message = listener.get_message(timeout=HEARTBEAT_SECONDS)
                if message is None:
                    continue
                told = json.loads(message["data"])
                text = f"event: {told['topic']}\ndata: {json.dumps(told['data'])}\n\n"
                with self._lock:
                    listening = list(self._queues)
                for joined in listening:
                    _offer(joined, text)


def _offer(joined: queue.Queue[str | None], text: str | None) -> None:
    try:
        joined.put_nowait(text)
    except queue.Full:
        joined.get_nowait()
        joined.put_nowait(text)


def messages(hub: Hub, joined: queue.Queue[str | None]) -> Iterator[str]:
    """What goes over the wire. Holds no database session, so an open page costs a thread and a queue."""
    try:
        yield "retry: 3000\n\n"
        while True:
            try:
                text = joined.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                text = ": alive\n\n"
            if text is None:
                return
            yield text
    finally:
        hub.leave(joined)


@blueprint.get("/events")
@requires("view")
def stream() -> Response:
    hub: Hub = current_app.extensions["events"]
    joined = hub.join()
    if joined is None:
        return Response(status=204)  # the browser stops asking, the fragments poll
    return Response(
        messages(hub, joined),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def close_on_sigterm(*close: Callable[[], None]) -> None:
    """Open streams would hold a stopping worker for its whole grace period; end them first."""
    before = signal.getsignal(signal.SIGTERM)

    def handler(number: int, frame: FrameType | None) -> None:
        for end in close:
            end()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, handler)


def init_app(app: Flask, redis: Redis) -> None:
    app.extensions["events"] = Hub(redis)
    app.register_blueprint(blueprint)
