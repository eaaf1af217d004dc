"""Lists of flags: all of them, the archived ones, those that can go, and those that nobody defined."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.flags import change_request_queries as change_requests
from app.flags import cleanup as rules
from app.flags import commands, flag, listing, queries, search
from app.flags.favourites import favourites
from app.flags.pages import page_number, writing
from app.guards import requires, who
from app.htmx import done

blueprint = Blueprint("flag_list", __name__, url_prefix="/flags", template_folder="templates")

SEARCH_LENGTH = 200


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("flags/index.html", **_listed())


@blueprint.get("/-/list")
@requires("view")
def table() -> str:
    return render_template("flags/_list.html", **_listed())


@blueprint.get("/-/new")
@requires("flags.write")
def new() -> str:
    return render_template("flags/new.html", types=flag.TYPES.values(), name=request.args.get("name", ""))


@blueprint.post("/-/new")
@requires("flags.write")
def create() -> Response:
    name, form = flag.checked_name(request.form.get("name", "")), request.form
    details = flag.checked_details(
        form.get("type", ""), form.get("description", ""), form.get("owner", ""), form.get("tags", "")
    )
    with writing() as session:
        commands.create(session, name, details, clock.now(), who())
    return done(
        url_for("flags.detail", name=name), _("%(name)s was created. It is off everywhere.", name=name)
    )


@blueprint.get("/-/archived")
@requires("view")
def archived() -> str:
    with begin() as session:
        rows = queries.archived(session, clock.now())
    return render_template("flags/archived.html", rows=rows)


@blueprint.get("/-/clean-up")
@requires("view")
def cleanup() -> str:
    now = clock.now()
    with begin() as session:
        found = rules.due(queries.rows(session, now), now)
    groups = [(reason, list(those)) for reason, those in groupby(found, key=lambda one: one.reason)]
    return render_template("flags/cleanup.html", groups=groups, reasons=rules.REASONS)


@blueprint.get("/-/unknown")
@requires("view")
def unknown() -> str:
    with begin() as session:
        found = queries.unknown(session, clock.now())
    return render_template("flags/unknown.html", unknown=found)


def _listed() -> dict[str, Any]:
    now, text = clock.now(), request.args.get("q", "")[:SEARCH_LENGTH]
    sort = request.args.get("sort", "")
    with begin() as session:
        rows = queries.rows(session, now)
        waiting = change_requests.waiting(session)
        reader = listing.Reader(favourites(session, who()), waiting)
        asked = search.parse(text)
        found = listing.found(rows, asked, now, reader, sort)
        features = [row for row in found if not row.is_drill]
        shown, page, last = listing.page_of(features, page_number())
        counts = change_requests.counts(session)
        return {
            "features": shown,
            "matching": len(features),
            "page": page,
            "last": last,
            "drills": [row for row in found if row.is_drill] if page == 1 else [],
            "drill_count": sum(row.is_drill for row in found),
            "due": len(rules.due(rows, now)),
            "unknown": len(queries.unknown(session, now)),
            "in_review": counts.get("in_review", 0),
            "not_applied": counts.get("not_applied", 0),
            "planned": counts.get("scheduled", 0),
            "connected": queries.connected(session, flag.PRODUCTION, now),
            "environments": queries.environments(session),
            "total": len(rows),
            "reader": reader,
            "q": text,
            "sort": sort,
            "toggled": search.toggled,
            "now": now,
            "types": flag.TYPES,
            "look_of": listing.look_of,
        }
