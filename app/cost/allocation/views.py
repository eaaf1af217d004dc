"""The page of who bears what: conservation, the parts, the rules with a preview, and runs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.cost import pages
from app.cost.allocation import commands, queries
from app.cost.allocation.divide import divide
from app.cost.allocation.rules import METHODS, Rule, from_words
from app.cost.bodies import read_month_arg, revision_of
from app.cost.driver import DRIVERS, SERVICES
from app.db import begin
from app.errors import NotFound, Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.sources import sources

blueprint = Blueprint(
    "cost_allocation", __name__, url_prefix="/cost/allocation", template_folder="../templates"
)
HOW_NAMES = {
    "direct": _l("Borne by one"),
    "driver": _l("By what was measured"),
    "even": _l("In equal parts"),
    "shared": _l("Shared, not divided"),
    "idle": _l("Paid for and not used"),
}


@blueprint.get("/")
@requires("view")
def index() -> str:
    month = read_month_arg(request.args.get("month"))
    with begin() as session:
        version = queries.current(session)
        bill, measured = commands.inputs(session, month)
        return pages.page(
            session,
            "cost/allocation.html",
            month=month,
            bill=bill,
            made=divide(bill, version.rules, measured),
            version=version,
            runs=queries.runs(session, 20),
            versions=queries.versions(session),
            compared=_compared(session),
            **_names(),
        )


def _names() -> dict[str, Any]:
    return {"methods": METHODS, "hows": HOW_NAMES, "drivers": DRIVERS, "services": SERVICES}


def _compared(session: Session) -> list[queries.Difference] | None:
    before, after = (request.args.get(name, type=int) for name in ("before", "after"))
    if before is None or after is None:
        return None
    return queries.compared(queries.run(session, before), queries.run(session, after))


@blueprint.post("/run")
@requires("cost.write")
def run() -> Response:
    month = read_month_arg(request.form.get("month"))
    with begin() as session:
        row = commands.run(session, month, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
        return done(url_for(".index", month=f"{month:%Y-%m}"), _("Run %(number)s is kept.", number=row.id))


@blueprint.get("/rules/<int:place>")
@requires("cost.write")
def rule(place: int) -> str:
    """The form of one rule; the place after the last is a new one."""
    with begin() as session:
        version = queries.current(session)
        found = _rule(version, place)
        return _form(session, version, place, found.as_words(), None)


def _rule(version: queries.Version, place: int) -> Rule:
    if place == len(version.rules):
        return Rule("", "shared")
    if place > len(version.rules):
        raise NotFound(_("There is no such rule."))
    return version.rules[place]


def _form(session: Session, version: queries.Version, place: int, form: dict[str, Any], preview: Any) -> str:
    return pages.page(
        session,
        "cost/rule.html",
        version=version,
        place=place,
        form=form,
        preview=preview,
        is_new=place == len(version.rules),
        **_names(),
    )


@blueprint.post("/rules/<int:place>")
@requires("cost.write")
def save_rule(place: int) -> Response | str:
    """Saves the rule, or shows what it would make of this month."""
    form = request.form.to_dict()
    told = {name: value for name, value in form.items() if name not in ("version", "preview")}
    with begin() as session:
        version = queries.current(session)
        _rule(version, place)
        rules = commands.put_rule(version.rules, None if place == len(version.rules) else place, told)
        if "preview" in form:
            bill, measured = commands.inputs(session, read_month_arg(None))
            return _form(session, version, place, from_words(told).as_words(), divide(bill, rules, measured))
        commands.save_rules(
            session, rules, revision_of(form.get("version")), told.get("name", ""), who(), clock.now()
        )
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("The rules are saved."))


@blueprint.post("/rules/<int:place>/move")
@requires("cost.write")
def move_rule(place: int) -> Response:
    """`act`: up, down or remove."""
    act = request.form.get("act", "")
    if act not in ("up", "down", "remove"):
        raise Refused(_("Choose one of the list."), {"act": _("Choose one of the list.")})
    with begin() as session:
        version = queries.current(session)
        rules = list(version.rules)
        if place >= len(rules):
            raise NotFound(_("There is no such rule."))
        taken = rules.pop(place)
        if act != "remove":
            rules.insert(max(0, place - 1) if act == "up" else place + 1, taken)
        commands.save_rules(
            session, rules, revision_of(request.form.get("version")), taken.name, who(), clock.now()
        )
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("The rules are saved."))


@blueprint.get("/runs/<int:run_id>")
@requires("view")
def one_run(run_id: int) -> str:
    with begin() as session:
        row = queries.run(session, run_id)
        return pages.page(
            session,
            "cost/run.html",
            run=row,
            made=queries.allocation(row),
            same=commands.is_reproduced(session, row),
            **_names(),
        )
