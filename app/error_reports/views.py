"""The errors page and the page of one error."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app import clock
from app.db import begin
from app.error_reports import commands, queries
from app.error_reports.queries import Wanted
from app.error_reports.words import flags_shared
from app.guards import requires, who
from app.htmx import done
from app.timeline import queries as timeline

blueprint = Blueprint("errors", __name__, url_prefix="/errors", template_folder="templates")

ROWS = 50
CHANGES_BEFORE = timedelta(hours=2)
MOST_CHANGES = 3


def wanted(args: MultiDict[str, str]) -> Wanted:
    """From an address; nothing there can be wrong enough for an error."""
    state, source = args.get("state", "open"), args.get("source", "")
    text = args.get("q", "").replace("\x00", "").strip()[: queries.LONGEST_SEARCH]
    return Wanted(
        state if state in queries.STATES else "open", source if source in queries.SOURCES else "", text
    )


def page_number(args: MultiDict[str, str]) -> int:
    text = args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@blueprint.get("/")
@requires("view")
def index() -> str | Response:
    asked = wanted(request.args)
    with begin() as session:
        found = queries.group_of_request(session, asked.text) if asked.text else None
    if found is not None:
        return redirect(url_for("errors.detail", group_id=found, request_id=asked.text), code=303)  # type: ignore[return-value]
    return render_template("error_reports/index.html", **_list(asked, page_number(request.args)))


@blueprint.get("/_list")
@requires("view")
def table() -> str:
    return render_template(
        "error_reports/_list.html", **_list(wanted(request.args), page_number(request.args))
    )


def _list(asked: Wanted, page: int) -> dict[str, object]:
    now = clock.now()
    with begin() as session:
        rows, total = queries.listed(session, asked, now, ROWS, (page - 1) * ROWS)
        totals = queries.totals(session, now)
    last = max(1, -(-total // ROWS))
    return {"rows": rows, "wanted": asked, "totals": totals, "page": page, "last": last, "now": now}


@blueprint.get("/<int:group_id>")
@requires("view")
def detail(group_id: int) -> str:
    now = clock.now()
    with begin() as session:
        group = commands.find(session, group_id)
        (row,) = queries.rows_of(session, [group], now)
        samples = queries.samples(session, group_id)
        releases = queries.releases(session, group_id)
        changes = timeline.changes_before(session, group.first_at, CHANGES_BEFORE, MOST_CHANGES)
    asked = request.args.get("request_id", "")
    named = (one for one in samples if asked in (one.request.get("request_id"), one.request.get("trace_id")))
    return render_template(
        "error_reports/detail.html",
        row=row,
        group=group,
        samples=samples,
        shown=next(named, samples[0] if samples else None),
        asked=asked,
        releases=releases,
        changes=changes,
        shared=flags_shared(sample.request for sample in samples),
        now=now,
    )


@blueprint.post("/<int:group_id>/state")
@requires("errors.manage")
def set_state(group_id: int) -> Response:
    state, until_next = request.form.get("state", ""), request.form.get("next_release") == "1"
    with begin() as session:
        commands.set_state(session, group_id, state, who(), clock.now(), with_next_release=until_next)
    said = {
        "resolved": _("Resolved. It opens again when it is seen again."),
        "ignored": _("Ignored. It is counted, and nobody hears of it."),
        "open": _("Open again."),
    }
    return done(url_for("errors.detail", group_id=group_id), said[state])


@blueprint.post("/<int:group_id>/care")
@requires("errors.manage")
def look_after(group_id: int) -> Response:
    form = request.form
    with begin() as session:
        commands.look_after(
            session, group_id, form.get("assignee", ""), form.get("note", ""), who(), clock.now()
        )
    return done(url_for("errors.detail", group_id=group_id), _("Saved."))
