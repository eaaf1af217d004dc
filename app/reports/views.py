"""Pages of reviews: the list, one review with its notes, actions and decision, and who gets them by mail."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, spreadsheets
from app.db import begin
from app.guards import requires, who
from app.htmx import done
from app.i18n import LOCALES
from app.reports import commands, gather, queries, words
from app.reports.period import KINDS, read_period
from app.reports.report import moved
from app.sources import sources

blueprint = Blueprint("reports", __name__, url_prefix="/reports", template_folder="templates")


@blueprint.get("/")
@requires("view")
def index() -> str:
    kind = next((one for one in KINDS if one == request.args.get("kind")), None)
    now = clock.now()
    with begin() as session:
        rows = queries.newest(session, kind)
        waiting = queries.open_actions(session)
        recipients = queries.recipients(session)
        missing = queries.missing(session, now)
    return render_template(
        "reports/index.html",
        rows=rows,
        periods={row.period: read_period(row.period) for row in rows},
        kind=kind or "",
        actions=waiting,
        recipients=recipients,
        missing=missing,
        languages=list(LOCALES.items()),
        today=now.date(),
        words=words,
    )


@blueprint.post("/")
@requires("reports.write")
def make() -> Response:
    period = read_period(request.form.get("period", "").strip())
    with begin() as session:
        is_new = commands.make(session, period, gather.house(sources().config), who(), clock.now())
    told = _("The review %(name)s is made.", name=period.name) if is_new else _("It was made before.")
    return done(url_for("reports.page", period=period.name), told)


@blueprint.get("/<period>")
@requires("view")
def page(period: str) -> str:
    now = clock.now()
    with begin() as session:
        report = queries.one(session, period)
        again = gather.sections(session, report.period, now, gather.house(sources().config))
        has = {
            side: queries.exists(session, one.name)
            for side, one in (("before", report.period.before()), ("after", report.period.after()))
        }
    return render_template(
        "reports/detail.html",
        report=report,
        period=report.period,
        moved=moved(report.sections, again),
        has=has,
        today=now.date(),
        words=words,
    )


@blueprint.get("/<period>.csv")
@requires("view")
def export(period: str) -> Response:
    """Every figure as it was computed; an empty value is no data, and `reason` says why."""
    with begin() as session:
        report = queries.one(session, period)
    rows: list[tuple[object, ...]] = [
        ("section", "figure", "member", "unit", "value", "before", "change", "target", "verdict", "reason")
    ]
    for section in report.sections:
        for one in section.figures:
            numbers = (_cell(one.value), _cell(one.before), _cell(one.change), _cell(one.target))
            rows.append((section.key, one.key, one.member, one.unit, *numbers, one.verdict, one.reason))
    response = Response(spreadsheets.written(rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="review-{report.period.name}.csv"'
    return response


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


@blueprint.post("/<period>/notes")
@requires("reports.write")
def annotate(period: str) -> Response:
    section = request.form.get("section", "")
    with begin() as session:
        commands.annotate(session, period, section, request.form.get("text", ""), who(), clock.now())
    return done(f"{url_for('reports.page', period=period)}#{section}", _("The note is saved."))


@blueprint.post("/<period>/actions")
@requires("reports.write")
def add_action(period: str) -> Response:
    wanted = commands.read_action(request.form)
    with begin() as session:
        commands.add_action(session, period, wanted, who(), clock.now())
    return done(f"{url_for('reports.page', period=period)}#decisions", _("The action is saved."))


@blueprint.post("/<period>/actions/<int:action_id>/done")
@requires("reports.write")
def finish_action(period: str, action_id: int) -> Response:
    with begin() as session:
        commands.finish_action(session, period, action_id, who(), clock.now())
    return done(f"{url_for('reports.page', period=period)}#decisions", _("Done."))


@blueprint.post("/<period>/close")
@requires("reports.write")
def close(period: str) -> Response:
    with begin() as session:
        commands.close(session, period, request.form.get("decision", ""), who(), clock.now())
    undo = url_for("reports.reopen", period=period)
    return done(url_for("reports.page", period=period), _("The review is closed."), undo=undo)


@blueprint.post("/<period>/reopen")
@requires("reports.write")
def reopen(period: str) -> Response:
    with begin() as session:
        commands.reopen(session, period, who(), clock.now())
    return done(f"{url_for('reports.page', period=period)}#decisions", _("The review is open again."))


@blueprint.post("/-/recipients")
@requires("reports.write")
def add_recipient() -> Response:
    form = request.values  # the button that undoes a removal carries them in its address
    kind, language = form.get("kind", ""), form.get("language", "")
    with begin() as session:
        email = commands.add_recipient(session, kind, form.get("email", ""), language, who(), clock.now())
    told = _("%(email)s gets the review from the next one on.", email=email)
    return done(f"{url_for('reports.index')}#mail", told)


@blueprint.post("/-/recipients/remove")
@requires("reports.write")
def remove_recipient() -> Response:
    kind, email = request.form.get("kind", ""), request.form.get("email", "")
    with begin() as session:
        language = commands.remove_recipient(session, kind, email, who(), clock.now())
    undo = url_for("reports.add_recipient", kind=kind, email=email, language=language)
    return done(
        f"{url_for('reports.index')}#mail", _("%(email)s no longer gets the review.", email=email), undo=undo
    )
