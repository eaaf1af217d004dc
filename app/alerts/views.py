"""The page of alerts: what fires now first, then the rules as loaded, then what has been."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.alerts import commands, queries, runbook
from app.alerts.health import blind
from app.db import begin
from app.errors import NotFound
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.sources import sources

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts", template_folder="templates")

HISTORY_ROWS = 25
RECENT_OF_SLO = 3


@blueprint.get("/")
@requires("view")
def index() -> str:
    page = _page()
    with begin() as session:
        ended, last = queries.history(session, page, HISTORY_ROWS)
        return render_template("alerts/index.html", ended=ended, page=page, last=last, **_now(session))


@blueprint.get("/_now")
@requires("view")
def now() -> str:
    with begin() as session:
        return render_template("alerts/_now.html", **_now(session))


@blueprint.get("/_history")
@requires("view")
def history() -> str:
    page = _page()
    with begin() as session:
        ended, last = queries.history(session, page, HISTORY_ROWS)
        return render_template("alerts/_history.html", ended=ended, page=page, last=last)


@blueprint.get("/blind")
@requires("view")
def blindness() -> str:
    """For every page that must not look calm while nobody sees: empty as long as monitoring works."""
    with begin() as session:
        return render_template("alerts/_blind.html", blind=blind(queries.probes(session), clock.now()))


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
        return render_template("alerts/detail.html", line=line, happened=happened)


@blueprint.post("/<int:alert_id>/acknowledge")
@requires("alerts.write")
def acknowledge(alert_id: int) -> Response:
    with begin() as session:
        alert = commands.acknowledge(
            session, alert_id, request.form.get(f"note_{alert_id}", ""), who(), clock.now()
        )
        publish_on_commit(session, sources().redis, "alerts")
    return done(url_for("alerts.index"), _("You have taken %(name)s.", name=alert.name))


@blueprint.get("/runbooks/")
@requires("view")
def runbooks() -> str:
    return render_template("alerts/runbooks.html", books=[runbook.load(name) for name in runbook.names()])


@blueprint.get("/runbooks/<name>")
@requires("view")
def runbook_page(name: str) -> str:
    book = runbook.load(name)
    if book is None:
        raise NotFound(_("There is no runbook %(name)s.", name=name))
    return render_template("alerts/runbook.html", book=book)


def _now(session: Session) -> dict[str, object]:
    moment = clock.now()
    probes = queries.probes(session)
    rules = queries.rules(session)
    return {
        "firing": queries.firing(session),
        "rules": rules,
        "evaluated_at": max(
            (line.rule.evaluated_at for line in rules if line.rule.evaluated_at), default=None
        ),
        "read_at": max((line.rule.read_at for line in rules), default=None),
        "probes": probes,
        "blind": blind(probes, moment),
    }


def _page() -> int:
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
