"""ETag, If-None-Match and If-Match (RFC 9110, 8.8.3 and 13.1) for all of /api/v1, without a view's help.

A representation is what the GET of an address answers, and its tag is made of those bytes unless the view
gives one of its own. A write with If-Match is let through only if that answer, made anew for the same person,
still carries the tag; writers with If-Match to one address wait for each other until they are answered.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from werkzeug.datastructures import ETags
from werkzeug.exceptions import HTTPException
from werkzeug.http import quote_etag

from app import guards
from app.errors import ChangedMeanwhile, Problem, Unavailable
from app.sources import sources
from app.versions import is_api

log = logging.getLogger(__name__)

EXTENSION = "preconditions"
TAG_LENGTH = 32
LOCK_WAIT = "3s"
# When a thing was last looked at or used, and by whom: that nobody changes, and it changes by itself.
PASSING = ("evaluated_at", "used_at", "used_from")
READS = ("GET", "HEAD")
WRITES = ("PUT", "PATCH", "DELETE", "POST")
DIFFERS_BY = ("Authorization", "Cookie", "Accept-Language")


@dataclass(frozen=True)
class Resource:
    """An address that can be read."""

    path: str
    view: Callable[..., Any]
    endpoint: str
    arguments: dict[str, Any]


def tag_of(response: Response) -> str:
    """Without its quotes: the view's own, else one that stands for the bytes, but for what is `PASSING`."""
    own, _is_weak = response.get_etag()
    return own or hashlib.sha256(_lasting(response)).hexdigest()[:TAG_LENGTH]


def _lasting(response: Response) -> bytes:
    data = response.get_data()
    if not any(f'"{name}"'.encode() in data for name in PASSING):
        return data
    read = json.loads(data)
    if isinstance(read, dict):
        read = {name: value for name, value in read.items() if name not in PASSING}
    return json.dumps(read, sort_keys=True).encode()


def readable(path: str) -> Resource | None:
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return None
    try:
        endpoint, arguments = adapter.match(path, method="GET")
    except HTTPException:  # no such address, no GET, or a redirection
        return None
    return Resource(path, current_app.view_functions[endpoint], endpoint, dict(arguments))


def target() -> Resource | None:
    """What a write is about: its own address, and of an action such as …/archive what it is done to."""
    own = readable(request.path)
    if own is not None or request.method != "POST":
        return own
    return readable(request.path.rpartition("/")[0])


def represent(resource: Resource) -> Response | None:
    """What a GET answers whoever makes this request; None: there is nothing, or not for them."""
    environ = {
        **{name: value for name, value in request.environ.items() if not name.startswith("werkzeug.")},
        "REQUEST_METHOD": "GET",
        "PATH_INFO": resource.path,
        "CONTENT_LENGTH": "0",
    }
    for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_TRANSFER_ENCODING", "wsgi.input"):
        environ.pop(name, None)
    with current_app.request_context(environ):
        try:
            guards.check_endpoint(resource.endpoint)
            answer = current_app.make_response(resource.view(**resource.arguments))
        except (Problem, HTTPException) as problem:
            if isinstance(problem, Unavailable):
                raise
            return None
    return answer if answer.status_code == 200 and not answer.direct_passthrough else None


def _check() -> None:
    """Raises `ChangedMeanwhile` where If-Match names no present state. The lock is held until the answer."""
    found = target()
    if found is not None:
        g.precondition_lock = _lock(found.path)
    now = represent(found) if found is not None else None
    if now is None:
        raise ChangedMeanwhile(_l("There is nothing here that If-Match could be compared with."))
    tag = tag_of(now)
    if not _fits(request.if_match, tag):
        why = _l("It was changed since you read it; nothing was overwritten. `current` is what is there now.")
        raise ChangedMeanwhile(why, now.get_json(silent=True), quote_etag(tag))


def _fits(wanted: ETags, tag: str) -> bool:
    """Strongly: a weak tag stands for what is alike, and a write needs what is the same."""
    return wanted.star_tag or wanted.is_strong(tag)


def _lock(path: str) -> Session:
    """Held by an open transaction on a connection of its own; whoever dies lets go of it."""
    number = int.from_bytes(hashlib.sha256(b"precondition " + path.encode()).digest()[:8], signed=True)
    session = sources().locks()
    try:
        session.execute(select(func.set_config("lock_timeout", LOCK_WAIT, True)))  # for this transaction
        session.execute(select(func.pg_advisory_xact_lock(number)))
    except (OperationalError, PoolTimeout) as error:
        session.close()
        raise Unavailable(_l("Somebody else is changing this. Try again in a moment."), "a lock") from error
    return session


def _tag_read(response: Response) -> Response:
    tag = tag_of(response)
    response.set_etag(tag)
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        response.set_data(b"")
    return response


def _tag_write(response: Response) -> None:
    """Where the answer is what a GET says, it has the tag that the GET has."""
    if response.status_code == 201 and (place := response.headers.get("Location")):
        found = readable(urlsplit(place).path)
    elif request.method == "POST":
        found = None if readable(request.path) else target()
    else:
        found = target()
    if found is None:
        return
    try:
        now = represent(found)
    except Exception:  # the write is done; without a tag its sender reads it again
        log.warning("no tag for %s", request.endpoint, exc_info=True)
        return
    if now is not None and now.get_data() == response.get_data():
        response.set_etag(tag_of(now))


def _is_private() -> bool:
    guard = guards.guard_of(request.endpoint) if request.endpoint else None
    return guard is None or guard.kind != "public"


def init_app(app: Flask, by_themselves: Collection[str]) -> None:
    """Register last of what looks at a request. `by_themselves`: endpoints that compare it on their own."""

    @app.before_request
    def check() -> None:
        is_asked = is_api() and request.method in WRITES and "If-Match" in request.headers
        if is_asked and request.endpoint is not None and request.endpoint not in by_themselves:
            _check()

    @app.after_request
    def tag(response: Response) -> Response:
        if not is_api():
            return response
        if _is_private() and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-cache" if request.method in READS else "no-store"
            response.vary.update(DIFFERS_BY)
        if not response.is_json or response.direct_passthrough or response.is_streamed:
            return response
        if response.status_code == 200 and request.method in READS:
            return _tag_read(response)
        if response.status_code in (200, 201) and "ETag" not in response.headers:
            _tag_write(response)
        return response

    @app.teardown_appcontext
    def let_go(_error: BaseException | None) -> None:
        held: Session | None = g.pop("precondition_lock", None)
        if held is not None:
            held.close()
