"""Pages of changes that wait for somebody's word or for their hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, four_eyes
from app.db import begin
from app.flags import change_request as rules
from app.flags import change_request_commands as commands
from app.flags import change_request_queries as queries
from app.flags import queries as flags
from app.flags import scoping
from app.flags.pages import read_hour, writing
from app.guards import requires, who
from app.htmx import done

blueprint = Blueprint("flag_changes", __name__, url_prefix="/flags/-/changes", template_folder="templates")

# What each tab of the list shows.
VIEWS: dict[str, tuple[str, ...]] = {
    "open": rules.OPEN,
    "review": ("in_review",),
    "planned": ("scheduled", "not_applied"),
    "ready": ("approved",),
    "drafts": ("draft", "rejected"),
    "ended": rules.ENDED,
}
LOOKS = {
    "draft": "draft",
    "in_review": "running",
    "approved": "ok",
    "scheduled": "info",
    "applied": "ok",
    "rejected": "failed",
    "cancelled": "off",
    "not_applied": "failed",
}


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("flags/changes/index.html", **_listed())


@blueprint.get("/-/list")
@requires("view")
def table() -> str:
    return render_template("flags/changes/_list.html", **_listed())


@blueprint.get("/of-flag/<name>")
@requires("view")
def of_flag(name: str) -> str:
    """What waits for one flag, for the flag's own page."""
    with begin() as session:
        found = queries.listed(session, rules.OPEN, name, segments=flags.segment_names(session))
    return render_template("flags/changes/_of_flag.html", requests=found, name=name, **_words())


@blueprint.get("/<int:request_id>")
@requires("view")
def detail(request_id: int) -> str:
    with begin() as session:
        found = queries.one(session, request_id, flags.segment_names(session))
        is_mine = four_eyes.is_own(session, found.authors, who())
    return render_template("flags/changes/detail.html", found=found, is_mine=is_mine, **_words())


@blueprint.post("/<int:request_id>/edit")
@requires("flags.write", "environment", scoping.of_change_request)
def edit(request_id: int) -> Response:
    at = read_hour(request.form.get("apply_at", ""))
    with writing() as session:
        commands.edit(session, request_id, request.form.get("title", ""), at, clock.now(), who())
    return _back(request_id, _("Saved."))


@blueprint.post("/<int:request_id>/remove/<int:change_id>")
@requires("flags.write", "environment", scoping.of_change_request)
def remove(request_id: int, change_id: int) -> Response:
    with writing() as session:
        commands.remove(session, request_id, change_id, clock.now(), who())
    return _back(request_id, _("The change was taken out."))


@blueprint.post("/<int:request_id>/send")
@requires("flags.write", "environment", scoping.of_change_request)
def send(request_id: int) -> Response:
    with writing() as session:
        made = commands.send(session, request_id, clock.now(), who())
        told = told_of(cast(rules.State, made.state), made.apply_at)
    return _back(request_id, told)


@blueprint.post("/<int:request_id>/approve")
@requires("flags.approve", "environment", scoping.of_change_request)
def approve(request_id: int) -> Response:
    return _judge(request_id, "approve", _("You approved this change."))


@blueprint.post("/<int:request_id>/reject")
@requires("flags.approve", "environment", scoping.of_change_request)
def reject(request_id: int) -> Response:
    return _judge(request_id, "reject", _("You rejected this change. Its author sees why."))


@blueprint.post("/<int:request_id>/comment")
@requires("flags.write", "environment", scoping.of_change_request)
def comment(request_id: int) -> Response:
    return _judge(request_id, "comment", _("Your comment was added."))


@blueprint.post("/<int:request_id>/rebase")
@requires("flags.write", "environment", scoping.of_change_request)
def rebase(request_id: int) -> Response:
    with writing() as session:
        commands.rebase(session, request_id, clock.now(), who())
    return _back(request_id, _("It now stands on what the flags are at this moment."))


@blueprint.post("/<int:request_id>/apply")
@requires("flags.write", "environment", scoping.of_change_request)
def apply(request_id: int) -> Response:
    with writing() as session:
        commands.apply(session, request_id, clock.now(), who())
    return _back(request_id, _("All of its changes were made."))


@blueprint.post("/<int:request_id>/cancel")
@requires("flags.write", "environment", scoping.of_change_request)
def cancel(request_id: int) -> Response:
    with writing() as session:
        commands.cancel(session, request_id, clock.now(), who())
    return _back(request_id, _("Cancelled. Nothing was changed."))


def told_of(state: rules.State, apply_at: datetime | None) -> str:
    match state:
        case "in_review":
            return str(_("Sent. Somebody else has to approve it now."))
        case "scheduled":
            return str(_("Planned. It is made by itself at its hour."))
        case _:
            return str(_("Nobody has to approve it: it can be applied now."))


def _judge(request_id: int, verdict: rules.Verdict, told: str) -> Response:
    with writing() as session:
        commands.judge(session, request_id, verdict, request.form.get("text", ""), clock.now(), who())
    return _back(request_id, told)


def _back(request_id: int, told: str) -> Response:
    return done(url_for("flag_changes.detail", request_id=request_id), told)


def _words() -> dict[str, Any]:
    return {"names": rules.NAMES, "looks": LOOKS, "rules": rules}


def _listed() -> dict[str, Any]:
    view = request.args.get("view", "open")
    view = view if view in VIEWS else "open"
    page = max(1, request.args.get("page", 1, type=int) or 1)
    with begin() as session:
        counts = queries.counts(session)
        totals = {name: sum(counts.get(state, 0) for state in states) for name, states in VIEWS.items()}
        last = max(1, -(-totals[view] // queries.ROWS))
        page = min(page, last)
        found = queries.listed(session, VIEWS[view], segments=flags.segment_names(session), page=page)
    return {"requests": found, "view": view, "totals": totals, "page": page, "last": last, **_words()}
