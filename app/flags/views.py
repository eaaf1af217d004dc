"""The page of one flag: who gets it, who asks for it, what happened to it, and the ways to change that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Conflict
from app.flags import commands, flag, history, lifecycle, queries, scoping, wording
from app.flags import dependency_commands as dependencies
from app.flags.change_request import Change
from app.flags.favourites import favourites
from app.flags.pages import (
    conflicted,
    environment,
    keep,
    page_number,
    read_audience,
    seen_revision,
    state_of,
    whole,
    writing,
)
from app.flags.percent import checked_percent
from app.flags.rows import Row, State
from app.guards import requires, who
from app.htmx import done, is_fragment, template
from app.timeline import queries as timeline
from app.ui import formats
from app.ui.chart import Annotation, chart
from app.ui.timerange import TimeRange, read_range

blueprint = Blueprint("flags", __name__, url_prefix="/flags", template_folder="templates")

HOUR_SECONDS = 3600
# Fragments of other rooms about one flag; a room that is not there is not asked.
NEIGHBOURS = ("/rollouts/of-flag/{name}", "/experiments/of-flag/{name}")


@blueprint.get("/<name>")
@requires("view")
def detail(name: str) -> str:
    now = clock.now()
    with begin() as session:
        row = queries.one(session, name, now)
        state = state_of(row)
        shown = {**_asked(session, name, state.environment, now), **_told(session, row, state)}
        shown |= _history(session, name)
    return render_template("flags/detail.html", flag=row, state=state, now=now, **shown)


@blueprint.get("/<name>/now")
@requires("view")
def now_fragment(name: str) -> str:
    """What holds at this moment in one environment; the page asks again at every change."""
    with begin() as session:
        row = queries.one(session, name, clock.now())
        audience = read_audience(session)
    opened = whole(request.args.get("revision", ""))
    return render_template(
        "flags/_now.html", flag=row, state=state_of(row), audience=audience, now=clock.now(), opened=opened
    )


@blueprint.get("/<name>/asked")
@requires("view")
def asked(name: str) -> str:
    """Who asks for the flag and what they are told."""
    now = clock.now()
    with begin() as session:
        row = queries.one(session, name, now)
        state = state_of(row)
        shown = _asked(session, name, state.environment, now)
    return render_template("flags/_asked.html", flag=row, state=state, now=now, **shown)


@blueprint.get("/<name>/answers.json")
@requires("view")
def answers(name: str) -> Response:
    now = clock.now()
    with begin() as session:
        state = state_of(queries.one(session, name, now))
        found = _answers(session, name, state.environment, read_range(request.args, now))
    return jsonify(found)


@blueprint.get("/<name>/history")
@requires("view")
def past(name: str) -> str:
    with begin() as session:
        row = queries.one(session, name, clock.now())
        shown = _history(session, name)
    return render_template("flags/_history.html", flag=row, state=state_of(row), **shown)


@blueprint.get("/<name>/reach")
@requires("view")
def reach(name: str) -> str:
    """What a percentage that is not saved yet would mean."""
    percent = checked_percent(request.args.get("percent"))
    with begin() as session:
        row = queries.one(session, name, clock.now())
        audience = read_audience(session)
    return render_template(
        "flags/_reach.html", state=state_of(row), percent=percent, audience=audience, now=clock.now()
    )


@blueprint.post("/<name>/percent")
@requires("flags.write", "environment", environment)
def set_percent(name: str) -> Response:
    place, share = environment(), checked_percent(request.form.get("percent"))
    told = formats.percent(share / 100)
    try:
        with writing() as session:
            change = Change(name, "percent", {"percent": share})
            title = _("%(name)s to %(percent)s", name=name, percent=told)
            if (kept := keep(session, change, title)) is not None:
                return done(*kept)
            entry = commands.set_percent(session, name, place, share, clock.now(), who(), seen_revision())
    except Conflict as conflict:
        return _moved_meanwhile(name, conflict)
    said = _(
        "%(name)s goes to %(percent)s of shoppers in %(environment)s.",
        name=name,
        percent=told,
        environment=place,
    )
    return _done(name, place, said, entry)


@blueprint.post("/<name>/switch")
@requires("flags.write", "environment", environment)
def switch(name: str) -> Response:
    place, enabled = environment(), request.form.get("enabled") == "on"
    title = _("%(name)s on", name=name) if enabled else _("%(name)s off", name=name)
    with writing() as session:
        if (kept := keep(session, Change(name, "enabled", {"enabled": enabled}), title)) is not None:
            return done(*kept)
        entry = commands.set_enabled(session, name, place, enabled, clock.now(), who())
    if enabled:
        told = _("%(name)s is on in %(environment)s.", name=name, environment=place)
    else:
        told = _("%(name)s is off in %(environment)s.", name=name, environment=place)
    return _done(name, place, told, entry)


@blueprint.post("/<name>/kill")
@requires("flags.write", "environment", environment)
def kill(name: str) -> Response:
    place = environment()
    with writing() as session:
        before = state_of(queries.one(session, name, clock.now()))
        audience = read_audience(session)
        entry = commands.kill(session, name, place, clock.now(), who())
    lost = audience.reached(before.reach.percent) if audience else None
    if lost is None:
        told = _("%(name)s is off for everybody in %(environment)s.", name=name, environment=place)
    else:
        told = ngettext(
            "%(name)s is off for everybody in %(environment)s. About %(num)s shopper had it lately.",
            "%(name)s is off for everybody in %(environment)s. About %(num)s shoppers had it lately.",
            lost,
            name=name,
            environment=place,
        )
    return _done(name, place, told, entry)


@blueprint.post("/<name>/undo/<int:entry>")
@requires("flags.write", "environment", scoping.of_entry)
def undo(name: str, entry: int) -> Response:
    try:
        with writing() as session:
            again = commands.undo(session, name, entry, clock.now(), who())
    except Conflict as conflict:
        return _changed_again(name, entry, conflict)
    return _done(name, environment(), _("The change was undone."), again)


def _done(name: str, place: str, told: str, entry: int | None) -> Response:
    undone = url_for("flags.undo", name=name, entry=entry, environment=place) if entry else None
    return done(url_for("flags.detail", name=name, environment=place), told, undo=undone)


def _moved_meanwhile(name: str, conflict: Conflict) -> Response:
    """Beside the slider: what it is now and by whom. What was chosen stays; pressed again, it is moved."""
    with begin() as session:
        state = state_of(queries.one(session, name, clock.now()))
    share = state.reach.percent
    wrong = _(
        "Now it is %(percent)s, by %(who)s. Press again to move it to yours.",
        percent="–" if share is None else formats.percent(share / 100),
        who=state.changed_by,
    )
    return conflicted(conflict, {"percent": wrong}, "move-revision", state.revision)


def _changed_again(name: str, entry: int, conflict: Conflict) -> Response:
    """What the undo would have brought back, and what came after it, both."""
    with begin() as session:
        names = queries.segment_names(session)
        row = queries.one(session, name, clock.now())
        of = history.one(session, name, entry, names)
        later = history.since(session, name, of.environment, entry, names)
    fragment = is_fragment()
    page = render_template(
        template("flags/_undo_conflict.html", "flags/undo.html"),
        flag=row,
        of=of,
        later=later,
        conflict=conflict,
    )
    response = Response(page, conflict.status)
    if fragment:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#undo-{entry}", "innerHTML"
    return response


def _told(session: Session, row: Row, state: State) -> dict[str, Any]:
    """What else the page says of the flag."""
    names = queries.segment_names(session)
    return {
        "audience": read_audience(session),
        "environment_tabs": _tabs(row),
        "place": queries.place(session, state.environment),
        "sentences": wording.strategies(state.strategies, names),
        "wording": wording,
        "children": dependencies.children(session, row.name),
        "is_favourite": row.name in favourites(session, who()),
        "types": flag.TYPES,
        "type_options": [(known.key, known.name) for known in flag.TYPES.values()],
        "stages": lifecycle.STAGES,
        "outcomes": lifecycle.OUTCOMES,
        "neighbours": [path for path in NEIGHBOURS if _is_there(path.format(name=row.name))],
        "variant_options": [(one["name"], one["name"]) for one in state.variants],
        "links_text": "\n".join(f"{one['url']} {one['title']}".strip() for one in row.links),
        "flag_names": [name for name in queries.names(session) if name != row.name],
    }


def _is_there(path: str) -> bool:
    return current_app.url_map.bind("").test(path, "GET")


def _tabs(row: Row) -> list[tuple[str, str, None]]:
    """One tab an environment, production first, each with what the flag does there."""
    states = reversed(list(row.states.values()))
    return [
        (url_for("flags.detail", name=row.name, environment=one.environment), _tab(one), None)
        for one in states
    ]


def _tab(state: State) -> str:
    share = state.reach.percent
    if not state.enabled:
        return f"{state.environment} · {_('off')}"
    return f"{state.environment} · {_('on') if share is None else formats.percent(share / 100)}"


def _history(session: Session, name: str) -> dict[str, Any]:
    number = page_number()
    events, last = history.page(session, name, queries.segment_names(session), number)
    return {"events": events, "page": number, "last": last}


def _asked(session: Session, name: str, place: str, now: datetime) -> dict[str, Any]:
    span = read_range(request.args, now)
    return {
        "range": span,
        "answers": _answers(session, name, place, span),
        "variants": queries.variant_counts(session, name, place, span.start, span.end),
        "apps": queries.apps(session, name, place, now),
    }


def _answers(session: Session, name: str, place: str, span: TimeRange) -> dict[str, Any]:
    hours = queries.hours(session, name, place, span.start, span.end)
    told = timeline.between(session, span.start, span.end)
    return chart(
        {_("yes"): [(h.hour, h.yes) for h in hours], _("no"): [(h.hour, h.no) for h in hours]},
        start=span.start,
        end=span.end,
        step_seconds=HOUR_SECONDS,
        annotations=[
            Annotation(entry.at, entry.kind, entry.title, entry.url, entry.ends_at)
            for entry in told
            if entry.subject == f"flag:{name}"
        ],
    )
