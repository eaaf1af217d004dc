"""gunicorn's threads for answers alone: whoever is slow waits outside of them.

By itself gunicorn's `gthread` gives a connection to a thread as soon as it is there, and the thread waits for
every byte of the request and until the client has read the answer: a few dozen slow clients, or a thousand
that send nothing, would stop the shop. Here the worker's one loop collects what arrives. A request goes to a
thread when all of it is there; one that is not there after ARRIVES_SECONDS is never answered. Where there are
too many connections the one that has kept the loop waiting longest makes room. Plain HTTP/1.1 only: TLS
belongs to the proxy in front.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from storefront import refusals
from storefront.arriving import Arriving, State

ARRIVES_SECONDS = 20.0  # for a head and 64 KiB; a phone far out in the country needs three
READS_SECONDS = 20.0  # for a client to take what the system's buffer does not hold of an answer
SEND_BUFFER = 512 * 1024  # bytes; every page fits, so that its thread is free before it is read
LINGERS_SECONDS = 2.0  # after an answer, so that what is still being sent does not cut it off
PIECE = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(TConn):  # type: ignore[misc] # gunicorn has no types
    """One client; `arriving` is its next request."""

    def __init__(self, worker: PatientWorker, *about: Any) -> None:
        super().__init__(*about)
        self.worker = worker
        self.arriving = Arriving()
        self.may_stay = True
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def receive(self) -> State | None:
        """What is there now, without waiting. None: the client has gone."""
        self.sock.setblocking(False)
        try:
            piece = self.sock.recv(PIECE)
        except (BlockingIOError, InterruptedError):
            return self.arriving.state
        except OSError:
            return None
        if not piece:
            return None
        had_head = self.arriving.head_bytes is not None
        state = self.arriving.take(piece)
        if state is State.COMING and self.arriving.asks_first and not had_head:
            self.say(CONTINUE)
        return state

    def say(self, line: bytes) -> None:
        with suppress(OSError):  # a client that is not there to hear it is told nothing
            self.sock.send(line)

    def read_ahead(self) -> None:
        """What followed the last request belongs to the next one."""
        if self.parser is not None and (early := self.parser.unreader.take_buffered()):
            self.arriving.take(early)

    def hand_over(self) -> None:
        """To the parser, which finds all that it asks for and never waits."""
        self.data_ready = True
        self.init()
        self.may_stay = not self.arriving.is_too_large
        self.parser.unreader.unread(bytes(self.arriving.received))
        self.arriving = Arriving()

    def close(self, graceful: bool = False) -> None:
        if graceful:
            self.worker.see_off(self.sock)
        else:
            super().close()


class PatientWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """The names of these methods are gunicorn's; it calls all but the last three."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leaving: dict[socket.socket, float] = {}  # until when; in the order in which they were answered

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another worker was faster, or the client has gone
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections and self.pending_conns:
            self._drop(self.pending_conns[0])
        self.enqueue_req(Connection(self, self.cfg, client, address, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """A new or kept connection, or one that has sent its next request too early."""
        conn.read_ahead()
        state: State | None = conn.arriving.state
        if state is State.COMING:
            state = conn.receive()
        if state is not State.COMING:
            self._go_on(conn, state)
            return
        conn.timeout = time.monotonic() + ARRIVES_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        state = conn.receive()
        if state is State.COMING:
            return  # in its old place: the time is counted from the beginning
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._go_on(conn, state)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        conn.sock.settimeout(READS_SECONDS)
        try:
            is_kept = super().handle_request(req, conn)
        except TimeoutError as error:
            raise StopIteration from error  # gunicorn's word for "close it and say nothing"
        return bool(is_kept) and conn.may_stay

    def murder_pending(self) -> None:
        super().murder_pending()
        if not self.alive:
            for conn in [each for each in self.pending_conns if not each.arriving.received]:
                self._drop(conn)
        for client in [each for each, until in self.leaving.items() if until < time.monotonic()]:
            self._see_last_of(client)

    def see_off(self, client: socket.socket) -> None:
        """Close it once the client has, or soon; gunicorn's own way makes all others wait meanwhile."""
        try:
            client.setblocking(False)
            client.shutdown(socket.SHUT_WR)
            self.poller.register(client, EVENT_READ, self._drain)
        except (OSError, ValueError):
            client.close()
            return
        self.leaving[client] = time.monotonic() + LINGERS_SECONDS
        if len(self.leaving) > self.worker_connections:
            self._see_last_of(next(iter(self.leaving)))

    def _drain(self, client: socket.socket) -> None:
        try:
            if client.recv(PIECE):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass  # reset by the client: gone all the same
        self._see_last_of(client)

    def _see_last_of(self, client: socket.socket) -> None:
        del self.leaving[client]
        self.poller.unregister(client)
        client.close()

    def _go_on(self, conn: Connection, state: State | None) -> None:
        if state is State.HERE:
            conn.hand_over()
            super().enqueue_req(conn)
            return
        self.nr_conns -= 1
        if state is None:
            conn.close()
            return
        status, _, reason = state.value.partition(" ")
        conn.say(refusals.answer(int(status), reason, is_secure=self.wsgi.config["SESSION_COOKIE_SECURE"]))
        conn.close(graceful=True)

    def _drop(self, conn: Connection) -> None:
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
