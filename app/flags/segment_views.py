"""Segments: named groups of shoppers that strategies share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Conflict, Refused
from app.flags import editing, queries, segment, targeting, visitors, wording
from app.flags import segment_commands as commands
from app.flags.pages import conflicted, read_audience, seen_revision, writing
from app.flags.rows import SegmentRow
from app.guards import requires, who
from app.htmx import done, template
from app.sources import sources

blueprint = Blueprint("flag_segments", __name__, url_prefix="/flags/-/segments", template_folder="templates")

FIELDS = ("locale", "country", "device", "userId", "accountId", "sessionId", "remoteAddress", "appName")


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        rows = queries.segment_rows(session)
    return render_template("flags/segments/index.html", rows=rows, wording=wording)


@blueprint.get("/new")
@requires("flags.write")
def new() -> str:
    with begin() as session:
        return _page(
            session, None, {"name": "", "description": "", "constraints": [editing.new_constraint()]}
        )


@blueprint.get("/<int:segment_id>")
@requires("view")
def detail(segment_id: int) -> str:
    with begin() as session:
        row = queries.segment(session, segment_id)
        typed = {"name": row.name, "description": row.description, "constraints": list(row.constraints)}
        return _page(session, row, typed)


@blueprint.post("/draft")
@requires("flags.write")
def press() -> str:
    """One of the form's own buttons: nothing is saved."""
    typed = _typed()
    draft = editing.Draft([{"constraints": typed["constraints"]}], [])
    place = request.form.get("press", "")
    draft = editing.pressed(draft, place, "")
    typed["constraints"] = draft.strategies[0]["constraints"]
    with begin() as session:
        return _page(session, _edited(session), typed)


@blueprint.post("/preview")
@requires("flags.write")
def preview() -> str:
    with begin() as session:
        shown = _preview(session, _typed()["constraints"])
    return render_template("flags/segments/_preview.html", **shown)


@blueprint.post("/new")
@requires("flags.write")
def create() -> Response:
    draft = _draft()
    with writing() as session:
        made = commands.create(session, draft, clock.now(), who())
    return done(url_for("flag_segments.detail", segment_id=made), _("The segment was saved."))


@blueprint.post("/<int:segment_id>")
@requires("flags.write")
def save(segment_id: int) -> Response:
    draft = _draft()
    try:
        with writing() as session:
            commands.change(session, segment_id, draft, clock.now(), who(), seen_revision())
    except Conflict as conflict:
        return _both(segment_id, draft, conflict)
    return done(url_for("flag_segments.detail", segment_id=segment_id), _("The segment was saved."))


@blueprint.post("/<int:segment_id>/delete")
@requires("flags.write")
def delete(segment_id: int) -> Response:
    with writing() as session:
        commands.delete(session, segment_id, clock.now(), who())
    return done(url_for("flag_segments.index"), _("The segment was deleted."))


def _both(segment_id: int, draft: segment.Draft, conflict: Conflict) -> Response:
    """What it says by now, beside what was typed, which stays."""
    with begin() as session:
        row = queries.segment(session, segment_id)
    now = " · ".join(wording.constraint(one) for one in row.constraints)
    fields: dict[str, object] = {}
    if row.name != draft.name:
        fields["name"] = _("Now it says: %(value)s. Save again to put yours on top.", value=row.name)
    if tuple(row.constraints) != draft.constraints:
        fields["constraints"] = _("Now it says: %(value)s. Save again to put yours on top.", value=now)
    return conflicted(conflict, fields, "segment-revision", row.revision)


def _typed() -> dict[str, Any]:
    form = request.form
    read = editing.read(form.to_dict(flat=False), "")
    constraints = read.strategies[0]["constraints"] if read.strategies else []
    return {
        "name": form.get("name", ""),
        "description": form.get("description", ""),
        "constraints": constraints,
    }


def _draft() -> segment.Draft:
    typed = _typed()
    try:
        return segment.checked(typed["name"], typed["description"], None, typed["constraints"])
    except Refused as refused:
        raise _beside(refused) from refused


def _beside(refused: Refused) -> Refused:
    """A wrong constraint is told beside its own input; the form calls them by those of a strategy."""
    fields: dict[str, object] = {}
    for field, message in refused.fields.items():
        where, colon, what = str(message).partition(": ")
        if field == "constraints" and colon and where.startswith("constraints["):
            name = editing.field_of(f"strategies[0].{where}", list(request.form))
            fields[name] = what
        else:
            fields[field] = message
    return Refused(refused.message, fields)


def _edited(session: Session) -> SegmentRow | None:
    number = request.form.get("segment", "")
    return queries.segment(session, int(number)) if number.isascii() and number.isdigit() else None


def _page(session: Session, row: SegmentRow | None, typed: dict[str, Any]) -> str:
    return render_template(
        template("flags/segments/_form.html", "flags/segments/detail.html"),
        segment=row,
        typed=typed,
        revision=seen_revision() or (row.revision if row else 0),
        operators=[(name, verbs[1]) for name, verbs in wording.OPERATORS.items()],
        several={name for name, (several, _read) in targeting.OPERATORS.items() if several},
        field_names=FIELDS,
        editing=editing,
        **_preview(session, typed["constraints"]),
    )


def _preview(session: Session, constraints: list[Any]) -> dict[str, Any]:
    """How many shoppers of the last hour are in it."""
    shown: dict[str, Any] = {
        "reached": None,
        "wrong": None,
        "sentences": [],
        "audience": read_audience(session),
    }
    try:
        checked = targeting.checked_constraints(constraints)
    except Refused as refused:
        return shown | {"wrong": next(iter(refused.fields.values()), refused.message)}
    found = visitors.sample(sources(), clock.now())
    strategy = {"name": "default", "parameters": {}, "constraints": checked}
    feature = visitors.feature_of("segment", [strategy], [])
    reached = None if found is None else visitors.reached(found, "segment", feature, [])
    return shown | {"reached": reached, "sentences": [wording.constraint(one) for one in checked]}
