"""What machines ask of releases: the shop for its catalogs, others to publish, plan and go back."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import lazy_gettext as _l

from app import clock, events
from app.db import begin
from app.errors import Refused
from app.guards import requires, requires_token, who
from app.locales import access, rights
from app.locales.catalog import Change
from app.locales.releases import commands, delivery, queries
from app.locales.releases import planning as plans
from app.locales.releases.models import Release
from app.locales.releases.written import as_po
from app.sources import sources

blueprint = Blueprint("locale_releases_api", __name__, url_prefix="/api/v1")

IMMUTABLE = "private, max-age=31536000, immutable"


@blueprint.get("/catalogs")
@requires_token("client")
def manifest() -> Response:
    """All locales in one small answer: what is live, and what a share sees beside it. With ETag."""
    with begin() as session:
        told = delivery.manifest(session)
    response = jsonify(told)
    response.set_etag(str(told["version"]))
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


@blueprint.get("/catalogs/<locale>")
@requires_token("client")
def catalog(locale: str) -> Response:
    """The compiled words that shoppers of a locale see: `.mo`, with ETag, checksum and release number.

    404 with `Backroom-Release: 0` says that nothing is published, so the shop shows what ships.
    """
    with begin() as session:
        release = queries.live_catalog(session, locale)
        return _nothing_published() if release is None else _bytes(release, "private, no-cache")


@blueprint.get("/catalogs/<locale>/<int:number>")
@requires_token("client")
def numbered_catalog(locale: str, number: int) -> Response:
    """One release, whoever sees it. It never changes."""
    with begin() as session:
        return _bytes(queries.numbered(session, locale, number), IMMUTABLE)


def _bytes(release: Release, caching: str) -> Response:
    etag = delivery.etag(release)
    known = request.if_none_match.contains_weak(etag)
    data = b"" if known else release.catalog
    response = Response(data, status=304 if known else 200, mimetype="application/octet-stream")
    response.set_etag(etag)
    response.headers["Backroom-Release"] = str(release.number)
    response.headers["Cache-Control"] = caching
    if not known:
        digest = base64.b64encode(bytes.fromhex(release.sha256)).decode()
        response.headers["Content-Digest"] = f"sha-256=:{digest}:"
    return response


def _nothing_published() -> Response:
    response = jsonify(
        {
            "type": "/problems/not-found",
            "title": "Not found",
            "status": 404,
            "detail": "Nothing is published.",
        }
    )
    response.status_code = 404
    response.mimetype = "application/problem+json"
    response.headers["Backroom-Release"] = "0"
    return response


@blueprint.get("/locales/<code>/releases")
@requires("view")
def releases(code: str) -> Response:
    """Every release, newest first; what is live, what is a candidate, what waits for its hour; every move."""
    with begin() as session:
        rows = queries.releases(session, code)
        candidate, planned = queries.candidate(session, code), queries.planned(session, code)
        moves = queries.moves(session, code)
    return jsonify(
        releases=[_row(row) for row in rows],
        candidate=candidate and {"release": candidate.number, "percent": candidate.percent},
        planned=planned
        and {"release": planned.number, "at": planned.at.isoformat(), "by": planned.planned_by},
        moves=[
            {"at": move.at.isoformat(), "from": move.from_number, "to": move.to_number, "by": move.moved_by}
            for move in moves
        ],
    )


def _row(row: queries.ReleaseRow) -> dict[str, Any]:
    return {
        "release": row.number,
        "strings": row.strings,
        "sha256": row.sha256,
        "note": row.note,
        "by": row.created_by,
        "at": row.created_at.isoformat(),
        "is_live": row.is_live,
        "live_since": row.live_since and row.live_since.isoformat(),
    }


@blueprint.get("/locales/<code>/waiting")
@requires("view")
def waiting(code: str) -> Response:
    """What a release made now would change, and the strings that stop it."""
    with begin() as session:
        blocked = queries.blocked(session, queries.known(session, code))
        changes = queries.waiting(session, code)
    stops = [{"key": entry.key, "source": entry.msgid, "why": str(why.message)} for entry, why in blocked]
    return jsonify(changes=[_change(change) for change in changes], blocked=stops)


@blueprint.get("/locales/<code>/releases/<int:number>/diff")
@requires("view")
def diff(code: str, number: int) -> Response:
    """What differs between a release and `against` (else what is live); 0: what ships."""
    against = request.args.get("against", type=int)
    with begin() as session:
        live = queries.live(session, code)
        other = against if against is not None else live.number if live else 0
        changes = queries.between(session, code, other, number)
    return jsonify(release=number, against=other, changes=[_change(change) for change in changes])


def _change(change: Change) -> dict[str, Any]:
    entry = change.entry
    return {
        "key": entry.key,
        "context": entry.context,
        "source": entry.msgid,
        "before": change.before and list(change.before),
        "after": change.after and list(change.after),
    }


@blueprint.get("/locales/<code>/releases/<int:number>/export")
@requires("view")
def write_out(code: str, number: int) -> Response:
    """A release as a PO file, as `msgfmt -c` accepts it."""
    with begin() as session:
        data = as_po(queries.numbered(session, code, number))
    return Response(data, mimetype="text/x-gettext-translation")


@blueprint.post("/locales/<code>/publish")
@requires("view")
def publish(code: str) -> tuple[Response, int]:
    """`note`; with `at` (a moment with its zone) the release is made now and shown then."""
    given = _given()
    at, note = _moment(given.get("at")), str(given.get("note", ""))
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        if at is None:
            release = commands.publish(session, code, note, who(), clock.now())
        else:
            release = plans.plan(session, code, note, at, who(), clock.now())
        answer = {"release": release.number, "strings": release.strings, "sha256": release.sha256}
    _tell(code)
    return jsonify(answer if at is None else {**answer, "at": at.isoformat()}), 201


@blueprint.post("/locales/publish")
@requires("view")
def publish_all() -> Response:
    """Every locale in which something waits. A locale that is refused keeps back no other."""
    with begin() as session:
        codes = rights.where(session, queries.codes(session), access.PUBLISH)
        made, refused = commands.publish_all(
            session, codes, str(_given().get("note", "")), who(), clock.now()
        )
        answer = {release.locale: release.number for release in made}
    for code in answer:
        _tell(code)
    return jsonify(releases=answer, refused=refused)


@blueprint.put("/locales/<code>/planned")
@requires("view")
def change_plan(code: str) -> Response:
    at = _moment(_given().get("at"))
    if at is None:
        raise _wrong_moment()
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        plans.change(session, code, at, who(), clock.now())
    _tell(code)
    return jsonify(at=at.isoformat())


@blueprint.delete("/locales/<code>/planned")
@requires("view")
def cancel_plan(code: str) -> tuple[str, int]:
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        plans.cancel(session, code, who(), clock.now())
    _tell(code)
    return "", 204


@blueprint.post("/locales/<code>/releases/<int:number>/live")
@requires("view")
def make_live(code: str, number: int) -> Response:
    """Show an earlier release again; 0: what ships."""
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        commands.make_live(session, code, number, who(), clock.now())
    _tell(code)
    return jsonify(release=number)


def _given() -> dict[str, Any]:
    raw = request.get_json(silent=True)
    return raw if isinstance(raw, dict) else {}


def _moment(raw: object) -> datetime | None:
    if raw in (None, ""):
        return None
    try:
        at = datetime.fromisoformat(str(raw))
    except ValueError:
        raise _wrong_moment() from None
    if at.tzinfo is None:
        raise _wrong_moment()
    return at


def _wrong_moment() -> Refused:
    return Refused(_l("The release was not planned."), {"at": _l("Give a day and time with its zone.")})


def _tell(code: str) -> None:
    commands.nudge(sources().redis, code)
    for topic in ("locales", "timeline"):
        events.publish(sources().redis, topic)
