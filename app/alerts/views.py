"""The page of alerts: what fires now first, then the rules as loaded, then what has been."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.alerts import commands, queries, search
from app.alerts import history as history_of
from app.alerts.delivery import document
from app.alerts.delivery import queries as delivery
from app.alerts.health import blind, skews
from app.alerts.matcher import Matcher
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.sources import sources
from app.ui.timerange import read_range

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts", template_folder="templates")

HISTORY_ROWS = 25
RECENT_OF_SLO = 3
RECORD_RANGE = "30d"
INCIDENTS = "incidents.of_alert"  # drawn as soon as somebody serves it


@blueprint.get("/")
@requires("view")
def index() -> str:
    page, words = _page(), _words()
    with begin() as session:
        ended, last = queries.history(session, page, HISTORY_ROWS, words)
        return render_template("alerts/index.html", ended=ended, page=page, last=last, **_now(session))


@blueprint.get("/_now")
@requires("view")
def now() -> str:
    with begin() as session:
        return render_template("alerts/_now.html", **_now(session))


@blueprint.get("/_history")
@requires("view")
def history() -> str:
    page, words = _page(), _words()
    with begin() as session:
        ended, last = queries.history(session, page, HISTORY_ROWS, words)
        return render_template("alerts/_history.html", ended=ended, page=page, last=last, q=words)


@blueprint.get("/record")
@requires("view")
def record() -> str:
    """How often each rule fired, and whether anybody acted."""
    span = read_range(request.args, clock.now(), RECORD_RANGE)
    with begin() as session:
        names, drawn = history_of.lanes(session, span) or ((), "")
        found = history_of.records(session, span)
        return render_template("alerts/record.html", span=span, records=found, names=names, drawn=drawn)


@blueprint.get("/blind")
@requires("view")
def blindness() -> str:
    """For every page that must not look calm while nobody sees: empty as long as monitoring works."""
    with begin() as session:
        return render_template("alerts/_blind.html", **_sight(session, clock.now()))


@blueprint.get("/_slo/<slo>")
@requires("view")
def of_slo(slo: str) -> str:
    """For the page of an objective: what fires for it, and what fired last."""
    with begin() as session:
        found = queries.of_slo(session, slo, RECENT_OF_SLO)
        return render_template("alerts/_of_slo.html", alerts=found)


@blueprint.get("/<int:alert_id>")
@requires("view")
def detail(alert_id: int) -> str:
    with begin() as session:
        line, happened = queries.one(session, alert_id)
        return render_template(
            "alerts/detail.html",
            line=line,
            happened=happened,
            inhibiting=queries.inhibiting(session, line.alert),
            leads_to=document.where(delivery.current(session).delivery, line.alert.labels),
            silence_matchers=_matchers(line.alert.labels),
            has_incidents=INCIDENTS in current_app.view_functions,
        )


def _matchers(labels: Mapping[str, str]) -> str:
    """What a silence of exactly this alert would say."""
    return "\n".join(str(Matcher(name, "=", value)) for name, value in sorted(labels.items()))


@blueprint.post("/<int:alert_id>/acknowledge")
@requires("alerts.write")
def acknowledge(alert_id: int) -> Response:
    with begin() as session:
        alert = commands.acknowledge(
            session, alert_id, request.form.get(f"note_{alert_id}", ""), who(), clock.now()
        )
        publish_on_commit(session, sources().redis, "alerts")
    return done(url_for("alerts.index"), _("You have taken %(name)s.", name=alert.name))


@blueprint.post("/<int:alert_id>/hand-over")
@requires("alerts.write")
def hand_over(alert_id: int) -> Response:
    to = request.form.get("to", "")
    with begin() as session:
        commands.hand_over(session, alert_id, to, request.form.get("note", ""), who(), clock.now())
        publish_on_commit(session, sources().redis, "alerts")
    return done(url_for("alerts.detail", alert_id=alert_id), _("%(who)s has it now.", who=to.strip()))


@blueprint.get("/runbooks/")
@requires("view")
def runbooks() -> Response:
    return redirect("/runbooks/")  # type: ignore[return-value]


@blueprint.get("/runbooks/<name>")
@requires("view")
def runbook_page(name: str) -> Response:
    """Where alerts lead, also those that fired with earlier versions."""
    return redirect(f"/runbooks/{quote(name)}")  # type: ignore[return-value]


def _now(session: Session) -> dict[str, object]:
    words, by = _words(), search.chosen_group(request.args)
    rules = queries.rules(session)
    firing = queries.firing(session, words)
    loud = [line for line in firing if not line.is_quiet]
    return {
        "q": words,
        "by": by,
        "firing": firing,
        "groups": search.grouped(loud, lambda line: line.alert.labels.get(by, "")),
        "quiet": [line for line in firing if line.is_quiet],
        "rules": rules,
        "evaluated_at": max(
            (line.rule.evaluated_at for line in rules if line.rule.evaluated_at), default=None
        ),
        "read_at": max((line.rule.read_at for line in rules), default=None),
        **_sight(session, clock.now()),
    }


def _sight(session: Session, now: datetime) -> dict[str, object]:
    skew = queries.clock_skew(session)
    return {"blind": blind(queries.probes(session), now), "skew": skew if skews(skew) else None}


def _words() -> str:
    return request.args.get("q", "").replace("\x00", "")[: search.LONGEST]


def _page() -> int:
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
