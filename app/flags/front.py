"""Answers polls and reports of SDKs before Flask sees them, from what Flask has let in a moment ago.

Flask's route checks the token, does the work and leaves behind who asks for what (`admit`). For half a
second the same question is then answered here, in microseconds; after that one request goes the long way
again, so that a token that was revoked or has expired ends within a second. What is not known here goes to
Flask.

While the database does not answer, who was let in within the last hour gets the last good state, with its
age.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.http import parse_accept_header

from app import clock, telemetry
from app.errors import Problem, Unavailable
from app.flags import cors, reports
from app.flags.feed import Feed
from app.flags.tally import Tally
from app.flags.wire import Finished, Query

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FEATURES = "/api/client/features"
METRICS = "/api/client/metrics"
OFREP = "/ofrep/"  # whose clients may send their token as X-API-Key
ADMITTED_SECONDS = 0.5  # then the token is looked up again
STALE_SECONDS = 3_600.0  # so long the last good state is served to who was let in before
PAUSE_SECONDS = 1.0  # after the database did not answer, before it is asked again
NOTED_SECONDS = 5.0  # an SDK that polls is looked at this often
MOST_ADMITTED = 10_000
MAX_BODY_BYTES = 2_000_000

Headers = list[tuple[str, str]]
SAFE = ("X-Content-Type-Options", "nosniff")
REVALIDATE = ("Cache-Control", "no-cache")  # keep it, but ask each time
VARY = ("Vary", "Accept-Encoding, Authorization")
ACCEPTED: Headers = [("Content-Length", "0"), SAFE]
OK, NOT_MODIFIED, ACCEPTED_STATUS = "200 OK", "304 Not Modified", "202 Accepted"


@dataclass
class Answer:
    """One state as it goes out: headers made once, like the bytes."""

    finished: Finished
    hints: Sequence[tuple[str, str]] = ()  # with a new state alone
    plain_headers: Headers = field(init=False)
    zipped_headers: Headers = field(init=False)
    same_headers: Headers = field(init=False)

    def __post_init__(self) -> None:
        common = [("ETag", self.finished.etag), REVALIDATE, VARY, SAFE]
        json_ = [("Content-Type", "application/json"), *common, *self.hints]
        self.same_headers = common
        self.plain_headers = [*json_, ("Content-Length", str(len(self.finished.plain)))]
        self.zipped_headers = [
            *json_,
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(self.finished.zipped))),
        ]

    def to(self, known: str | None, accepted: str | None) -> tuple[str, Headers, bytes]:
        """For If-None-Match and Accept-Encoding as they were sent."""
        if known is not None and matches(known, self.finished.etag):
            return NOT_MODIFIED, self.same_headers, b""
        if accepts_gzip(accepted):
            return OK, self.zipped_headers, self.finished.zipped
        return OK, self.plain_headers, self.finished.plain


@dataclass
class Admitted:
    """Who asks what, let in by Flask."""

    environment: str
    query: Query | None
    until: float  # on the monotonic clock: then the token is looked up again
    admitted_at: float
    answer: Answer | None = None
    confirmed_at: float = 0.0  # when the answer was last known to be current


class Front:
    def __init__(
        self,
        inner: WSGIApplication,
        feed: Feed,
        tally: Tally,
        origins: Sequence[str],
        hints: Sequence[tuple[str, str]],
    ) -> None:
        self._inner = inner
        self._origins = origins
        self._hints = hints
        self._feed = feed
        self._tally = tally
        self._admitted: OrderedDict[tuple[str | None, ...], Admitted] = OrderedDict()
        self._lock = threading.Lock()
        self._paused_until = 0.0
        self._noted_until: dict[tuple[str | None, ...], float] = {}
        self._counters = {path: telemetry.RouteCounter(path) for path in (FEATURES, METRICS)}

    def admit(self, environ: WSGIEnvironment, environment: str, query: Query | None = None) -> None:
        """Called by Flask's route once the token was found good."""
        now = time.monotonic()
        key = _key(environ)
        with self._lock:
            earlier = self._admitted.pop(key, None)
            kept = Admitted(environment, query, now + ADMITTED_SECONDS, now)
            if earlier is not None and earlier.query == query:
                kept.answer, kept.confirmed_at = earlier.answer, earlier.confirmed_at
            self._admitted[key] = kept
            while len(self._admitted) > MOST_ADMITTED:
                self._admitted.popitem(last=False)

    def answered(self, environ: WSGIEnvironment, answer: Answer) -> None:
        """Flask's route answered with this."""
        admitted = self._admitted.get(_key(environ))
        if admitted is not None:
            admitted.answer, admitted.confirmed_at = answer, time.monotonic()

    def finished(self, query: Query, revision: int | None = None) -> Answer:
        """Raises `Unavailable`."""
        return Answer(self._feed.finished(query, revision), self._hints)

    def forget(self) -> None:
        """Look up every token again."""
        with self._lock:
            self._admitted.clear()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if method == "OPTIONS" and cors.is_preflight(environ):
            return cors.answer_preflight(self._origins, environ, start_response)
        if path == FEATURES and method == "GET":
            return self._features(environ, start_response)
        if path == METRICS and method == "POST":
            return self._metrics(environ, start_response)
        if path.startswith(OFREP) and "HTTP_X_API_KEY" in environ:
            environ.setdefault("HTTP_AUTHORIZATION", environ["HTTP_X_API_KEY"])
        return self._inner(environ, start_response)

    def _current(self, environ: WSGIEnvironment) -> Admitted | None:
        """Who was let in a moment ago. When the moment is over, the first to come goes the long way alone."""
        admitted = self._admitted.get(_key(environ))
        if admitted is None:
            return None
        now = time.monotonic()
        if now < admitted.until:
            return admitted
        with self._lock:
            if now < admitted.until:
                return admitted
            admitted.until = now + ADMITTED_SECONDS
        return None

    def _features(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        admitted = self._current(environ)
        if admitted is None or admitted.query is None or admitted.answer is None:
            return self._ask_flask(environ, start_response)
        if not self._bring_up_to_date(admitted, admitted.query):
            return self._ask_flask(environ, start_response)
        self._note_poll(admitted.environment, environ)
        sent = admitted.answer.to(environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_ACCEPT_ENCODING"))
        self._counters[FEATURES].count(sent[0], began)
        return _send(start_response, *sent)

    def _bring_up_to_date(self, admitted: Admitted, query: Query) -> bool:
        """False where only the database can tell what is current."""
        revision = self._feed.heard_revision()
        answer = admitted.answer
        if revision is None or answer is None:
            return False
        if answer.finished.revision != revision:
            try:
                admitted.answer = self.finished(query, revision)
            except Unavailable:
                return False
        admitted.confirmed_at = time.monotonic()
        return True

    def _ask_flask(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The long way. Who is no longer let in is forgotten; where the database is wanting, the last good
        state is sent instead.
        """
        began = time.perf_counter()
        kept = self._kept(environ)
        if kept is not None and time.monotonic() < self._paused_until:
            return self._send_kept(*kept, environ, start_response, began)
        told: list[Any] = []

        def hold(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            told[:] = [status, headers, exc_info]
            return _no_writer

        body = self._inner(environ, hold)
        if told[0][:3] in ("401", "403"):
            with self._lock:
                self._admitted.pop(_key(environ), None)
        elif told[0][:3] == "503" and kept is not None:
            _close(body)
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            return self._send_kept(*kept, environ, start_response, began)
        start_response(*told)
        return body

    def _kept(self, environ: WSGIEnvironment) -> tuple[Answer, float] | None:
        """And when it was last known to be current."""
        admitted = self._admitted.get(_key(environ))
        if admitted is None or admitted.answer is None:
            return None
        if time.monotonic() - admitted.admitted_at >= STALE_SECONDS:
            return None
        return admitted.answer, admitted.confirmed_at

    def _send_kept(
        self,
        answer: Answer,
        confirmed_at: float,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        began: float,
    ) -> Iterable[bytes]:
        known, accepted = environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_ACCEPT_ENCODING")
        status, headers, body = answer.to(known, accepted)
        self._counters[FEATURES].count(status, began)
        age = max(0, int(time.monotonic() - confirmed_at))
        return _send(start_response, status, [*headers, ("Age", str(age))], body)

    def _metrics(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        length = environ.get("CONTENT_LENGTH") or ""
        is_plain = (
            length.isdigit() and int(length) <= MAX_BODY_BYTES and "HTTP_CONTENT_ENCODING" not in environ
        )
        admitted = self._current(environ) if is_plain else None
        if admitted is None:
            return self._ask_flask(environ, start_response)
        raw = environ["wsgi.input"].read(int(length))
        try:
            now = clock.now()
            self._tally.count(admitted.environment, reports.report_of(json.loads(raw), now), now)
        except (ValueError, RecursionError, Problem):
            environ["wsgi.input"] = BytesIO(raw)  # Flask says what is wrong with it
            return self._ask_flask(environ, start_response)
        self._counters[METRICS].count(ACCEPTED_STATUS, began)
        return _send(start_response, ACCEPTED_STATUS, ACCEPTED, b"")

    def _note_poll(self, environment: str, environ: WSGIEnvironment) -> None:
        """As its headers say; who was noted lately is not read again."""
        key = (
            environment,
            environ.get("HTTP_UNLEASH_APPNAME"),
            environ.get("HTTP_UNLEASH_INSTANCEID"),
            environ.get("HTTP_UNLEASH_CONNECTION_ID"),
        )
        seconds = time.monotonic()
        if seconds < self._noted_until.get(key, 0.0):
            return
        instance = reports.instance_of_headers(lambda name: environ.get(_variable(name)))
        if instance is not None:
            self._tally.polled(environment, instance, clock.now())
        if len(self._noted_until) >= MOST_ADMITTED:
            self._noted_until.clear()
        self._noted_until[key] = seconds + NOTED_SECONDS


def matches(known: str, tag: str) -> bool:
    """Whether If-None-Match names this ETag; weakly, as HTTP asks for."""
    return known == tag or known == "*" or tag in [one.strip().removeprefix("W/") for one in known.split(",")]


@lru_cache(256)
def accepts_gzip(accepted: str | None) -> bool:
    return accepted is not None and "gzip" in accepted and _quality(accepted, "gzip") > 0


def _quality(accepted: str, coding: str) -> float:
    return float(parse_accept_header(accepted)[coding])


@lru_cache(64)
def _variable(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")


def _key(environ: WSGIEnvironment) -> tuple[str | None, ...]:
    """Who asks what: all that the answer depends on."""
    return (
        environ.get("HTTP_AUTHORIZATION"),
        environ["PATH_INFO"],
        environ.get("QUERY_STRING"),
        environ.get("HTTP_UNLEASH_CLIENT_SPEC"),
    )


def _send(start_response: StartResponse, status: str, headers: Headers, body: bytes) -> Iterable[bytes]:
    start_response(status, list(headers))
    return (body,) if body else ()


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def _no_writer(_: bytes) -> object:
    raise TypeError("bytes are returned, not written")
