"""Pages of flags."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.errors import NotFound
from app.flags import commands, flag, lifecycle_commands, listing, queries, search, targeting
from app.flags.audience import Audience
from app.flags.changes import changes
from app.flags.jobs import AUDIENCE_KEY
from app.flags.percent import checked_percent
from app.flags.rows import Row, State
from app.guards import requires, who
from app.htmx import done
from app.series import store
from app.sources import sources
from app.timeline import queries as timeline
from app.ui import formats
from app.ui.chart import Annotation, chart
from app.ui.scope import scope
from app.ui.timerange import TimeRange, read_range

blueprint = Blueprint("flags", __name__, url_prefix="/flags", template_folder="templates")

HOUR_SECONDS = 3600
SEARCH_LENGTH = 200


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction; when it is committed, open pages hear of it."""
    with begin() as session:
        yield session
        events.publish_on_commit(session, sources().redis, "flags")
        events.publish_on_commit(session, sources().redis, "timeline")


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
    return render_template("flags/new.html", types=flag.TYPES.values())


@blueprint.post("/-/new")
@requires("flags.write")
def create() -> Response:
    name = flag.checked_name(request.form.get("name", ""))
    with writing() as session:
        commands.create(session, name, _details(), clock.now(), who())
    return done(
        url_for("flags.detail", name=name), _("%(name)s was created. It is off everywhere.", name=name)
    )


@blueprint.get("/<name>")
@requires("view")
def detail(name: str) -> str:
    now = clock.now()
    with begin() as session:
        row = queries.one(session, name, now)
        state = _state(row)
        shown = _asked(session, name, state.environment, now)
        history = [(entry, changes(entry.before, entry.after)) for entry in queries.history(session, name)]
        audience = _audience(session)
    return render_template(
        "flags/detail.html",
        flag=row,
        state=state,
        history=history,
        audience=audience,
        environment_tabs=_tabs(row),
        types=flag.TYPES,
        type_options=[(known.key, known.name) for known in flag.TYPES.values()],
        now=now,
        **shown,
    )


@blueprint.get("/<name>/now")
@requires("view")
def now_fragment(name: str) -> str:
    """What holds at this moment in one environment; the page asks again at every change."""
    with begin() as session:
        row = queries.one(session, name, clock.now())
        audience = _audience(session)
    return render_template(
        "flags/_now.html", flag=row, state=_state(row), audience=audience, now=clock.now(), opened=_opened()
    )


@blueprint.get("/<name>/asked")
@requires("view")
def asked(name: str) -> str:
    """Who asks for the flag and what they are told."""
    now = clock.now()
    with begin() as session:
        row = queries.one(session, name, now)
        state = _state(row)
        shown = _asked(session, name, state.environment, now)
    return render_template("flags/_asked.html", flag=row, state=state, now=now, **shown)


@blueprint.get("/<name>/answers.json")
@requires("view")
def answers(name: str) -> Response:
    now = clock.now()
    with begin() as session:
        state = _state(queries.one(session, name, now))
        found = _answers(session, name, state.environment, read_range(request.args, now))
    return jsonify(found)


@blueprint.get("/<name>/reach")
@requires("view")
def reach(name: str) -> str:
    """What a percentage that is not saved yet would mean."""
    percent = checked_percent(request.args.get("percent"))
    with begin() as session:
        row = queries.one(session, name, clock.now())
        audience = _audience(session)
    return render_template(
        "flags/_reach.html", state=_state(row), percent=percent, audience=audience, now=clock.now()
    )


@blueprint.post("/<name>/percent")
@requires("flags.write")
def set_percent(name: str) -> Response:
    environment, share = _environment(), checked_percent(request.form.get("percent"))
    with writing() as session:
        entry = commands.set_percent(
            session, name, environment, share, clock.now(), who(), expected=_expected()
        )
    told = _(
        "%(name)s goes to %(percent)s of shoppers in %(environment)s.",
        name=name,
        percent=formats.percent(share / 100),
        environment=environment,
    )
    return _done(name, environment, told, entry)


@blueprint.post("/<name>/switch")
@requires("flags.write")
def switch(name: str) -> Response:
    environment, enabled = _environment(), request.form.get("enabled") == "on"
    with writing() as session:
        entry = commands.set_enabled(session, name, environment, enabled, clock.now(), who())
    if enabled:
        told = _("%(name)s is on in %(environment)s.", name=name, environment=environment)
    else:
        told = _("%(name)s is off in %(environment)s.", name=name, environment=environment)
    return _done(name, environment, told, entry)


@blueprint.post("/<name>/kill")
@requires("flags.write")
def kill(name: str) -> Response:
    environment = _environment()
    with writing() as session:
        entry = commands.kill(session, name, environment, clock.now(), who())
    told = _("%(name)s is off for everybody in %(environment)s.", name=name, environment=environment)
    return _done(name, environment, told, entry)


@blueprint.post("/<name>/targeting")
@requires("flags.write")
def set_targeting(name: str) -> Response:
    environment = _environment()
    strategies = targeting.parsed(request.form.get("strategies", ""), "strategies")
    variants = targeting.parsed(request.form.get("variants", ""), "variants")
    with writing() as session:
        entry = commands.set_targeting(
            session, name, environment, strategies, variants, clock.now(), who(), expected=_expected()
        )
    return _done(name, environment, _("The targeting was saved."), entry)


@blueprint.post("/<name>/details")
@requires("flags.write")
def describe(name: str) -> Response:
    with writing() as session:
        entry = commands.describe(session, name, _details(), clock.now(), who(), expected=_expected())
    return _done(name, _environment(), _("The description was saved."), entry)


@blueprint.post("/<name>/stale")
@requires("flags.write")
def mark_stale(name: str) -> Response:
    stale = request.form.get("stale") == "on"
    with writing() as session:
        entry = commands.mark_stale(session, name, stale, clock.now(), who())
    told = _("Marked as stale: ready to be removed from the code.") if stale else _("No longer marked stale.")
    return _done(name, _environment(), told, entry)


@blueprint.post("/<name>/archive")
@requires("flags.write")
def archive(name: str) -> Response:
    with writing() as session:
        entry = lifecycle_commands.archive(session, name, clock.now(), who())
    undo = url_for("flags.undo", name=name, entry=entry) if entry else None
    return done(url_for("flags.index"), _("%(name)s was archived; SDKs say off.", name=name), undo=undo)


@blueprint.post("/<name>/undo/<int:entry>")
@requires("flags.write")
def undo(name: str, entry: int) -> Response:
    with writing() as session:
        again = commands.undo(session, name, entry, clock.now(), who())
    return _done(name, _environment(), _("The change was undone."), again)


def _done(name: str, environment: str, told: str, entry: int | None) -> Response:
    undo = url_for("flags.undo", name=name, entry=entry, environment=environment) if entry else None
    return done(url_for("flags.detail", name=name, environment=environment), told, undo=undo)


def _environment() -> str:
    """Of this request: the form's, the address's, or what the rail says."""
    return request.form.get("environment") or request.args.get("environment") or scope().environment


def _expected() -> int | None:
    """The revision that the form was opened on."""
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _opened() -> int | None:
    text = request.args.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _details() -> flag.Details:
    form = request.form
    return flag.checked_details(
        form.get("type", ""), form.get("description", ""), form.get("owner", ""), form.get("tags", "")
    )


def _state(row: Row) -> State:
    state = row.states.get(_environment())
    if state is None:
        raise NotFound(_("There is no such environment."))
    return state


def _tabs(row: Row) -> list[tuple[str, str, None]]:
    """One tab an environment, production first."""
    names = reversed(list(row.states))
    return [(url_for("flags.detail", name=row.name, environment=name), name, None) for name in names]


def _listed() -> dict[str, Any]:
    now, text = clock.now(), request.args.get("q", "")[:SEARCH_LENGTH]
    with begin() as session:
        rows = queries.rows(session, now)
        found = listing.found(rows, search.parse(text), now)
        return {
            "features": [row for row in found if not row.is_drill],
            "drills": [row for row in found if row.is_drill],
            "unknown": queries.unknown(session, now),
            "connected": queries.connected(session, flag.PRODUCTION, now),
            "environments": queries.environments(session),
            "total": len(rows),
            "q": text,
            "now": now,
            "types": flag.TYPES,
            "look_of": listing.look_of,
        }


def _asked(session: Session, name: str, environment: str, now: datetime) -> dict[str, Any]:
    span = read_range(request.args, now)
    return {
        "range": span,
        "answers": _answers(session, name, environment, span),
        "variants": queries.variant_counts(session, name, environment, span.start, span.end),
        "apps": queries.apps(session, name, environment, now),
    }


def _answers(session: Session, name: str, environment: str, span: TimeRange) -> dict[str, Any]:
    hours = queries.hours(session, name, environment, span.start, span.end)
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


def _audience(session: Session) -> Audience | None:
    point = store.latest(session, AUDIENCE_KEY)
    return Audience(int(point.value), point.at) if point else None
