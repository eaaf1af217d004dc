"""What machines ask of releases: the shop for its catalogs, others to publish, plan and go back."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock, events
from app.db import begin
from app.guards import requires, requires_token, who
from app.locales import access, rights
from app.locales.catalog import Change
from app.locales.releases import commands, delivery, queries, shapes
from app.locales.releases import planning as plans
from app.locales.releases.models import Release
from app.locales.releases.written import as_po
from app.locales.shapes import CODE, PATH
from app.openapi.operation import operation
from app.openapi.shapes import PAGING, text
from app.paging import answer, of_list
from app.sources import sources

blueprint = Blueprint("locale_releases_api", __name__, url_prefix="/api/v1")

BYTES = "application/octet-stream"
NUMBERED = {**PATH, "number": shapes.NUMBER_OR_SHIPPED}
IMMUTABLE = "private, max-age=31536000, immutable"


@blueprint.get("/catalogs")
@requires_token("client")
@operation(answers={200: shapes.MANIFEST})
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
@operation(path={"locale": CODE}, answers={200: text()}, gives={200: BYTES})
def catalog(locale: str) -> Response:
    """The compiled words that shoppers of a locale see: `.mo`, with ETag, checksum and release number.

    404 with `Backroom-Release: 0` says that nothing is published, so the shop shows what ships.
    """
    with begin() as session:
        release = queries.live_catalog(session, locale)
        return _nothing_published() if release is None else _bytes(release, "private, no-cache")


@blueprint.get("/catalogs/<locale>/<int:number>")
@requires_token("client")
@operation(path={"locale": CODE}, answers={200: text()}, gives={200: BYTES})
def numbered_catalog(locale: str, number: int) -> Response:
    """One release, whoever sees it. It never changes."""
    with begin() as session:
        return _bytes(queries.numbered(session, locale, number), IMMUTABLE)


def _bytes(release: Release, caching: str) -> Response:
    etag = delivery.etag(release)
    known = request.if_none_match.contains_weak(etag)
    data = b"" if known else release.catalog
    response = Response(data, status=304 if known else 200, mimetype=BYTES)
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
@operation(path=PATH, query=PAGING, answers={200: shapes.RELEASES})
def releases(code: str) -> Response:
    """Every release, newest first; what is a candidate, what waits for its hour, and every move."""
    with begin() as session:
        queries.known(session, code)
        page = of_list(queries.releases(session, code), lambda row: (-row.number,))
        candidate, planned = queries.candidate(session, code), queries.planned(session, code)
        moves = queries.moves(session, code)
    return answer(
        "releases",
        page,
        _row,
        candidate=candidate and {"release": candidate.number, "percent": candidate.percent},
        planned=planned
        and {"release": planned.number, "at": planned.at.isoformat(), "by": planned.planned_by},
        moves=[
            {"at": move.at.isoformat(), "from": move.from_number, "to": move.to_number, "by": move.moved_by}
            for move in moves
        ],
    )


@blueprint.get("/locales/<code>/releases/<int:number>")
@requires("view")
@operation(path=NUMBERED, answers={200: shapes.RELEASE})
def one(code: str, number: int) -> Response:
    """One release."""
    with begin() as session:
        return jsonify(_row(queries.one_row(session, code, number)))


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
@operation(path=PATH, answers={200: shapes.WAITING})
def waiting(code: str) -> Response:
    """What a release made now would change, and the strings that stop it."""
    with begin() as session:
        blocked = queries.blocked(session, queries.known(session, code))
        changes = queries.waiting(session, code)
    stops = [{"key": entry.key, "source": entry.msgid, "why": str(why.message)} for entry, why in blocked]
    return jsonify(changes=[_change(change) for change in changes], blocked=stops)


@blueprint.get("/locales/<code>/releases/<int:number>/diff")
@requires("view")
@operation(path=NUMBERED, query=shapes.AGAINST, answers={200: shapes.DIFF})
def diff(code: str, number: int) -> Response:
    """What differs between a release and another, or what is live; 0: what ships."""
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
@operation(path=NUMBERED, answers={200: text()}, gives={200: "text/x-gettext-translation"})
def write_out(code: str, number: int) -> Response:
    """A release as a PO file, as `msgfmt -c` accepts it."""
    with begin() as session:
        data = as_po(queries.numbered(session, code, number))
    return Response(data, mimetype="text/x-gettext-translation")


@blueprint.post("/locales/<code>/publish")
@requires("view")
@operation(path=PATH, body=shapes.PUBLISH, body_may_be_left_out=True, answers={201: shapes.PUBLISHED})
def publish(code: str) -> tuple[Response, int, dict[str, str]]:
    """Release what is approved: shoppers see it now, or at an hour ahead."""
    given = _given()
    note, at = given.get("note", ""), given.get("at") and datetime.fromisoformat(given["at"])
    with begin() as session:
        queries.known(session, code)
        rights.demand(session, code, access.PUBLISH)
        if at is None:
            release = commands.publish(session, code, note, who(), clock.now())
        else:
            release = plans.plan(session, code, note, at, who(), clock.now())
        told = {"release": release.number, "strings": release.strings, "sha256": release.sha256}
    _tell(code)
    where = {"Location": url_for("locale_releases_api.one", code=code, number=told["release"])}
    return jsonify(told if at is None else {**told, "at": at.isoformat()}), 201, where


@blueprint.post("/locales/publish")
@requires("view")
@operation(body=shapes.PUBLISH_ALL, body_may_be_left_out=True, answers={200: shapes.ALL_PUBLISHED})
def publish_all() -> Response:
    """Release every locale in which something waits. One that is refused keeps back no other."""
    with begin() as session:
        codes = rights.where(session, queries.codes(session), access.PUBLISH)
        made, refused = commands.publish_all(session, codes, _given().get("note", ""), who(), clock.now())
        told = {release.locale: release.number for release in made}
    for code in told:
        _tell(code)
    return jsonify(releases=told, refused=refused)


@blueprint.put("/locales/<code>/planned")
@requires("view")
@operation(path=PATH, body=shapes.HOUR, answers={200: shapes.HOUR})
def change_plan(code: str) -> Response:
    """Show what waits for its hour at another one."""
    at = datetime.fromisoformat(request.get_json()["at"])
    with begin() as session:
        queries.known(session, code)
        rights.demand(session, code, access.PUBLISH)
        plans.change(session, code, at, who(), clock.now())
    _tell(code)
    return jsonify(at=at.isoformat())


@blueprint.delete("/locales/<code>/planned")
@requires("view")
@operation(path=PATH, answers={204: None})
def cancel_plan(code: str) -> tuple[str, int]:
    """Do not show what waits for its hour."""
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        plans.cancel(session, code, who(), clock.now())
    _tell(code)
    return "", 204


@blueprint.post("/locales/<code>/releases/<int:number>/live")
@requires("view")
@operation(path=NUMBERED, answers={200: shapes.LIVE})
def make_live(code: str, number: int) -> Response:
    """Show an earlier release again; 0: what ships."""
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        commands.make_live(session, code, number, who(), clock.now())
    _tell(code)
    return jsonify(release=number)


def _given() -> dict[str, Any]:
    return request.get_json(silent=True) or {}


def _tell(code: str) -> None:
    commands.nudge(sources().redis, code)
    for topic in ("locales", "timeline"):
        events.publish(sources().redis, topic)
