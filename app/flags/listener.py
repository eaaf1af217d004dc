"""One connection a process that hears every committed write of flags and tokens, and says how far it can be
believed.

Each write sends its revision inside its own transaction (`writing.next_revision`), so it is heard the
moment it can be read. A second proof guards against silence: the listener asks for the revision every
second, and who polls may trust the memory only for a little longer than that. A connection that hears
nothing, such as one behind a pooler that swaps sessions, is found out by a word sent to itself, and is
then never trusted: streams fall back to that question, polls ask the database themselves.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable

import psycopg
from psycopg import sql
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.db import Sessions, engine_of
from app.flags.feed import Feed
from app.flags.writing import CHANNEL
from app.guards import TOKENS_CHANNEL

log = logging.getLogger(__name__)

ASK_SECONDS = 1.0
TRUSTED_SECONDS = 2.5  # a question that takes longer than this leaves nothing to trust
PROOF_SECONDS = 2.0
RECONNECT_SECONDS = 0.5
DEAF_SECONDS = 30.0  # then it is tried again whether words arrive
CURRENT = "SELECT revision FROM flag_revision"


class Listener:
    def __init__(self, sessions: Sessions, feed: Feed) -> None:
        self._sessions = sessions
        self._feed = feed
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._said = ""

    def start(self) -> None:
        """In a thread of this process; again, it does nothing."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="flags-listener", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow()
            except (psycopg.Error, SQLAlchemyError, OSError) as error:
                self._say(f"changes are not heard at the moment: {error.__class__.__name__}")
            finally:
                self._feed.distrust()
            self._stopped.wait(RECONNECT_SECONDS)

    def _follow(self) -> None:
        with self._connect() as connection:
            for channel in (CHANNEL, TOKENS_CHANNEL):
                connection.execute(sql.SQL(" ").join((sql.SQL("LISTEN"), sql.Identifier(channel))))
            self._feed.heard_of_tokens()  # whatever was told before this
            if self._hears_itself(connection):
                self._said = ""
                self._listen(connection, TRUSTED_SECONDS, lambda: True)
            else:
                self._say("this database connection hears no notifications, it is asked instead")
                rounds = iter(range(int(DEAF_SECONDS / ASK_SECONDS)))
                self._listen(connection, 0.0, lambda: next(rounds, None) is not None)

    def _say(self, what: str) -> None:
        """Once, however often it happens in a row."""
        if what != self._said:
            self._said = what
            log.warning("flags: %s", what)

    def _listen(
        self, connection: psycopg.Connection, trusted_seconds: float, goes_on: Callable[[], bool]
    ) -> None:
        while not self._stopped.is_set() and goes_on():
            row = connection.execute(CURRENT).fetchone()
            self._feed.heard(row[0] if row else 0, trusted_seconds)
            for word in connection.notifies(timeout=ASK_SECONDS):
                if word.channel == TOKENS_CHANNEL:
                    self._feed.heard_of_tokens()
                elif word.payload.isdigit():
                    self._feed.heard(int(word.payload), trusted_seconds)

    def _hears_itself(self, connection: psycopg.Connection) -> bool:
        """Sent through another connection, as the writes of others are."""
        word = f"proof:{secrets.token_hex(8)}"
        with self._sessions.begin() as session:
            session.execute(select(func.pg_notify(CHANNEL, word)))
        return any(
            heard.payload == word for heard in connection.notifies(timeout=PROOF_SECONDS, stop_after=1)
        )

    def _connect(self) -> psycopg.Connection:
        """Its own, outside the pool, and given up on within seconds when the network goes silent."""
        url = engine_of(self._sessions).url.set(drivername="postgresql")
        return psycopg.connect(
            url.render_as_string(hide_password=False),
            autocommit=True,
            connect_timeout=2,
            keepalives_idle=2,
            keepalives_interval=1,
            keepalives_count=2,
            tcp_user_timeout=3_000,
            application_name="flags-listener",
        )
