"""The Unleash client API under /api/client: what stock SDKs poll, stream, register at and report to.

Most polls and reports never come here: front.py answers what these routes let in a moment ago.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, request

from app import clock
from app.flags import reports, streams
from app.flags.bodies import json_body
from app.flags.serving import sdk_token, serving
from app.flags.streams import Pass
from app.flags.wire import Query, query_of
from app.guards import requires_token

blueprint = Blueprint("flags_client", __name__, url_prefix="/api/client")

ACCEPTED = 202
EVENT_ID = re.compile(r'(?:W/)?"?(\d{1,18})"?', re.ASCII)


@blueprint.get("/features")
@requires_token("client")
def features() -> Response:
    query = _query()
    serving().front.admit(request.environ, query.environment, query)
    _note_poll(query.environment)
    answer = serving().front.finished(query)
    serving().front.answered(request.environ, answer)
    known, accepted = request.headers.get("If-None-Match"), request.headers.get("Accept-Encoding")
    status, headers, body = answer.to(known, accepted)
    return Response(body, status, headers)


@blueprint.get("/delta")
@requires_token("client")
def delta() -> Response:
    """What changed after the event that the SDK knows (If-None-Match); everything where it knows none."""
    query, feed = _query(), serving().feed
    _note_poll(query.environment)
    since = _event_id(request.headers.get("If-None-Match"))
    text, revision, _ = feed.news(query, since, feed.revision())
    headers = [("ETag", f'"{revision}"'), ("Cache-Control", "no-cache"), ("Vary", "Authorization")]
    if not text:
        return Response(status=304, headers=headers)
    return Response(text, mimetype="application/json", headers=[*headers, *serving().hints])


@blueprint.get("/streaming")
@requires_token("client")
def streaming() -> Response:
    """Server-sent events: what delta says, without being asked."""
    query = _query()
    instance = reports.instance_of_headers(request.headers.get)
    since = _event_id(request.headers.get("Last-Event-ID"))
    let_in = Pass(request.headers["Authorization"], sdk_token().expires_at, tokens=0)
    return streams.answer(serving(), query, instance, since, let_in)


@blueprint.post("/register")
@requires_token("client")
def register() -> Response:
    instance = reports.instance_of_registration(json_body(), request.headers.get)
    serving().tally.saw(sdk_token().environment, instance, clock.now())
    return Response(status=ACCEPTED)


@blueprint.post("/metrics")
@requires_token("client")
def metrics() -> Response:
    environment, now = sdk_token().environment, clock.now()
    serving().front.admit(request.environ, environment)
    serving().tally.count(environment, reports.report_of(json_body(), now), now)
    return Response(status=ACCEPTED)


def _query() -> Query:
    asked, sender = request.args, sdk_token()
    return query_of(
        environment=sender.environment,
        projects=asked.getlist("project"),
        name_prefix=asked.get("namePrefix", ""),
        tags=asked.getlist("tag"),
        allowed=sender.projects,
        spec=request.headers.get("Unleash-Client-Spec"),
    )


def _note_poll(environment: str) -> None:
    instance = reports.instance_of_headers(request.headers.get)
    if instance is not None:
        serving().tally.polled(environment, instance, clock.now())


def _event_id(text: str | None) -> int:
    """0: none, or none that we gave out."""
    found = EVENT_ID.fullmatch((text or "").strip())
    return int(found[1]) if found else 0
