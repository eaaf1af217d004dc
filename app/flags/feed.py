"""What this process knows of the flags: the revision, snapshots, and answers finished for sending.

A revision in memory is trusted only while a listener vouches for it (see listener.py); otherwise the
database is asked each time. Nothing here is read or written by more than one process, and no session
outlives a call.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from app.db import Sessions, transaction
from app.flags import loading, snapshot
from app.flags.judge import Judge
from app.flags.snapshot import Snapshot
from app.flags.wire import Finished, Query

DEPENDENCY = "PostgreSQL"
MOST_ANSWERS = 64  # different questions that are kept finished
MOST_ENVIRONMENTS = 32
MOST_JUDGES = 32

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """The latest few of something, made once each: whoever asks meanwhile waits for the one who makes it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Key, threading.Lock] = {}

    def get(self, key: Key) -> Value | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def get_or_make(
        self, key: Key, make: Callable[[Value | None], Value], fits: Callable[[Value], bool]
    ) -> Value:
        """`make` is given what was kept before."""
        found = self.get(key)
        if found is not None and fits(found):
            return found
        with self._lock:
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            try:
                found = self.get(key)
                if found is None or not fits(found):
                    found = make(found)
                    self._put(key, found)
                return found
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def _put(self, key: Key, value: Value) -> None:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)


class Feed:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._revision = 0
        self._trusted_until = 0.0  # on the monotonic clock
        self.tokens = 0  # grows whenever what was known of tokens may have changed
        self._changed = threading.Condition()
        self._snapshots: Recent[str, Snapshot] = Recent(MOST_ENVIRONMENTS)
        self.answers: Recent[Query, Finished] = Recent(MOST_ANSWERS)
        self._news: Recent[tuple[Query, int, int], tuple[str, bool]] = Recent(MOST_ANSWERS)
        self._judges: Recent[Query, Judge] = Recent(MOST_JUDGES)
        self.is_closed = False

    def heard(self, revision: int, trusted_seconds: float) -> None:
        """The listener says which revision is committed, and for how long it vouches for hearing the next."""
        self._trusted_until = time.monotonic() + trusted_seconds
        if revision != self._revision:
            with self._changed:
                self._revision = revision
                self._changed.notify_all()

    def heard_of_tokens(self) -> None:
        """One was made, exchanged or revoked, or that may have gone unheard: streams ask for theirs again."""
        with self._changed:
            self.tokens += 1
            self._changed.notify_all()

    def distrust(self) -> None:
        """The listener no longer hears anything."""
        self._trusted_until = 0.0

    def heard_revision(self) -> int | None:
        """What is known for sure without asking anybody."""
        return self._revision if time.monotonic() < self._trusted_until else None

    def revision(self) -> int:
        """Raises `Unavailable` where the database has to be asked and does not answer."""
        heard = self.heard_revision()
        if heard is not None:
            return heard
        with transaction(self._sessions, DEPENDENCY) as session:
            return loading.revision(session)

    def snapshot(self, environment: str, revision: int) -> Snapshot:
        """Of this revision or a later one."""

        def load(before: Snapshot | None) -> Snapshot:
            with transaction(self._sessions, DEPENDENCY) as session:
                return loading.snapshot(session, environment, before)

        return self._snapshots.get_or_make(environment, load, lambda kept: kept.revision == revision)

    def finished(self, query: Query, revision: int | None = None) -> Finished:
        """The answer of this revision or a later one."""
        wanted = self.revision() if revision is None else revision
        return self.answers.get_or_make(
            query,
            lambda _: self.snapshot(query.environment, wanted).finished(query),
            lambda kept: kept.revision == wanted,
        )

    def judge(self, query: Query) -> Judge:
        """The engine that answers this question at the current revision."""
        wanted = self.revision()
        return self._judges.get_or_make(
            query,
            lambda _: Judge(self.snapshot(query.environment, wanted), query),
            lambda kept: kept.revision == wanted,
        )

    def news(self, query: Query, since: int, revision: int) -> tuple[str, int, bool]:
        """A body with what changed after `since` up to `revision`, up to where it really goes, and whether it
        replaces all that is known. The body is empty where nothing changed for this question.
        """
        seen = self.snapshot(query.environment, revision)
        text, is_all = self._news.get_or_make(
            (query, since, seen.revision), lambda _: _told(seen, query, since), lambda _: True
        )
        return text, seen.revision, is_all

    def wait(self, revision: int, tokens: int, seconds: float) -> int:
        """The revision that was heard last, as soon as there is news or the streams end."""

        def has_news() -> bool:
            return self.is_closed or self._revision != revision or self.tokens != tokens

        with self._changed:
            self._changed.wait_for(has_news, seconds)
            return self._revision

    def catch_up(self, revision: int, seconds: float) -> None:
        """Wait until a revision was heard, so that who wrote it reads it; not where nothing is heard."""

        def is_heard() -> bool:
            return self._revision >= revision or self.heard_revision() is None

        with self._changed:
            self._changed.wait_for(is_heard, seconds)

    def rest(self, seconds: float) -> int:
        """Whatever is heard meanwhile, unless the streams end; the revision that was heard last."""
        with self._changed:
            if seconds > 0:
                self._changed.wait_for(lambda: self.is_closed, seconds)
            return self._revision

    def close(self) -> None:
        """End every stream at once, and take no more."""
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()


def _told(seen: Snapshot, query: Query, since: int) -> tuple[str, bool]:
    events = seen.changes(query, since)
    if events is None:
        return snapshot.body([seen.hydration(query)]), True
    return (snapshot.body(events) if events else ""), False
