"""Pages of experiments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.experiments import commands, counting, queries
from app.experiments.definition import DIMENSIONS, Definition, Variant, read
from app.experiments.forest import forest, reach
from app.experiments.forms import body_of, typed
from app.experiments.metrics import METRICS
from app.experiments.planning import Preview, preview
from app.experiments.words import about, effect_words, gain_words, headline, metric_name, value_words
from app.guards import requires, who
from app.htmx import done
from app.series import store
from app.sources import sources
from app.ui.chart import chart

blueprint = Blueprint("experiments", __name__, url_prefix="/experiments", template_folder="templates")

DAY_SECONDS = 86_400
MOST_DRAWN = 2.0  # the first days are wide; drawn whole they would flatten all that follows
WORDS: dict[str, Any] = {
    "headline": headline,
    "metric_name": metric_name,
    "effect_words": effect_words,
    "value_words": value_words,
    "gain_words": gain_words,
    "about": about,
    "forest": forest,
    "reach": reach,
    "metrics": METRICS,
    "dimensions": DIMENSIONS,
    "goals": [(key, metric.name) for key, metric in METRICS.items()],
}


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        found = queries.all_results(session, clock.now())
        return render_template("experiments/index.html", found=found, **WORDS)


@blueprint.get("/-/list")
@requires("view")
def table() -> str:
    with begin() as session:
        found = queries.all_results(session, clock.now())
        return render_template("experiments/_list.html", found=found, **WORDS)


@blueprint.get("/of-flag/<name>")
@requires("view")
def of_flag(name: str) -> str:
    """For the flag's page: its experiments in a line each, or how to make one."""
    with begin() as session:
        found = queries.all_results(session, clock.now(), name)
        return render_template("experiments/_of_flag.html", found=found, flag=name, **WORDS)


@blueprint.get("/new")
@requires("experiments.write")
def new() -> str:
    flag = request.args.get("flag", "")
    with begin() as session:
        first = _first(session, flag)
        made = _preview(session, first)
        return render_template("experiments/form.html", typed=typed(first), made=made, one=None, **WORDS)


@blueprint.post("/new")
@requires("experiments.write")
def create() -> Response:
    definition = read(body_of(request.form))
    with begin() as session:
        made = commands.create(session, definition, clock.now(), who())
        _publish(session)
        url = url_for("experiments.show", number=made.id)
    return done(url, _("The experiment is written down. It counts from its start on."))


@blueprint.get("/-/preview")
@requires("view")
def show_preview() -> str:
    """How long it would take, as the form stands. What is not filled in yet takes its default."""
    with begin() as session:
        try:
            definition = read({**body_of(request.args), **_enough(request.args)})
            made = _preview(session, definition)
        except Refused:
            made = None
        return render_template("experiments/_preview.html", made=made, goal=request.args.get("goal"), **WORDS)


@blueprint.get("/<int:number>")
@requires("view")
def show(number: int) -> str:
    with begin() as session:
        return render_template("experiments/detail.html", **_shown(session, number), **WORDS)


@blueprint.get("/<int:number>/-/results")
@requires("view")
def results(number: int) -> str:
    with begin() as session:
        return render_template("experiments/_results.html", **_shown(session, number), **WORDS)


@blueprint.get("/<int:number>/-/breakdown")
@requires("view")
def breakdown(number: int) -> str:
    dimension = request.args.get("by", DIMENSIONS[0])
    dimension = dimension if dimension in DIMENSIONS else DIMENSIONS[0]
    with begin() as session:
        groups = queries.breakdown(session, queries.get(session, number), dimension, clock.now())
        return render_template(
            "experiments/_breakdown.html", groups=groups, by=dimension, number=number, **WORDS
        )


@blueprint.get("/<int:number>/chart.json")
@requires("view")
def effects(number: int) -> Response:
    with begin() as session:
        return jsonify(_chart(session, number))


@blueprint.get("/<int:number>/edit")
@requires("experiments.write")
def edit(number: int) -> str:
    with begin() as session:
        one = queries.get(session, number)
        definition = read(one.definition)
        made = _preview(session, definition)
        return render_template("experiments/form.html", typed=typed(definition), made=made, one=one, **WORDS)


@blueprint.post("/<int:number>/edit")
@requires("experiments.write")
def save(number: int) -> Response:
    definition = read(body_of(request.form))
    with begin() as session:
        commands.edit(session, number, _revision(), definition, clock.now(), who())
        _publish(session)
    return done(url_for("experiments.show", number=number), _("Saved."))


@blueprint.post("/<int:number>/start")
@requires("experiments.write")
def start(number: int) -> Response:
    with begin() as session:
        commands.start(session, number, _revision(), clock.now(), who())
        _publish(session)
    said = _("It runs. The first figures come within five minutes.")
    return done(url_for("experiments.show", number=number), said)


@blueprint.post("/<int:number>/stop")
@requires("experiments.write")
def stop(number: int) -> Response:
    with begin() as session:
        commands.stop(session, number, _revision(), clock.now(), who())
        _publish(session)
    said = _("Stopped. Late orders still count for two days; now decide.")
    return done(url_for("experiments.show", number=number), said)


@blueprint.post("/<int:number>/decide")
@requires("experiments.write")
def decide(number: int) -> Response:
    with begin() as session:
        commands.decide(session, number, _revision(), request.form, clock.now(), who())
        _publish(session)
    return done(url_for("experiments.show", number=number), _("Decided and on record."))


@blueprint.post("/<int:number>/delete")
@requires("experiments.write")
def remove(number: int) -> Response:
    with begin() as session:
        commands.remove(session, number, _revision(), clock.now(), who())
        _publish(session)
    return done(url_for("experiments.index"), _("The draft is deleted."))


def _shown(session: Session, number: int) -> dict[str, Any]:
    one = queries.results(session, queries.get(session, number), clock.now())
    return {
        "one": one,
        "chart": _chart(session, number),
        "query": counting.COUNTS.text,
        "groups": queries.breakdown(session, one.experiment, DIMENSIONS[0], clock.now()),
        "by": DIMENSIONS[0],
        "number": number,
        "others": [(name, name) for name in one.definition.weights if name != one.definition.control],
    }


def _chart(session: Session, number: int) -> dict[str, Any] | None:
    """The goal's effect by day, each variant with the ends of its interval; cumulative."""
    experiment = queries.get(session, number)
    lines: dict[str, list[tuple[datetime, float | None]]] = {}
    days = queries.by_day(session, experiment, clock.now())
    for day, found in days:
        at = datetime.combine(day, time.min, UTC)
        for row in found.analysis.goal.rows if found.analysis else ():
            low, high = row.comparison.ci or (None, None)
            ends = {_("lower end"): low, _("upper end"): high}
            for name, value in {_("effect"): row.comparison.effect, **ends}.items():
                drawn = value if value is not None and abs(value) <= MOST_DRAWN else None
                lines.setdefault(f"{row.variant}: {name}", []).append((at, drawn))
    if not lines:
        return None
    start, end = (datetime.combine(day, time.min, UTC) for day in (days[0][0], days[-1][0]))
    return chart(
        lines, start=start, end=end + timedelta(days=1), step_seconds=DAY_SECONDS, unit="ratio", zero=True
    )


def _first(session: Session, flag: str) -> Definition:
    """What a new experiment begins with: the split that the flag has now."""
    point = store.latest(session, queries.SHARE_KEY, {"flag": flag}) if flag else None
    share = point.value * 100 if point and 0 < point.value < 1 else 50.0
    variants = (Variant("off", 100 - share), Variant("on", share))
    return Definition(name="", flag=flag, hypothesis="", variants=variants, control="off")


def _preview(session: Session, definition: Definition) -> Preview | None:
    """None while the shop was not counted yet."""
    lately = queries.baseline(session, definition.flag)
    return preview(definition, lately.days, lately.n, lately.sums) if lately else None


def _enough(said: Mapping[str, str]) -> dict[str, str]:
    """A preview needs neither a name nor a flag."""
    return {"name": said.get("name") or "-", "flag": said.get("flag") or "-"}


def _revision() -> int | None:
    text = request.form.get("revision", "")
    return int(text) if text.isdecimal() and len(text) <= 9 else None


def _publish(session: Session) -> None:
    publish_on_commit(session, sources().redis, "experiments")
