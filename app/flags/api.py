"""The Unleash client API under /api/client: what stock SDKs poll, register at and report to."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict

from flask import Blueprint, Response, current_app, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Refused, Unauthenticated
from app.flags import queries, reports, sightings, wire
from app.guards import requires_token, token

blueprint = Blueprint("flags_client", __name__, url_prefix="/api/client")

MAX_BODY_BYTES = 2_000_000
SIGHTING_SECONDS = 20  # an instance that polls is written down this often
MOST_INSTANCES = 10_000
MOST_ANSWERS = 64  # different questions that are kept finished
ACCEPTED = 202


class Answers:
    """Finished bytes per question, made once per revision in each process."""

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._kept: OrderedDict[wire.Query, wire.Finished] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, query: wire.Query, revision: int) -> wire.Finished | None:
        with self._lock:
            kept = self._kept.get(query)
            if kept is None or kept.revision != revision:
                return None
            self._kept.move_to_end(query)
            return kept

    def put(self, query: wire.Query, finished: wire.Finished) -> None:
        with self._lock:
            self._kept[query] = finished
            self._kept.move_to_end(query)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


class Sightings:
    """When each instance was last written down, so that a poll is seldom a write."""

    def __init__(self) -> None:
        self._due: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._lock = threading.Lock()

    def is_due(self, environment: str, instance: reports.Instance, seconds: float) -> bool:
        """Whether to write it down now; `seconds` is a clock that only goes forward."""
        key = (environment, instance.app_name, instance.instance_id, instance.connection_id)
        with self._lock:
            if self._due.get(key, 0.0) > seconds:
                return False
            self._due[key] = seconds + SIGHTING_SECONDS
            self._due.move_to_end(key)
            while len(self._due) > MOST_INSTANCES:
                self._due.popitem(last=False)
            return True


def _answers() -> Answers:
    found: Answers = current_app.extensions.setdefault("flags_answers", Answers())
    return found


def _polled() -> Sightings:
    found: Sightings = current_app.extensions.setdefault("flags_polled", Sightings())
    return found


@blueprint.get("/features")
@requires_token("client")
def features() -> Response:
    query = _query()
    with begin() as session:
        _note_poll(session, query.environment)
        revision = queries.revision(session)
        tag = wire.etag(query, revision)
        if request.if_none_match.contains_weak(tag.strip('"')):
            return _tagged(Response(status=304), tag)
        finished = _answers().get(query, revision) or _finish(session, query)
    return _send(finished)


@blueprint.post("/register")
@requires_token("client")
def register() -> Response:
    instance = reports.instance_of_registration(_body(), request.headers.get)
    with begin() as session:
        sightings.saw(session, _environment(), instance, clock.now())
    return Response(status=ACCEPTED)


@blueprint.post("/metrics")
@requires_token("client")
def metrics() -> Response:
    now = clock.now()
    report = reports.report_of(_body(), now)
    with begin() as session:
        sightings.count(session, _environment(), report, now)
    return Response(status=ACCEPTED)


def _environment() -> str:
    sender = token()
    if sender is None:
        raise Unauthenticated(_l("Send a token in the Authorization header."))
    return sender.environment


def _query() -> wire.Query:
    asked = request.args
    return wire.query_of(
        environment=_environment(),
        projects=asked.getlist("project"),
        name_prefix=asked.get("namePrefix", ""),
        tags=asked.getlist("tag"),
    )


def _note_poll(session: Session, environment: str) -> None:
    instance = reports.instance_of_headers(request.headers.get)
    if instance is not None and _polled().is_due(environment, instance, time.monotonic()):
        sightings.saw(session, environment, instance, clock.now())


def _finish(session: Session, query: wire.Query) -> wire.Finished:
    """Read until no write came in between, so that one ETag never stands for two contents."""
    before, after = -1, queries.revision(session)
    while before != after:
        before, found = after, queries.features(session, query.environment)
        segments = queries.segments(session)
        after = queries.revision(session)
    finished = wire.finished(query, after, found, segments)
    _answers().put(query, finished)
    return finished


def _send(finished: wire.Finished) -> Response:
    zipped = request.accept_encodings["gzip"] > 0
    response = Response(finished.zipped if zipped else finished.plain, mimetype="application/json")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return _tagged(response, finished.etag)


def _tagged(response: Response, tag: str) -> Response:
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "no-cache"  # keep it, but ask each time
    response.headers["Vary"] = "Accept-Encoding, Authorization"
    return response


def _body() -> object:
    request.max_content_length = MAX_BODY_BYTES
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise Refused(_l("The body is not JSON.")) from None
