"""Follows the control plane by a stream of changes, and by polling for as long as there is none.

The SDK can stream, but then it never polls: where the stream cannot be had it stays as it is for good. So
this takes the place of its connector. Each change is merged by an engine of our own into a whole state,
which then goes the way of a poll: into the cache that rejects rubbish and keeps the last good file, and
from there into the SDK.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator

from ld_eventsource import SSEClient
from ld_eventsource.actions import Event, Fault, Start
from ld_eventsource.config import ConnectStrategy
from ld_eventsource.errors import HTTPStatusError
from UnleashClient.clients.unleash_client import UnleashClient
from UnleashClient.connectors import BaseConnector
from UnleashClient.constants import STREAMING_URL
from urllib3 import Timeout
from yggdrasil_engine.engine import UnleashEngine, YggdrasilError

from storefront import logs, tracing
from storefront.flag_state import LastGood

log = logging.getLogger(__name__)

CHANGES = ("unleash-connected", "unleash-updated")
SILENCE_SECONDS = 25.0  # the stream is given up after so long without a heartbeat; ours come every 10
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 1.0, 30.0  # between tries to open the stream, doubling
SETTLED_SECONDS = 20.0  # a stream that held so long begins with the first pause again
STOP_SECONDS = 5.0


class Follower(BaseConnector):
    def __init__(self, client: UnleashClient, state: LastGood, poll_seconds: float, timeout: float) -> None:
        super().__init__(client._store)
        self._client, self._state = client, state
        self._poll_seconds, self._timeout = poll_seconds, timeout
        self._stopped = threading.Event()
        self._asked = threading.Event()  # once an answer came, or none could be had
        self._stream: SSEClient | None = None
        self._thread = threading.Thread(target=self._run, name="flags-follow", daemon=True)
        self._merging: UnleashEngine | None = None  # None: only a whole state can be merged
        self._last_event_id: str | None = None
        self.is_streaming = False

    @classmethod
    def take_over(cls, client: UnleashClient, state: LastGood, poll_seconds: float, timeout: float) -> None:
        """In place of the connector that the SDK started."""
        client.connector.stop()  # type: ignore[no-untyped-call]
        client.connector = cls(client, state, poll_seconds, timeout)
        client.connector.start()

    def start(self) -> None:
        """Waits for the first answer, as the SDK does."""
        self._thread.start()
        self._asked.wait(self._timeout)

    def stop(self) -> None:
        self._stopped.set()
        if self._stream is not None:
            self._stream.close()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        pause = FIRST_RETRY_SECONDS
        while not self._stopped.is_set():
            began = time.monotonic()
            with logs.begin(stream="flags"):
                self._follow()
            pause = FIRST_RETRY_SECONDS if time.monotonic() - began > SETTLED_SECONDS else pause
            self._poll_for(pause * random.uniform(0.5, 1.0))  # noqa: S311 # nosec B311 # so that not all come back at once
            pause = min(pause * 2, LAST_RETRY_SECONDS)

    def _follow(self) -> None:
        """Until the stream ends, for whatever reason."""
        try:
            for action in self._actions():
                if isinstance(action, Fault) or self._stopped.is_set():
                    return
                if isinstance(
                    action, Start
                ):  # one that goes on where it ended says nothing if nothing changed
                    self.is_streaming = self._merging is not None
                if isinstance(action, Event) and action.event in CHANGES:
                    self._take(action)
                if self.is_streaming:
                    self._state.confirm()
        except HTTPStatusError as error:
            log.info("flags: no stream, polling instead: status %s", error.status)
        except Exception as error:  # whatever a network may come up with, polling goes on
            log.info("flags: the stream ended, polling instead: %s", error.__class__.__name__)
        finally:
            self.is_streaming = False
            self._close()

    def _actions(self) -> Iterator[object]:
        connect = ConnectStrategy.http(
            self._client.unleash_url.rstrip("/") + STREAMING_URL,
            headers={**self._client._headers.streaming(), **logs.headers()},
            urllib3_request_options={"timeout": Timeout(connect=self._timeout, read=SILENCE_SECONDS)},
        )
        self._stream = SSEClient(connect, last_event_id=self._last_event_id)
        return iter(self._stream.all)

    def _take(self, event: Event) -> None:
        """Raises `YggdrasilError` for what cannot be merged; polling brings a whole state then."""
        if self._merging is None or event.event == CHANGES[0]:
            self._merging = UnleashEngine()
        self._merging.take_state(event.data)
        self._state.forget_etag()
        self._store.apply_fetched(self._merging.get_state())
        if self._state.was_rejected:
            raise YggdrasilError("rejected")
        self._last_event_id = event.last_event_id
        self.is_streaming = True
        self._asked.set()

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _poll_for(self, seconds: float) -> None:
        """At once, for what was missed, and then in the rhythm of polls until the stream is tried again."""
        until = time.monotonic() + seconds
        while not self._stopped.is_set():
            with logs.begin(poll="flags"), tracing.span("flags.poll"):
                self._poll()
            self._asked.set()
            left = until - time.monotonic()
            if left <= 0:
                return
            self._stopped.wait(min(left, self._poll_seconds))

    def _poll(self) -> None:
        answer = self._client._transport.fetch_features(self._store.cached_etag)
        self._store.apply_fetched(answer.raw_state, answer.etag)
        if answer.raw_state is not None:
            self._merging = self._last_event_id = None  # the stream begins with everything again
