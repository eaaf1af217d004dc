"""The page of growth: where we are, what so many users would cost, scenarios beside each other."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.cost import pages
from app.cost.bodies import revision_of, today
from app.cost.money import read_amount
from app.cost.whatif import commands, parts, queries
from app.cost.whatif.growth import PHASES, Scenario, from_words, outcome, phase_of
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

blueprint = Blueprint("cost_whatif", __name__, url_prefix="/cost/what-if", template_folder="../templates")
LADDER = (1_000, 10_000, 100_000, 1_000_000)
DRIVER_NAMES = {"users": _l("Users"), "orders": _l("Orders"), "requests": _l("Requests")}
NUMBERS = ("users", "requests_per_user", "orders_per_user", "revenue_per_order")


@blueprint.get("/")
@requires("view")
def index() -> str:
    """With numbers in the address the page tries them; nothing is saved by that."""
    with begin() as session:
        measured = queries.measured(session, today())
        saved = queries.one(session, number) if (number := request.args.get("scenario", type=int)) else None
        scenario = queries.scenario_of(saved) if saved else _scenario(measured)
        rows = [(row, outcome(queries.scenario_of(row))) for row in queries.scenarios(session)]
        return pages.page(
            session,
            "cost/whatif.html",
            measured=measured,
            here=phase_of(measured.users) if measured else None,
            crossing=queries.crossing(session, today()),
            scenario=scenario,
            revision=saved.revision if saved else request.args.get("revision", ""),
            rows=parts.rows(scenario.components),
            drivers=DRIVER_NAMES,
            found=outcome(scenario),
            ladder=[outcome(replace(scenario, users=users)) for users in LADDER],
            scenarios=rows,
            phases=PHASES,
        )


def _scenario(measured: queries.Measured | None) -> Scenario:
    """The numbers of the address, or ten times what was measured."""
    if any(name in request.args for name in NUMBERS):
        return _read(request.args, request.args.get("name") or "?")
    if measured is None:
        return Scenario("", 10_000, 60, 0.1)
    requests = measured.requests_per_user or 0.0
    return Scenario("", measured.users * 10, round(requests, 1), round(measured.orders_per_user, 3))


def _read(form: MultiDict[str, str], name_: str) -> Scenario:
    wrong: dict[str, object] = {}
    numbers: dict[str, Any] = {}
    for name in NUMBERS:
        value = read_amount(form.get(name) or "0")
        if value is None or value < 0:
            wrong[name] = _("Give a number from 0 on.")
        numbers[name] = float(value or Decimal())
    components = parts.read(form, wrong)
    if wrong:
        raise Refused(_("These numbers cannot be used."), wrong)
    revenue = numbers.pop("revenue_per_order")
    told = {"name": name_, "revenue_per_order_cents": round(revenue * 100), "components": components}
    return from_words({**told, **numbers})


@blueprint.post("/")
@requires("cost.write")
def save() -> Response:
    scenario = _read(request.form, request.form.get("name", ""))
    revision = request.form.get("revision")
    with begin() as session:
        row = commands.save(
            session, scenario, revision_of(revision) if revision else None, who(), clock.now()
        )
        number = row.id
    return done(url_for(".index", scenario=number), _("%(name)s is saved.", name=scenario.name))


@blueprint.post("/<int:scenario_id>/remove")
@requires("cost.write")
def remove(scenario_id: int) -> Response:
    with begin() as session:
        commands.remove(session, scenario_id, who(), clock.now())
    return done(url_for(".index"), _("The scenario is gone."))
