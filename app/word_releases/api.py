"""Candidate releases for machines: show one to a share, steer it, see how it fares."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import lazy_gettext as _l

from app import clock, events
from app.db import begin
from app.errors import NotFound
from app.guards import requires, who
from app.locales import access, rights
from app.locales.releases.commands import nudge
from app.locales.releases.queries import known
from app.locales.shapes import CODE
from app.openapi.operation import operation
from app.sources import sources
from app.word_releases import commands, queries, shapes, share_plan, showing

blueprint = Blueprint("word_releases_api", __name__, url_prefix="/api/v1/locales")

PATH = {"code": CODE}


@blueprint.get("/<code>/candidate")
@requires("view")
@operation(path=PATH, answers={200: shapes.CANDIDATE})
def show(code: str) -> Response:
    """The candidate that is on its way, else the last one, with its guards and decisions."""
    with begin() as session:
        row = queries.latest(session, code)
        if row is None:
            raise NotFound(_l("There was never a candidate release of %(code)s.", code=code[:40]))
        return jsonify(showing.as_json(row, queries.decisions(session, row.id)))


@blueprint.post("/<code>/candidate")
@requires("view")
@operation(
    path=PATH, body=shapes.START, body_may_be_left_out=True, answers={201: shapes.CANDIDATE}, problems=(422,)
)
def start(code: str) -> tuple[Response, int, dict[str, str]]:
    """Show a new release of what is approved, or an earlier one, to a share of the shoppers."""
    given = request.get_json(silent=True) or {}
    with begin() as session:
        known(session, code)
        rights.demand(session, code, access.PUBLISH)
        plan = share_plan.checked(given["steps"]) if "steps" in given else share_plan.USUAL
        note, number = given.get("note", ""), given.get("release")
        row = commands.start(session, code, note, plan, who(), clock.now(), number=number)
        told = showing.as_json(row)
    _tell(code)
    return jsonify(told), 201, {"Location": url_for("word_releases_api.show", code=code)}


@blueprint.patch("/<code>/candidate")
@requires("view")
@operation(path=PATH, body=shapes.SHARE, answers={200: shapes.CANDIDATE})
def set_share(code: str) -> Response:
    """Another share, by hand."""
    percent = int(request.get_json()["percent"])
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        now = clock.now()
        if percent == 0:
            row = commands.withdraw(session, code, who(), now)
        elif percent == 100:
            row = commands.promote(session, code, who(), now)
        else:
            row = commands.set_share(session, code, percent, who(), now)
        told = showing.as_json(row)
    _tell(code)
    return jsonify(told)


@blueprint.delete("/<code>/candidate")
@requires("view")
@operation(path=PATH, answers={204: None})
def withdraw(code: str) -> tuple[str, int]:
    """Show the candidate to nobody any more."""
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        commands.withdraw(session, code, who(), clock.now())
    _tell(code)
    return "", 204


def _tell(code: str) -> None:
    nudge(sources().redis, code)
    for topic in ("locales", "timeline"):
        events.publish(sources().redis, topic)
