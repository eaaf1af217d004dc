"""What machines ask of releases: the shop for its catalogs, others to publish and to go back."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, jsonify, request

from app import clock, events
from app.db import begin
from app.guards import requires, requires_token, who
from app.locales.releases import commands, queries
from app.sources import sources

blueprint = Blueprint("locale_releases_api", __name__, url_prefix="/api/v1")


@blueprint.get("/catalogs/<locale>")
@requires_token("client")
def catalog(locale: str) -> Response:
    """The compiled words that shoppers of a locale see: `.mo`, with ETag, checksum and release number.

    404 with `Backroom-Release: 0` says that nothing is published, so the shop shows what ships.
    """
    with begin() as session:
        release = queries.live(session, locale)
        if release is None:
            return _nothing_published()
        etag = f"{release.number}-{release.sha256[:16]}"
        known = request.if_none_match.contains_weak(etag)
        data = b"" if known else release.catalog
    response = Response(data, status=304 if known else 200, mimetype="application/octet-stream")
    response.set_etag(etag)
    response.headers["Backroom-Release"] = str(release.number)
    response.headers["Cache-Control"] = "private, no-cache"
    if not known:
        digest = base64.b64encode(bytes.fromhex(release.sha256)).decode()
        response.headers["Content-Digest"] = f"sha-256=:{digest}:"
    return response


def _nothing_published() -> Response:
    response = jsonify(
        {"type": "about:blank", "title": "Not found", "status": 404, "detail": "Nothing is published."}
    )
    response.status_code = 404
    response.mimetype = "application/problem+json"
    response.headers["Backroom-Release"] = "0"
    return response


@blueprint.post("/locales/<code>/publish")
@requires("locales.publish")
def publish(code: str) -> tuple[Response, int]:
    note = request.get_json(silent=True) or {}
    with begin() as session:
        release = commands.publish(session, code, str(note.get("note", "")), who(), clock.now())
        answer = {"release": release.number, "strings": release.strings, "sha256": release.sha256}
    _tell(code)
    return jsonify(answer), 201


@blueprint.post("/locales/<code>/releases/<int:number>/live")
@requires("locales.publish")
def make_live(code: str, number: int) -> Response:
    """Show an earlier release again; 0: what ships."""
    with begin() as session:
        commands.make_live(session, code, number, who(), clock.now())
    _tell(code)
    return jsonify(release=number)


def _tell(code: str) -> None:
    commands.nudge(sources().redis, code)
    for topic in ("locales", "timeline"):
        events.publish(sources().redis, topic)
