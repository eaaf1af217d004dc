"""Pages of alert rules: the list, one rule with its form, and a trial on history before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.alerts import history, runbook
from app.alerts.rules import commands, house, queries, report, trial
from app.alerts.rules.rule import SEVERITIES, as_dict, read
from app.alerts.rules.starters import STARTERS
from app.audit import queries as audit
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done, is_fragment
from app.series.gauges import gauge_name
from app.series.glossary import GLOSSARY
from app.sources import sources
from app.ui.timerange import TimeRange

blueprint = Blueprint("alert_rules", __name__, url_prefix="/alerts/rules", template_folder="../templates")

FIRED_WITHIN = timedelta(days=30)
LONGEST_SEARCH = 200
TRIAL_DAYS = (1, 7, 30)


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("alerts/rules/index.html", **_listed())


@blueprint.get("/-/list")
@requires("view")
def table() -> str:
    return render_template("alerts/rules/_list.html", **_listed())


def _listed() -> dict[str, Any]:
    words = request.args.get("q", "")[:LONGEST_SEARCH]
    with begin() as session:
        lines = queries.lines(session, clock.now() - FIRED_WITHIN, words)
        read_at = queries.read_at(session)
    return {"lines": lines, "read_at": read_at, "q": words, "starters": STARTERS, "house": house.RULES}


@blueprint.get("/-/new")
@requires("alerts.write")
def new() -> str:
    """Empty, from a starter (`from`), or as a copy of a rule (`clone`)."""
    raw: Mapping[str, Any] = {}
    if (starter := STARTERS.get(request.args.get("from", ""))) is not None:
        raw = as_dict(starter.rule)
    elif key := request.args.get("clone", ""):
        with begin() as session:
            rule = queries.rule_of(queries.row(session, key))
        raw = as_dict(replace(rule, key="", name=f"{rule.name}Copy"))
    return render_template("alerts/rules/new.html", **_form(raw))


def _form(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "raw": raw,
        "labels": _label_lines(raw.get("labels")),
        "severities": SEVERITIES,
        "starters": STARTERS,
        "runbooks": runbook.names(),
        "series": [(gauge_name(term.key), term.name) for term in GLOSSARY.values()],
        "trial_days": TRIAL_DAYS,
    }


def _label_lines(labels: object) -> str:
    if isinstance(labels, Mapping):
        return "\n".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return str(labels or "")


@blueprint.post("/-/new")
@requires("alerts.write")
def create() -> Response:
    rule = read({**request.form, "key": "", "is_enabled": True})
    with begin() as session:
        commands.create(session, rule, who(), clock.now(), sources(), accept_unmatched=_is_meant())
        publish_on_commit(session, sources().redis, "alerts")
    return done(
        url_for("alert_rules.detail", key=rule.key), _("%(name)s is saved and loaded.", name=rule.name)
    )


@blueprint.post("/-/trial")
@requires("view")
def backtest() -> str:
    """When the rule in the form would have fired; nothing is saved."""
    text = request.form.get("days", "")
    days = int(text) if text in map(str, TRIAL_DAYS) else TRIAL_DAYS[1]
    rule, now = read(request.form), clock.now()
    found = trial.try_out(sources().prometheus, rule, now)
    replay = trial.replay(sources().prometheus, rule, now, days, found.series)
    with begin() as session:
        shown = report.made(session, replay)
    if is_fragment():
        return render_template("alerts/rules/_trial.html", trial=found, replay=replay, report=shown)
    form = _form(request.form)
    return render_template("alerts/rules/new.html", trial=found, replay=replay, report=shown, **form)


@blueprint.get("/<key>")
@requires("view")
def detail(key: str) -> str:
    with begin() as session:
        if key in {rule.key for rule in house.RULES}:
            rule = next(rule for rule in house.RULES if rule.key == key)
            return render_template("alerts/rules/house.html", rule=rule)
        line = queries.one(session, key, clock.now() - FIRED_WITHIN)
        span = TimeRange("30d", clock.now() - FIRED_WITHIN, clock.now())
        fired = history.lanes(session, span, key)
        changes = audit.newest(session, 5, f"alert-rule:{key}")
        return render_template(
            "alerts/rules/detail.html",
            line=line,
            changes=changes,
            fired=fired[1] if fired else "",
            **_form(as_dict(line.rule)),
        )


@blueprint.post("/<key>")
@requires("alerts.write")
def change(key: str) -> Response:
    rule = read({**request.form, "key": key, "is_enabled": request.form.get("is_enabled", "")})
    with begin() as session:
        commands.change(
            session, key, _revision(), rule, who(), clock.now(), sources(), accept_unmatched=_is_meant()
        )
        publish_on_commit(session, sources().redis, "alerts")
    return done(url_for("alert_rules.detail", key=key), _("%(name)s is saved and loaded.", name=rule.name))


@blueprint.post("/<key>/enabled")
@requires("alerts.write")
def set_enabled(key: str) -> Response:
    is_enabled = request.form.get("enabled") == "on"
    with begin() as session:
        commands.set_enabled(session, key, _revision(), is_enabled, who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
    said = _("The rule watches again.") if is_enabled else _("The rule is off; it fires no more.")
    return done(url_for("alert_rules.detail", key=key), said)


@blueprint.post("/<key>/delete")
@requires("alerts.write")
def remove(key: str) -> Response:
    with begin() as session:
        commands.remove(session, key, _revision(), who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
    return done(url_for("alert_rules.index"), _("The rule is deleted; its history stays."))


def _revision() -> int:
    text = request.form.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _is_meant() -> bool:
    """Somebody says that the rule may wait for series that are not there yet."""
    return request.form.get("accept_unmatched") == "1"
