"""Objectives as JSON: made, read, edited, archived, deleted. `If-Match` (or `version`) guards an edit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.slo import check, commands, history, queries
from app.slo import objective_shapes as shapes
from app.slo.definition import plain
from app.slo.objective import Objective
from app.slo.reading import read
from app.sources import sources

blueprint = Blueprint("slo_crud_api", __name__, url_prefix="/api/v1/slos")

CREATED = 201


@blueprint.post("")
@requires("slo.write")
@operation(body=shapes.DRAFT, answers={201: shapes.OBJECTIVE})
def create() -> tuple[Response, int]:
    """Make an objective, once its sources have been asked whether it can be gathered."""
    body, now = request.get_json(), clock.now()
    completed = check.complete(sources(), read(body), now)
    with begin() as session:
        slo = commands.create(session, completed.definition, who(), now)
        publish_on_commit(session, sources().redis, "slo")
    answer = _answer(slo, completed.warnings)
    answer.headers["Location"] = url_for("slo_crud_api.show", key=slo.key)
    return answer, CREATED


@blueprint.get("/<key>")
@requires("view")
@operation(answers={200: shapes.OBJECTIVE})
def show(key: str) -> Response:
    """One objective as it is written down, with the members of a group."""
    with begin() as session:
        slo = queries.objective(session, key)
        members = queries.members_of(session, slo)
    return _answer(slo, group=[{"key": one.key, "value": one.group_value} for one in members])


@blueprint.route("/<key>", methods=["PUT", "PATCH"])
@requires("slo.write")
@operation(method="PUT", body=shapes.REPLACEMENT, answers={200: shapes.OBJECTIVE})
@operation(method="PATCH", body=shapes.CHANGES, answers={200: shapes.OBJECTIVE})
def edit(key: str) -> Response:
    """Change an objective.

    PATCH changes what it names; PUT says all of it, and what it leaves out falls back to its default.
    """
    body, now = request.get_json(), clock.now()
    with begin() as session:
        before = queries.objective(session, key)
    made = read({**body, "key": key}) if request.method == "PUT" else read(body, before)
    completed = check.complete(sources(), made, now)
    with begin() as session:
        slo = commands.edit(session, key, version(body, before), completed.definition, who(), now)
        publish_on_commit(session, sources().redis, "slo")
    return _answer(slo, completed.warnings)


@blueprint.delete("/<key>")
@requires("slo.write")
@operation(answers={204: None})
def delete(key: str) -> tuple[str, int]:
    """For good, with all its rows."""
    with begin() as session:
        before = queries.objective(session, key)
        commands.delete(session, key, version({}, before), who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return "", 204


@blueprint.post("/<key>/archive")
@requires("slo.write")
@operation(answers={200: shapes.OBJECTIVE})
def archive(key: str) -> Response:
    """Measure it no longer; what was counted stays."""
    return _set_archived(key, True)


@blueprint.post("/<key>/restore")
@requires("slo.write")
@operation(answers={200: shapes.OBJECTIVE})
def restore(key: str) -> Response:
    """Measure it again."""
    return _set_archived(key, False)


@blueprint.get("/<key>/history")
@requires("view")
@operation(query=shapes.COUNT, answers={200: shapes.HISTORY})
def windows(key: str) -> Response:
    """Windows that are over, newest first: `count` of them."""
    count = request.args.get("count", "12")
    with begin() as session:
        slo = queries.objective(session, key)
        past = history.past_windows(session, slo, clock.now(), int(count))
    return jsonify(
        windows=[
            {
                "start": one.start.isoformat(),
                "end": one.end.isoformat(),
                "revision": one.revision,
                "bad": one.counts.bad,
                "total": one.counts.total,
                "budget_left": one.left,
                "budget_left_uncorrected": one.left_uncorrected,
            }
            for one in past
        ]
    )


@blueprint.post("/check")
@requires("slo.write")
@operation(body=shapes.DRAFT, answers={200: shapes.DEFINITION})
def try_out() -> Response:
    """Whether a definition could be gathered, without saving it."""
    completed = check.complete(sources(), read(request.get_json()), clock.now())
    return jsonify(
        **plain(completed.definition), warnings={name: str(text) for name, text in completed.warnings.items()}
    )


def version(body: dict[str, Any], before: Objective) -> int:
    """The version that the change is meant for: of the body, of If-Match, or the present one."""
    asked = body.get("version", request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"'))
    if asked in ("", "*"):
        return before.version
    if not str(asked).isdecimal() or len(str(asked)) > 9:
        why = _("Give the version that you read, as a number.")
        raise Refused(why, {"version": why})
    return int(asked)


def _set_archived(key: str, archived: bool) -> Response:
    with begin() as session:
        before = queries.objective(session, key)
        slo = commands.set_archived(session, key, version({}, before), archived, who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return _answer(slo)


def _answer(
    slo: Objective, warnings: dict[str, object] | None = None, group: list[dict[str, str]] | None = None
) -> Response:
    answer = jsonify(
        **plain(slo),
        revision=slo.revision,
        version=slo.version,
        archived_at=slo.archived_at.isoformat() if slo.archived_at else None,
        group=group or [],
        group_key=slo.parent_key or None,
        warnings={name: str(text) for name, text in (warnings or {}).items()},
    )
    answer.set_etag(str(slo.version))
    return answer
