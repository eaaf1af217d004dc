"""Making, editing, archiving and deleting an objective in the page, with a trial on real history."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Conflict, Refused, Unavailable
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done, is_fragment
from app.slo import check, commands, forms, preview, queries, trial, words
from app.slo.bucket import BUCKET_SECONDS
from app.slo.budget import Step
from app.slo.burn import windows
from app.slo.definition import Definition, changes_meaning
from app.slo.objective import Objective
from app.slo.reading import read
from app.sources import sources

blueprint = Blueprint("slo_edit", __name__, url_prefix="/slo", template_folder="templates")


@blueprint.get("/-/new")
@requires("slo.write")
def new() -> str:
    return _page(None, {**forms.as_text(forms.FRESH), **forms.typed(request.args)})


@blueprint.get("/<key>/edit")
@requires("slo.write")
def edit(key: str) -> str:
    with begin() as session:
        slo = queries.objective(session, key)
    return _page(slo, {**forms.as_text(slo), **forms.typed(request.args)})


@blueprint.get("/-/fields")
@requires("slo.write")
def fields() -> str:
    """The fields of one kind of indicator; what was typed already stays."""
    values = {**forms.as_text(forms.FRESH), **forms.typed(request.args)}
    return render_template("slo/_indicator.html", values=values, **words.form_choices())


@blueprint.post("/-/new")
@requires("slo.write")
def create() -> Response:
    now = clock.now()
    made = check.complete(sources(), read(forms.typed(request.form)), now).definition
    with begin() as session:
        slo = commands.create(session, made, who(), now)
        publish_on_commit(session, sources().redis, "slo")
    told = _("%(name)s was made. Its history is being filled.", name=slo.name)
    return done(url_for("slo.detail", key=slo.key), told)


@blueprint.post("/<key>/edit")
@requires("slo.write")
def save(key: str) -> Response:
    now = clock.now()
    typed = forms.typed(request.form)
    with begin() as session:
        before = queries.objective(session, key)
    made = read(typed, before)
    if _asks_anew(before, made):
        made = check.complete(sources(), made, now).definition
    try:
        with begin() as session:
            slo = commands.edit(session, key, version(), made, who(), now)
            publish_on_commit(session, sources().redis, "slo")
    except Conflict as conflict:
        return _both(key, typed, conflict)
    return done(url_for("slo.detail", key=key), _("%(name)s was saved.", name=slo.name))


def _asks_anew(before: Definition, made: Definition) -> bool:
    """Whether the sources must be asked if it can work: not for a new name or another share."""
    same = before.threshold_seconds == made.threshold_seconds and before.durations == made.durations
    return changes_meaning(before, made) or not same


def _both(key: str, typed: Mapping[str, str], conflict: Conflict) -> Response:
    """Somebody else saved first: both texts stay in sight, and saving again is a decision."""
    with begin() as session:
        slo = queries.objective(session, key)
    differing = forms.differing(forms.as_text(slo), typed)
    if not is_fragment():
        page = _page(slo, {**forms.as_text(slo), **typed}, differing=differing)
        return Response(page, conflict.status)
    page = render_template("slo/_conflict.html", slo=slo, differing=differing, is_fragment=True)
    response = Response(page, conflict.status)
    response.headers["HX-Retarget"] = "#slo-conflict"
    response.headers["HX-Reswap"] = "outerHTML show:top"
    return response


def _page(slo: Objective | None, values: Mapping[str, str], differing: object = ()) -> str:
    choices = words.form_choices()
    return render_template("slo/form.html", slo=slo, values=values, differing=differing, **choices)


@blueprint.post("/-/preview")
@requires("slo.write")
def try_on() -> str:
    """What the form as it stands would have meant in the last twelve weeks."""
    try:
        made, rows, source = _history()
        found = windows(made.window_days, made.objective, made.tiers)
    except Refused as refused:
        wrong = refused.fields or {"": refused.message}
        return render_template("slo/_preview.html", wrong=wrong, names=words.field_names())
    except Unavailable as gone:
        return render_template("slo/_preview.html", gone=gone.dependency)
    now = clock.now()
    tried = preview.preview(rows, made.ratio, found, made.min_bad_events, now)
    return render_template(
        "slo/_preview.html",
        made=made,
        tried=tried,
        source=source,
        drawn=words.preview_chart(tried, now),
        others=preview.within_reach(tried.weeks, preview.nearby(made.ratio)),
    )


def _history() -> tuple[Definition, list[Step], str]:
    """The definition and its five-minute rows: kept ones where the counts mean the same, else asked for."""
    now, key = clock.now(), request.form.get("of", "")
    with begin() as session:
        slo = queries.objective(session, key) if key else None
        made = read(_tried(), slo)
        if slo is not None and not _asks_anew(slo, made):
            rows = queries.steps(session, slo, now - trial.HISTORY, now, BUCKET_SECONDS)
            return made, rows, "rows"
        made = check.complete(sources(), made, now).definition
        return made, trial.history(session, sources(), made, now), "source"


def _tried() -> dict[str, str]:
    """A trial needs neither name nor key."""
    typed = forms.typed(request.form)
    return {**typed, "name": typed.get("name") or "-", "key": typed.get("key") or "draft"}


@blueprint.get("/-/metrics")
@requires("slo.write")
def metrics() -> str:
    """Names for the picker, those with what was typed in them."""
    asked = request.args.get("metric", "").strip().lower()[:100]
    try:
        names = trial.client(sources()).metric_names()
    except Unavailable:
        names = []
    found = [name for name in names if asked in name.lower()][: trial.MOST_NAMES]
    return render_template("slo/_metrics.html", names=found)


@blueprint.get("/-/metric")
@requires("slo.write")
def metric() -> str:
    """One metric: what it is, its labels, and how it would be written into the fields."""
    name = request.args.get("metric", "").strip()
    try:
        about = trial.about_metric(trial.client(sources()), name, clock.now())
    except Refused as refused:
        return render_template("slo/_metric.html", why=refused.message)
    except Unavailable:
        return render_template(
            "slo/_metric.html", why=_("Prometheus does not answer. Write the query by hand.")
        )
    return render_template("slo/_metric.html", about=about)


@blueprint.get("/-/buckets")
@requires("slo.write")
def buckets() -> str:
    """The boundaries that a latency threshold may have."""
    durations, chosen = request.args.get("durations", "").strip(), request.args.get("threshold_seconds", "")
    try:
        found = trial.boundaries(trial.client(sources()), durations, clock.now()) if durations else []
    except (Refused, Unavailable):
        found = []
    return render_template("slo/_buckets.html", boundaries=found, chosen=chosen)


@blueprint.post("/<key>/archive")
@requires("slo.write")
def archive(key: str) -> Response:
    wanted = request.values.get("archived", "1") == "1"
    with begin() as session:
        slo = commands.set_archived(session, key, version(), wanted, who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    if not wanted:
        return done(url_for("slo.detail", key=key), _("%(name)s is measured again.", name=slo.name))
    undo = url_for("slo_edit.archive", key=key, archived="0", version=slo.version)
    return done(url_for("slo.index"), _("%(name)s is archived.", name=slo.name), undo=undo)


@blueprint.post("/<key>/delete")
@requires("slo.write")
def delete(key: str) -> Response:
    with begin() as session:
        if request.form.get("typed_key", "").strip() != key:
            why = _("Type %(key)s to delete it.", key=key)
            raise Refused(_("Nothing was deleted."), {"typed_key": why})
        commands.delete(session, key, version(), who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return done(url_for("slo.index"), _("%(key)s was deleted with all its rows.", key=key))


def version() -> int:
    found = request.values.get("version", "")
    if not found.isdecimal() or len(found) > 9:
        raise Refused(_("The form is incomplete. Reload the page and try again."))
    return int(found)
