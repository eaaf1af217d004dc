"""The weekly and monthly report: to read, to print, and who gets it by mail."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.guards import requires, who
from app.htmx import done
from app.i18n import LOCALES
from app.slo import report_commands, report_mail, report_queries
from app.slo.report import around, last_whole, read_period

blueprint = Blueprint("slo_reports", __name__, url_prefix="/slo/-/reports", template_folder="templates")


@blueprint.get("/")
@requires("view")
def latest() -> str:
    return _page(last_whole("week", clock.now()).name)


@blueprint.get("/<period>")
@requires("view")
def page(period: str) -> str:
    return _page(period)


def _page(name: str) -> str:
    now = clock.now()
    period = read_period(name, now)
    with begin() as session:
        made = report_queries.made(session, period, now)
        recipients = report_queries.recipients(session)
    return render_template(
        "slo/report.html",
        report=made,
        title=report_mail.title(made),
        verdict=report_mail.verdict(made),
        recipients=recipients,
        languages=list(LOCALES.items()),
        others={
            kind: around(kind, period.end if kind == "week" else period.start) for kind in ("week", "month")
        },
        has_next=period.after().start <= now,
    )


@blueprint.post("/recipients")
@requires("slo.write")
def add_recipient() -> Response:
    form = request.values  # the button that undoes a removal carries them in its address
    with begin() as session:
        email = report_commands.add_recipient(
            session,
            form.get("kind", ""),
            form.get("email", ""),
            form.get("language", ""),
            who(),
            clock.now(),
        )
    told = _("%(email)s gets the report from the next one on.", email=email)
    return done(f"{url_for('slo_reports.latest')}#mail", told)


@blueprint.post("/recipients/remove")
@requires("slo.write")
def remove_recipient() -> Response:
    kind, email = request.form.get("kind", ""), request.form.get("email", "")
    with begin() as session:
        language = report_commands.remove_recipient(session, kind, email, who(), clock.now())
    told = _("%(email)s no longer gets the report.", email=email)
    undo = url_for("slo_reports.add_recipient", kind=kind, email=email, language=language)
    return done(f"{url_for('slo_reports.latest')}#mail", told, undo=undo)
