"""Progress, what is worth translating next, dead strings and failures as JSON; pseudo-locales as catalogs."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import NotFound
from app.guards import requires
from app.locales import pseudo, words
from app.locales import queries as locales
from app.locales.insight import queries, shapes
from app.locales.insight.progress import Progress
from app.locales.insight.queries import Failure
from app.locales.insight.views import wanted_days
from app.locales.shapes import PATH
from app.openapi.operation import operation
from app.openapi.shapes import text

blueprint = Blueprint("locale_insight_api", __name__, url_prefix="/api/v1/locales")


@blueprint.get("/progress")
@requires("view")
@operation(query=shapes.DAYS, answers={200: shapes.ALL})
def index() -> Response:
    """How far every locale is, by strings, words and what shoppers saw."""
    days = wanted_days()
    with begin() as session:
        rows = queries.progress(session, clock.now(), days)
    return jsonify(days=days, locales=[_progress(row) for row in rows])


def _progress(row: Progress) -> dict[str, object]:
    return {
        "locale": row.locale,
        "strings": row.strings,
        "strings_approved": row.strings_approved,
        "strings_begun": row.strings_begun,
        "words": row.words,
        "words_approved": row.words_approved,
        "shown": row.shown,
        "fell_back": row.fell_back,
        "failed": row.failed,
        "by_strings": row.by_strings,
        "by_words": row.by_words,
        "by_impressions": row.by_impressions,
        "in_language": row.in_language,
    }


@blueprint.get("/<code>/progress")
@requires("view")
@operation(path=PATH, query=shapes.DAYS, answers={200: shapes.ONE})
def detail(code: str) -> Response:
    """How far a locale is, and what is worth translating next."""
    now, days = clock.now(), wanted_days()
    with begin() as session:
        locales.locale(session, code)
        row = next(one for one in queries.progress(session, now, days) if one.locale == code)
        wanted = queries.worth_next(session, code, now, days)
        failed = queries.failures(session, now, code, days)
    return jsonify(
        **_progress(row),
        days=days,
        worth_next=[
            {
                "id": one.id,
                "source": one.msgid,
                "state": one.state,
                "waits_for_release": one.is_approved,
                "shown": one.shown,
                "fell_back": one.fell_back,
                "last_day": one.last_day.isoformat(),
                "url": f"/locales/{code}/strings/{one.id}",
            }
            for one in wanted
        ],
        failures=[_failure(one) for one in failed],
    )


def _failure(one: Failure) -> dict[str, object]:
    return {
        "hour": one.hour.isoformat(),
        "locale": one.locale,
        "release": one.release,
        "failed": one.failed,
        "key": one.message_key,
        "source": one.msgid,
        "url": f"/locales/{one.locale}/strings/{one.id}" if one.id else None,
    }


@blueprint.get("/failures")
@requires("view")
@operation(query=shapes.DAYS, answers={200: shapes.FAILURES})
def failures() -> Response:
    """Texts that could not be filled in, of all locales."""
    with begin() as session:
        rows = queries.failures(session, clock.now(), days=wanted_days())
    return jsonify(failures=[_failure(one) for one in rows])


@blueprint.get("/dead")
@requires("view")
@operation(query=shapes.DAYS, answers={200: shapes.DEAD})
def dead() -> Response:
    """Strings that nobody saw for so many days while their page was seen."""
    days = wanted_days()
    with begin() as session:
        rows = queries.dead(session, clock.now(), days)
    strings = (
        None
        if rows is None
        else [
            {
                "id": one.id,
                "source": one.msgid,
                "place": one.file,
                "last_seen_at": one.last_seen_at and one.last_seen_at.isoformat(),
            }
            for one in rows
        ]
    )
    return jsonify(days=days, dead=strings)


@blueprint.get("/pseudo/<code>.mo")
@requires("view")
@operation(path=PATH, answers={200: text()}, gives={200: "application/octet-stream"})
def pseudo_catalog(code: str) -> Response:
    """The compiled catalog of a pseudo-locale, for a shop on somebody's own machine."""
    if code not in pseudo.LOCALES:
        raise NotFound(_("There is no locale %(code)s.", code=code[:40]))
    with begin() as session:
        data = pseudo.catalog(code, words.sources(session))
    return Response(data, mimetype="application/octet-stream")
