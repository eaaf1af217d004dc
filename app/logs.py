"""One line an event on standard error, as logfmt or JSON; lines of one request or run share an id.

    configure(config, "control")        once in each process
    with begin(job="slo.gather"): …     around work that no request began: an id of its own
    request_id()                        for the audit trail, for answers, for calls to others
    note(route="/flags/<name>")         adds to every line from here to the end of the request
    install(app, known)                 gives each request its id, sends it back, writes its one line

An id that comes with a request is taken where it is well formed, from whomever: it is a label that others
may choose, and nothing is allowed because of it. What is written is masked, and has no character that would
end the line, colour a terminal or turn the reading direction.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response
from werkzeug.wsgi import ClosingIterator

from app.masking import mask, mask_log, mask_values

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
PROBES = ("/healthz", "/readyz", "/metrics", "/static/", "/favicon.ico")  # asked all the time: at debug alone
STREAM = "text/event-stream"
LONGEST_TEXT = 16_000  # of one value; a traceback may be longer than most
FIRST = ("time", "level", "logger", "event", "service", "release", "request_id", "trace_id", "span_id")

# Would end the line, colour a terminal, or turn or hide what is read; \n and \t are escaped by each format.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_QUOTED = re.compile(r'[\s="\\]|\A\Z')
_KEY = re.compile(r"[^\w.-]")
_OF_A_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}

About = dict[str, Any]
_about: ContextVar[About | None] = ContextVar("about", default=None)
_trace_ids: Callable[[], Mapping[str, str]] = dict

access = logging.getLogger("access")


class Settings(Protocol):
    """What of a service's config this file reads."""

    @property
    def log_level(self) -> str: ...
    @property
    def log_format(self) -> str: ...
    @property
    def release(self) -> str: ...


# --- ids -----------------------------------------------------------------------------------------------


def new_id() -> str:
    return secrets.token_hex(16)


def accepted(given: str) -> str:
    """The id that came with a request where it is well formed and no secret, else a new one."""
    return given if WELL_FORMED.fullmatch(given) and mask(given) == given else new_id()


def about() -> Mapping[str, Any]:
    """What is known of the request or run that is worked on."""
    return _about.get() or {}


def request_id() -> str:
    """Empty outside of requests and runs."""
    return str(about().get("request_id", ""))


def note(**more: Any) -> None:
    known = _about.get()
    if known is not None:
        known.update(more)


@contextmanager
def begin(request_id: str = "", **more: Any) -> Iterator[str]:
    """Work that no request of ours began: a run, a message, a poll. Its id is that of who asked for it."""
    found = accepted(request_id)
    before = _about.set({"request_id": found, **more})
    try:
        yield found
    finally:
        _about.reset(before)


def headers() -> dict[str, str]:
    """What a call to another service carries."""
    return {HEADER: request_id()} if request_id() else {}


def carry(request: Any) -> None:
    """For `event_hooks` of an httpx client: the other service's lines get the same id."""
    request.headers.update(headers())


def ask_for_trace(ids: Callable[[], Mapping[str, str]]) -> None:
    """`ids` answers trace_id and span_id of what runs now; set where traces are on."""
    global _trace_ids
    _trace_ids = ids


def trace_id() -> str:
    """Empty where nothing is traced."""
    return str(_trace_ids().get("trace_id", "") or about().get("trace_id", ""))


# --- requests ------------------------------------------------------------------------------------------


class Requests:
    """Around the whole app, so that what answers ahead of Flask has an id and a line too."""

    def __init__(self, app: WSGIApplication, quiet: tuple[str, ...]) -> None:
        self._app = app
        self._quiet = PROBES + quiet

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        known: About = {"request_id": accepted(environ.get("HTTP_X_REQUEST_ID", ""))}
        known["method"] = environ.get("REQUEST_METHOD", "")
        before, began = _about.get(), time.perf_counter()
        _about.set(known)
        is_stream = False

        def start(status: str, sent: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal is_stream
            known["status"] = int(status[:3])
            is_stream = any(name == "Content-Type" and kind.startswith(STREAM) for name, kind in sent)
            if not is_stream:
                self._tell(environ.get("PATH_INFO", ""), known, time.perf_counter() - began)
            sent = [pair for pair in sent if pair[0].lower() != HEADER.lower()]
            return start_response(status, [*sent, (HEADER, known["request_id"])], exc_info)

        def end() -> None:
            self._tell(environ.get("PATH_INFO", ""), known, time.perf_counter() - began)
            _about.set(before)

        try:
            answer = self._app(environ, start)
        except BaseException:
            known["status"] = 500
            end()
            raise
        if is_stream:  # its line is written, and its id forgotten, when it ends
            return ClosingIterator(answer, end)
        _about.set(before)
        return answer

    def _tell(self, path: str, known: About, seconds: float) -> None:
        level = logging.DEBUG if path.startswith(self._quiet) else logging.INFO
        if access.isEnabledFor(level):
            known.setdefault("route", "unmatched")
            access.log(level, "answered", extra={"duration_ms": round(seconds * 1000, 1)})


def install(app: Flask, known: Callable[[], Mapping[str, Any]], quiet: tuple[str, ...] = ()) -> None:
    """The last thing around the app. `known` tells of the current request: its route, its person.

    `quiet`: beginnings of paths that machines ask all the time; their lines are written at debug alone.
    """
    app.wsgi_app = Requests(app.wsgi_app, quiet)  # type: ignore[method-assign]

    @app.before_request
    def begins() -> None:
        note(**known())

    @app.after_request
    def ends(response: Response) -> Response:
        note(**_trace_ids(), **known())
        return response


# --- lines ---------------------------------------------------------------------------------------------


class Line(logging.Formatter):
    """A record, and what is known of the request or run that it belongs to, as one line."""

    def __init__(self, form: str, service: str, release: str) -> None:
        super().__init__()
        self._write = as_json if form == "json" else as_logfmt
        self._constant = {"service": service, "release": release}

    def format(self, record: logging.LogRecord) -> str:
        values: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _message(record),
            **self._constant,
            **_trace_ids(),
            **about(),
            **{name: value for name, value in vars(record).items() if name not in _OF_A_RECORD},
        }
        if record.exc_info and record.exc_info[0] is not None:
            values["exception"] = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.stack_info:
            values["stack"] = record.stack_info
        ordered = {name: values[name] for name in FIRST if name in values} | values
        shown = mask_values(ordered, plain)
        return self._write({name: value for name, value in shown.items() if value != ""})


def _message(record: logging.LogRecord) -> str:
    """Wrong arguments must not lose the line."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args!r}"


def plain(text: str) -> str:
    """Masked, and with every unsafe character written out."""
    shown = mask_log(text[: LONGEST_TEXT * 2])
    if len(shown) > LONGEST_TEXT:
        shown = f"{shown[:LONGEST_TEXT]}… ({len(text)} characters)"
    return _UNSAFE.sub(_written_out, shown)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return {13: "\\r"}.get(code, f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def as_json(values: object) -> str:
    """Names may hold what values no longer do: the unsafe is written as JSON escapes it."""
    return _UNSAFE.sub(_escaped, json.dumps(values, ensure_ascii=False, default=str))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def as_logfmt(values: Mapping[str, Any]) -> str:
    return " ".join(f"{_KEY.sub('_', name)}={_logfmt(value)}" for name, value in values.items())


def _logfmt(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    text = value if isinstance(value, str) else as_json(value)
    if _QUOTED.search(text) is None:
        return text
    for raw, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(raw, written)
    return f'"{text}"'


# --- set up --------------------------------------------------------------------------------------------


def configure(config: Settings, service: str) -> None:
    """Everything that this process logs, libraries included, by one handler on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Line(config.log_format, service, config.release))
    root = logging.getLogger()
    root.handlers[:] = [*(other for other in root.handlers if not isinstance(other.formatter, Line)), handler]
    root.setLevel(config.log_level.upper())
    for noisy in ("httpx", "httpcore", "apscheduler", "urllib3", "opentelemetry", "UnleashClient"):
        logging.getLogger(noisy).setLevel("WARNING")
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_a_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("process").critical("the process ends", exc_info=(kind, error, trace))


def _uncaught_in_a_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    name = args.thread.name if args.thread else ""
    told = (args.exc_type, args.exc_value, args.exc_traceback)
    logging.getLogger("process").error("a thread has ended", exc_info=told, extra={"thread_name": name})
