"""Candidate releases for machines: show one to a share, steer it, see how it fares."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import lazy_gettext as _l

from app import clock, events
from app.db import begin
from app.errors import NotFound, Refused
from app.guards import requires, who
from app.locales import access, rights
from app.locales.releases.commands import nudge
from app.sources import sources
from app.word_releases import commands, queries, share_plan, showing

blueprint = Blueprint("word_releases_api", __name__, url_prefix="/api/v1/locales")


@blueprint.get("/<code>/candidate")
@requires("view")
def show(code: str) -> Response:
    """The candidate that is on its way, else the last one, with its guards and decisions."""
    with begin() as session:
        row = queries.latest(session, code)
        if row is None:
            raise NotFound(_l("There was never a candidate release of %(code)s.", code=code[:40]))
        return jsonify(showing.as_json(row, queries.decisions(session, row.id)))


@blueprint.post("/<code>/candidate")
@requires("view")
def start(code: str) -> tuple[Response, int]:
    """`steps` ([{percent, minutes}, …], else the usual ones), `note`; `release`: an earlier one's number."""
    given = _given()
    plan = share_plan.checked(given["steps"]) if "steps" in given else share_plan.USUAL
    number = given.get("release")
    if number is not None and not isinstance(number, int):
        raise Refused(_l("The candidate was not shown to anybody."), {"release": _l("Give its number.")})
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        note = str(given.get("note", ""))
        row = commands.start(session, code, note, plan, who(), clock.now(), number=number)
        told = showing.as_json(row)
    _tell(code)
    return jsonify(told), 201


@blueprint.patch("/<code>/candidate")
@requires("view")
def set_share(code: str) -> Response:
    """`percent`: another share, by hand. 0 withdraws it, 100 shows it to all."""
    percent = _given().get("percent")
    if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= 100:
        whole = _l("Use a whole number from %(least)s to %(most)s.", least=0, most=100)
        raise Refused(_l("The share was not changed."), {"percent": whole})
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
def withdraw(code: str) -> tuple[str, int]:
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        commands.withdraw(session, code, who(), clock.now())
    _tell(code)
    return "", 204


def _given() -> dict[str, Any]:
    raw = request.get_json(silent=True)
    return raw if isinstance(raw, dict) else {}


def _tell(code: str) -> None:
    nudge(sources().redis, code)
    for topic in ("locales", "timeline"):
        events.publish(sources().redis, topic)
