"""Flags as JSON: found, made, described, completed, archived. Everything that their pages do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.flags import (
    admin_json,
    commands,
    dependency_commands,
    favourites,
    lifecycle_commands,
    listing,
    queries,
    scoping,
    search,
)
from app.flags import flag as rules
from app.flags import flag_shapes as shapes
from app.flags.pages import writing
from app.flags.requests import body, limit, matching, seen
from app.guards import requires, who
from app.openapi.operation import operation

blueprint = Blueprint("flags_api", __name__, url_prefix="/api/v1/flags")

Json = dict[str, Any]
CREATED, NO_CONTENT = 201, 204
FLAG = {200: shapes.FLAG}
UNSAID: Json = {
    "type": "release",
    "description": "",
    "owner": "",
    "tags": [],
    "project": rules.DEFAULT_PROJECT,
}


@blueprint.get("")
@requires("view")
@operation(query=shapes.LISTED, answers={200: shapes.FLAGS})
def index() -> Response:
    """Flags by their names; `q` as the pages take it (type:, tag:, owner:, is:favourite …)."""
    now, asked_after = clock.now(), request.args.get("cursor") or request.args.get("after", "")
    with begin() as session:
        rows = queries.archived(session, now) if _is_asked("archived") else queries.rows(session, now)
        mine = favourites.favourites(session, who())
    asked, reader = search.parse(request.args.get("q", "")), listing.Reader(mine)
    marked = [(row, listing.marks(row, now, reader, asked.environment)) for row in rows]
    found = sorted((row for row, marks in marked if asked.matches(row, marks)), key=lambda row: row.name)
    page = [row for row in found if row.name > asked_after][: limit() + 1]
    shown = page[: limit()]
    last = shown[-1].name if len(page) > len(shown) else None
    flags = [admin_json.flag(row, now, row.name in mine) for row in shown]
    return jsonify(flags=flags, total=len(found), next_cursor=last, after=last)


@blueprint.post("")
@requires("flags.write")
@operation(body=shapes.DRAFT, answers={201: shapes.FLAG})
def create() -> Response:
    """Make a flag, off everywhere; 409 where there is one of this name."""
    wanted = body()
    name = wanted["name"]
    rest = {key: value for key, value in wanted.items() if key != "name"}
    checked = rules.checked_changes(UNSAID | rest)
    with writing() as session:
        commands.create(session, name, _details(checked), clock.now(), who(), checked["project"])
        commands.patch(session, name, rest, clock.now(), who())
        response = _answer(session, name, CREATED)
    response.headers["Location"] = url_for("flags_api.detail", name=name)
    return response


@blueprint.get("/unknown")
@requires("view")
@operation(answers={200: shapes.UNKNOWN})
def unknown() -> Response:
    """Flags that SDKs asked for in the last day and nobody defined."""
    with begin() as session:
        found = queries.unknown(session, clock.now())
    return jsonify(flags=[admin_json.unknown(one) for one in found])


@blueprint.get("/<name>")
@requires("view")
@operation(answers=FLAG)
def detail(name: str) -> Response:
    """One flag, with its state in each environment."""
    with begin() as session:
        return _answer(session, name)


@blueprint.patch("/<name>")
@requires("flags.write")
@operation(body=shapes.CHANGES, answers=FLAG)
def patch(name: str) -> Response:
    """Change what is written about a flag; the rest stays.

    The revision that was seen: If-Match (412) or `revision` (409).
    """
    wanted = body()
    changes = {key: value for key, value in wanted.items() if key != "revision"}
    return _write(name, lambda s, now, me: commands.patch(s, name, changes, now, me, seen(wanted)))


@blueprint.delete("/<name>")
@requires("flags.write")
@operation(answers={204: None})
def delete(name: str) -> tuple[str, int]:
    """For good; only what is archived."""
    with writing() as session:
        lifecycle_commands.delete(session, name, clock.now(), who())
    return "", NO_CONTENT


@blueprint.post("/<name>/archive")
@requires("flags.write")
@operation(answers=FLAG)
def archive(name: str) -> Response:
    """SDKs no longer get it, and pages no longer list it."""
    return _write(name, lambda s, now, me: lifecycle_commands.archive(s, name, now, me))


@blueprint.post("/<name>/revive")
@requires("flags.write")
@operation(answers=FLAG)
def revive(name: str) -> Response:
    """Back among the others, off everywhere."""
    return _write(name, lambda s, now, me: lifecycle_commands.revive(s, name, now, me))


@blueprint.post("/<name>/complete")
@requires("flags.write")
@operation(body=shapes.COMPLETION, answers=FLAG)
def complete(name: str) -> Response:
    """It is decided: the feature was kept (with which variant) or discarded; the code can lose the flag."""
    wanted = body()
    outcome, variant = wanted.get("outcome"), wanted.get("variant")
    return _write(name, lambda s, now, me: lifecycle_commands.complete(s, name, outcome, variant, now, me))


@blueprint.post("/<name>/reopen")
@requires("flags.write")
@operation(answers=FLAG)
def reopen(name: str) -> Response:
    """It is not decided after all."""
    return _write(name, lambda s, now, me: lifecycle_commands.reopen(s, name, now, me))


@blueprint.post("/<name>/clone")
@requires("flags.write")
@operation(body=shapes.CLONE, answers={201: shapes.FLAG})
def clone(name: str) -> Response:
    """A new flag with the same targeting, off everywhere."""
    new_name = body()["name"]
    with writing() as session:
        lifecycle_commands.clone(session, name, new_name, clock.now(), who())
        response = _answer(session, new_name, CREATED)
    response.headers["Location"] = url_for("flags_api.detail", name=new_name)
    return response


@blueprint.put("/<name>/dependencies")
@requires("flags.write")
@operation(body=shapes.DEPENDENCIES, answers=FLAG)
def depend(name: str) -> Response:
    """Which other flags must be so before this one is asked at all; all of them at once."""
    wanted = body()
    parents = wanted.get("dependencies")
    return _write(
        name, lambda s, now, me: dependency_commands.set_dependencies(s, name, parents, now, me, seen(wanted))
    )


@blueprint.put("/<name>/favourite")
@requires("view")
@operation(answers=FLAG)
def favour(name: str) -> Response:
    """A favourite of whoever asks."""
    return _favourite(name, True)


@blueprint.delete("/<name>/favourite")
@requires("view")
@operation(answers=FLAG)
def forget(name: str) -> Response:
    """No favourite any more."""
    return _favourite(name, False)


@blueprint.post("/<name>/undo/<int:entry>")
@requires("flags.write", "environment", scoping.of_entry)
@operation(answers=FLAG)
def undo(name: str, entry: int) -> Response:
    """Undo one change of the audit trail, unless it changed again since."""
    return _write(name, lambda s, now, me: commands.undo(s, name, entry, now, me))


def _details(checked: Json) -> rules.Details:
    return rules.Details(checked["type"], checked["description"], checked["owner"], tuple(checked["tags"]))


def _favourite(name: str, is_favourite: bool) -> Response:
    with begin() as session:
        favourites.set_favourite(session, who(), name, is_favourite, clock.now())
        return _answer(session, name)


def _write(name: str, change: Callable[[Session, datetime, str], int | None]) -> Response:
    with writing() as session:
        with matching():
            change(session, clock.now(), who())
        return _answer(session, name)


def _answer(session: Session, name: str, status: int = 200) -> Response:
    now = clock.now()
    row = queries.one(session, name, now)
    response = jsonify(admin_json.flag(row, now, name in favourites.favourites(session, who())))
    response.status_code = status
    response.headers["ETag"] = f'"{row.revision}"'
    return response


def _is_asked(key: str) -> bool:
    return request.args.get(key, "").lower() in ("1", "true", "yes")
