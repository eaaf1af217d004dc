"""Pages of rollouts: what needs somebody first, one rollout, a new one; and what other pages show of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin, reporting
from app.errors import NotFound, Refused, Unavailable
from app.events import publish_on_commit
from app.flags import queries as flags
from app.flags.flag import PRODUCTION
from app.guards import person, requires, who
from app.htmx import done
from app.rollouts import (
    charts,
    commands,
    filled,
    plan,
    preview,
    progress,
    queries,
    recipes,
    scoping,
    showing,
    words,
)
from app.rollouts.actions import ACTIONS
from app.rollouts.models import Rollout
from app.series import store
from app.sources import sources
from app.ui.states import badness
from app.ui.timerange import read_range

blueprint = Blueprint("rollouts", __name__, url_prefix="/rollouts", template_folder="templates")

JUST_ENDED = timedelta(days=1)


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction; when it is committed, open pages hear of it."""
    with begin() as session:
        yield session
        for topic in ("rollouts", "flags", "timeline"):
            publish_on_commit(session, sources().redis, topic)


@blueprint.app_context_processor
def tools() -> dict[str, Any]:
    return {"showing": showing, "rollout_words": words}


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("rollouts/index.html", **_listed())


@blueprint.get("/-/list")
@requires("view")
def table() -> str:
    return render_template("rollouts/_list.html", **_listed())


@blueprint.get("/-/new")
@requires("rollouts.write", anywhere=True)
def new() -> str:
    """The form, filled in by a template."""
    recipe = recipes.RECIPES.get(request.args.get("recipe", ""), recipes.RECIPES["normal"])
    now = clock.now()
    with begin() as session:
        return render_template(
            "rollouts/new.html",
            flag=request.args.get("flag", ""),
            recipe=recipe,
            wanted=recipe.plan(now),
            recipes=recipes.RECIPES.values(),
            tell=someone.email if (someone := person()) else "",
            **_choices(session, now),
        )


@blueprint.get("/-/read")
@requires("view")
def read() -> str:
    """The form's plan read aloud, and whom it reaches, while it is filled in."""
    now = clock.now()
    try:
        wanted = plan.checked(filled.raw_plan(request.args.to_dict(flat=False)), now)
    except Refused as refused:
        return render_template("rollouts/_sentence.html", missing=list(refused.fields.values()))
    return render_template(
        "rollouts/_sentence.html",
        wanted=wanted,
        sentence=words.sentence(wanted),
        reached=_reached(wanted, now),
    )


@blueprint.post("/-/new")
@requires("rollouts.write", "environment", scoping.of_form)
def start() -> Response:
    form, flag = request.form.to_dict(flat=False), request.form.get("flag", "").strip()
    environment = request.form.get("environment") or PRODUCTION
    try:
        with writing() as session:
            row = commands.start(
                session,
                flag,
                environment,
                filled.raw_plan(form),
                clock.now(),
                who(),
                str(get_locale() or "en"),
            )
            told = showing.said(row)
    except Refused as refused:
        raise Refused(refused.message, filled.fields(refused.fields, filled.kinds(form))) from None
    except NotFound:
        raise Refused(_("The rollout was not started."), {"flag": _("There is no such flag here.")}) from None
    return done(url_for("rollouts.detail", number=row.id), told)


@blueprint.get("/<int:number>")
@requires("view")
def detail(number: int) -> str:
    now = clock.now()
    span = read_range(request.args, now, default="1h")
    with begin() as session:
        shown = _shown(session, queries.numbered(session, number), now)
        return render_template(
            "rollouts/detail.html",
            **shown,
            data=charts.errors(session, shown["rollout"], span),
            ramp=charts.ramp(session, shown["rollout"], now),
            range=span,
        )


@blueprint.get("/<int:number>/now")
@requires("view")
def current(number: int) -> str:
    """What changes by itself: the page asks again with each look."""
    now = clock.now()
    with begin() as session:
        return render_template(
            "rollouts/_now.html", **_shown(session, queries.numbered(session, number), now)
        )


@blueprint.get("/<int:number>/errors.json")
@requires("view")
def errors(number: int) -> Response:
    span = read_range(request.args, clock.now(), default="1h")
    with begin() as session:
        return jsonify(charts.errors(session, queries.numbered(session, number), span))


@blueprint.get("/<int:number>/ramp.json")
@requires("view")
def ramp(number: int) -> Response:
    with begin() as session:
        return jsonify(charts.ramp(session, queries.numbered(session, number), clock.now()))


@blueprint.get("/of-flag/<name>")
@requires("view")
def of_flag(name: str) -> str:
    """For the flag's page: its rollout, or how to begin one."""
    now = clock.now()
    with begin() as session:
        found = queries.of_flag(session, name)
        decisions = queries.decisions(session, found[0].id, 5) if found else []
        return render_template(
            "rollouts/_of_flag.html", flag_name=name, found=found, decisions=decisions, now=now
        )


@blueprint.post("/<int:number>/<action>")
@requires("rollouts.write", "environment", scoping.of_rollout)
def act(number: int, action: str) -> Response:
    """pause, resume, approve, advance, roll-back, finish, abort, override."""
    if action not in ACTIONS:
        raise NotFound(_("There is no such page."))
    body = {
        "reason": request.form.get("reason", ""),
        "until": _until(request.form.get("hours", "")),
        "step": _whole(request.form.get("step", "")),
        "version": _whole(request.form.get("version", "")),
    }
    with writing() as session:
        row = ACTIONS[action](session, number, clock.now(), body)
        told = showing.said(row)
    return done(url_for("rollouts.detail", number=number), told)


@blueprint.post("/freeze")
@requires("rollouts.write")
def freeze() -> Response:
    with writing() as session:
        commands.freeze(session, request.form.get("reason", ""), clock.now(), who())
    return done(url_for("rollouts.index"), _("All rollouts are frozen. Guards still watch and roll back."))


@blueprint.post("/thaw")
@requires("rollouts.write")
def thaw() -> Response:
    with writing() as session:
        commands.thaw(session, clock.now(), who())
    return done(url_for("rollouts.index"), _("Rollouts go on."))


def _listed() -> dict[str, Any]:
    now = clock.now()
    with begin() as session:
        going = queries.open_rollouts(session)
        taken = {row.flag for row in going if row.environment == PRODUCTION}
        return {
            "going": sorted(
                going, key=lambda row: (not showing.needs_somebody(row), -badness(showing.state(row, now)))
            ),
            "ended": queries.ended_rollouts(session),
            "by_hand": [one for one in queries.watched(session, now) if one.flag.name not in taken],
            "frozen": queries.freeze(session),
            "now": now,
            "progress": progress,
        }


def _shown(session: Session, row: Rollout, now: datetime) -> dict[str, Any]:
    look = queries.last_look(session, row.id)
    return {
        "rollout": row,
        "plan": plan.stored(row.plan),
        "look": look,
        "decisions": queries.decisions(session, row.id),
        "earliest": showing.earliest(row, now),
        "frozen": queries.freeze(session),
        "evidence": queries.evidence(session, row.id),
        "now": now,
    }


def _choices(session: Session, now: datetime) -> dict[str, Any]:
    return {
        "flag_options": [(row.name, row.name) for row in flags.rows(session, now) if not row.is_drill],
        "environment_options": [(name, name) for name in flags.environments(session)],
        "segments": [(str(row.id), row.name) for row in flags.segment_rows(session)],
        "slos": sorted(store.latest_by(session, "slo.budget_left", "slo")),
        "kinds": plan.GUARD_KINDS,
        "rows": filled.rows,
        "limit_text": filled.limit_text,
    }


def _reached(wanted: plan.Plan, now: datetime) -> preview.Reached | None:
    """None: the shop's database does not answer; the sentence is worth showing all the same."""
    try:
        with reporting() as session:
            return preview.reached(session, wanted, now)
    except Unavailable:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _until(hours: str) -> str:
    number = _whole(hours)
    return (clock.now() + timedelta(hours=min(number, 10_000))).isoformat() if number else ""
