"""The page of bills: what was taken in, what it comes to, commitments, currencies and rates."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.cost import pages
from app.cost.bills import commands, queries
from app.cost.bills.api import MOST_UPLOAD_BYTES
from app.cost.bills.commands import Wishes
from app.cost.bills.report import Report
from app.cost.commands import record_months
from app.cost.rates import commands as rate_commands
from app.cost.rates import queries as rate_queries
from app.cost.rates.rate import BASES, read
from app.db import begin
from app.errors import NotFound, Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.sources import sources

blueprint = Blueprint("cost_bills", __name__, url_prefix="/cost/bills", template_folder="../templates")


@blueprint.url_value_preprocessor
def allow_bills(endpoint: str | None, _values: object) -> None:
    if endpoint == "cost_bills.take_in":
        request.max_content_length = MOST_UPLOAD_BYTES


@blueprint.get("/")
@requires("view")
def index() -> str:
    return _page()


def _page(report: Report | None = None) -> str:
    with begin() as session:
        shown: dict[str, Any] = {
            "bills": queries.bills(session),
            "commitments": queries.commitments(session),
            "rates": rate_queries.rows(session),
            "basis": rate_queries.basis(session),
        }
        return pages.page(session, "cost/bills.html", report=report, bases=BASES, **shown)


@blueprint.post("/")
@requires("cost.write")
def take_in() -> Response | str:
    """A trial shows the report on the page; the real thing says it in a sentence."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused(_("Nothing was imported."), {"file": _("Choose a file.")})
    wishes = Wishes(
        adds="adds" in request.form,
        dry_run="dry_run" in request.form,
        currency=request.form.get("currency", "").strip()[:20],
    )
    with begin() as session:
        report = commands.take_in(session, file.filename, file.stream, wishes, who(), clock.now())
        if not wishes.dry_run:
            record_months(session, clock.now())
            publish_on_commit(session, sources().redis, "cost")
    return _page(report) if wishes.dry_run or report.refused else done(url_for(".index"), _said(report))


def _said(report: Report) -> str:
    if not report.changed:
        return str(_("All of it was known already: nothing changed."))
    said: str = ngettext(
        "%(num)s row is new, %(gone)s gone.",
        "%(num)s rows are new, %(gone)s gone.",
        report.added,
        gone=report.gone,
    )
    return said


@blueprint.post("/<int:bill_id>/remove")
@requires("cost.write")
def remove(bill_id: int) -> Response:
    with begin() as session:
        commands.remove_bill(session, bill_id, who(), clock.now())
        record_months(session, clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("The bill is gone; the audit trail keeps it."))


@blueprint.post("/rates")
@requires("cost.write")
def save_rate() -> Response:
    form = request.form
    with begin() as session:
        base = rate_queries.base_currency(session)
        rate = read(form.get("currency", ""), form.get("from_day", ""), form.get("rate", ""), "", base)
        rate_commands.save(session, [rate], who(), clock.now())
        record_months(session, clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("The rate is saved."))


@blueprint.post("/rates/<currency>/<from_day>/remove")
@requires("cost.write")
def remove_rate(currency: str, from_day: str) -> Response:
    try:
        day = date.fromisoformat(from_day)
    except ValueError:
        raise NotFound(_("There is no such rate.")) from None
    with begin() as session:
        rate_commands.remove(session, currency, day, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("The rate is gone."))


@blueprint.post("/settings")
@requires("cost.write")
def choose() -> Response:
    with begin() as session:
        for key in rate_commands.SETTINGS:
            rate_commands.choose(session, key, request.form.get(key, ""), who(), clock.now())
        record_months(session, clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("The settings are saved."))
