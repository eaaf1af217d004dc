"""What machines ask: the shop for its catalogs, others for where each locale stands."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, jsonify, request

from app.db import begin
from app.guards import requires, requires_token
from app.locales import queries

blueprint = Blueprint("locales_api", __name__, url_prefix="/api/v1")


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


@blueprint.get("/locales")
@requires("view")
def index() -> Response:
    """Every locale: how far it is translated, which release is live, what waits to be published."""
    with begin() as session:
        rows = queries.board(session, "en")
    return jsonify(
        {
            "locales": [
                {
                    "code": row.code,
                    "name": row.name,
                    "strings": row.strings,
                    "translated": row.translated,
                    "by_state": row.by_state,
                    "release": row.release or None,
                    "released_at": row.released_at and row.released_at.isoformat(),
                    "released_by": row.released_by or None,
                    "waiting": row.waiting,
                }
                for row in rows
            ]
        }
    )
