"""Costs as JSON, and as CSV with format=csv."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from flask import Blueprint, Response, jsonify, request

from app import clock
from app.cost import commands, ledger, queries, units
from app.cost.bodies import as_csv, listed, read_month_arg, read_object, revision_of, today, wants_csv
from app.cost.driver import DRIVERS, Driver
from app.cost.line import read_line
from app.cost.money import cents
from app.cost.month import Position, shifted
from app.cost.queries import Freshness, Month
from app.cost.rates import queries as rates
from app.cost.splits import Unit, moved
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.sources import sources

blueprint = Blueprint("cost_api", __name__, url_prefix="/api/v1")

MOST_MONTHS = 120
MONTH_COLUMNS = (
    "month",
    "whole",
    "total_cents",
    "active_users",
    "orders",
    "requests",
    "per_active_user_cents",
    "per_order_cents",
    "per_thousand_requests_cents",
    "revenue_cents",
    "margin_cents",
    "phase",
)


@blueprint.get("/cost")
@blueprint.get("/costs")
@blueprint.get("/costs/months")
@requires("view")
def months() -> Response:
    """Cost by month. Figures are null where there is no data; `whole` is false for the month that goes on
    and for one that the shop's facts cover in part."""
    with begin() as session:
        base = rates.base_currency(session)
        found = [_month(month) for month in queries.by_month(session, today(), most=MOST_MONTHS)]
    if wants_csv():
        return as_csv("costs", MONTH_COLUMNS, ([month[name] for name in MONTH_COLUMNS] for month in found))
    return jsonify({"currency": base, "months": found})


def _month(month: Month) -> dict[str, object]:
    return {
        "month": f"{month.bill.month:%Y-%m}",
        "whole": month.is_whole,
        "total_cents": month.total_cents,
        "active_users": month.active_users,
        "orders": month.orders,
        "requests": None if month.requests is None else float(month.requests),
        "per_active_user_cents": month.per_active_user,
        "per_order_cents": month.per_order,
        "per_thousand_requests_cents": month.per_thousand_requests,
        "no_rate_for": list(month.bill.missing),
        "revenue_cents": month.revenue_cents,
        "margin_cents": month.margin_cents,
        "phase": month.phase.key if month.phase else None,
        "components": month.bill.by_component(),
        "services": month.bill.by(lambda position: position.service or position.name),
        "features": month.bill.by(lambda position: position.feature),
        "positions": [_position(*row) for row in month.bill.rows()],
    }


def _position(position: Position, whole: int) -> dict[str, object]:
    return {
        "key": position.key,
        "name": position.name,
        "vendor": position.vendor,
        "component": position.component,
        "service": position.service,
        "feature": position.feature,
        "currency": position.currency,
        "cents": whole,
    }


@blueprint.get("/cost/lines")
@blueprint.get("/costs/lines")
@requires("view")
def lines() -> Response:
    """Every cost line as it was entered."""
    with begin() as session:
        rows = queries.lines(session)
        found = [
            {"id": row.id, "revision": row.revision, "is_demo": row.is_demo} | queries.line_of(row).as_words()
            for row in rows
        ]
    return listed("lines", found)


@blueprint.post("/costs/lines")
@requires("cost.write")
def add_line() -> tuple[Response, int]:
    """The fields of the form; amounts as text in units of the currency, such as "49.90"."""
    line = read_line(_texts(read_object()), "en")
    with begin() as session:
        row = commands.add(session, line, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify({"id": row.id, "revision": row.revision, **line.as_words()}), 201


@blueprint.put("/costs/lines/<int:line_id>")
@requires("cost.write")
def change_line(line_id: int) -> Response:
    body = read_object()
    line = read_line(_texts(body), "en")
    with begin() as session:
        row = commands.change(session, line_id, line, revision_of(body.get("revision")), who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify({"id": row.id, "revision": row.revision, **line.as_words()})


@blueprint.delete("/costs/lines/<int:line_id>")
@requires("cost.write")
def remove_line(line_id: int) -> tuple[str, int]:
    with begin() as session:
        commands.remove(session, line_id, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204


def _texts(body: dict[str, object]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in body.items()}


@blueprint.get("/costs/units")
@requires("view")
def unit_costs() -> Response:
    """What a user and an order cost in a month, by=locale or by=flag:<name>; and what moved it since the
    month before: price + volume + mix = the change, to the cent."""
    month, by = read_month_arg(request.args.get("month")), request.args.get("by", "locale")
    with begin() as session:
        known = units.dimensions(session, month)
        now, before = units.of(session, month, by), units.of(session, shifted(month, -1), by)
    change = moved(before, now)
    return listed(
        "units",
        [_unit(unit) for unit in now],
        month=f"{month:%Y-%m}",
        by=by,
        dimensions=known,
        moved=None if change is None else vars(change),
    )


def _unit(unit: Unit) -> dict[str, object]:
    return {
        "member": unit.member,
        "cents": unit.cents,
        "users": None if unit.users is None else int(unit.users),
        "orders": None if unit.orders is None else int(unit.orders),
        "per_user_cents": unit.per_user,
        "per_order_cents": unit.per_order,
        "per_thousand_actions_cents": unit.per_thousand_actions,
    }


@blueprint.get("/costs/days")
@requires("view")
def days() -> Response:
    """Cost of each day of a `month`, by component. null: a rate is missing."""
    month = read_month_arg(request.args.get("month"))
    until = min(shifted(month, 1), today() + timedelta(days=1))
    with begin() as session:
        accounts = ledger.accounts(session, month, until).values() if month < until else []
    found: dict[date, dict[str, Fraction]] = {}
    for account in accounts:
        for day, amount in account.days.items():
            parts = found.setdefault(day, {})
            parts[account.position.component] = parts.get(account.position.component, Fraction()) + amount
    missing = sorted({account.position.currency for account in accounts if account.missing})
    rows = [
        {"day": day.isoformat(), "cents": None if missing else cents(sum(parts.values(), Fraction()))}
        | {"components": {name: cents(amount) for name, amount in parts.items()}}
        for day, parts in sorted(found.items())
    ]
    return listed("days", rows, month=f"{month:%Y-%m}", no_rate_for=missing)


@blueprint.get("/costs/heaviest")
@requires("view")
def heaviest() -> Response:
    """Who did most in a month, with a cost of the same share of the bill; and the dearest features."""
    month = read_month_arg(request.args.get("month"))
    with begin() as session:
        known = next(
            (one for one in queries.by_month(session, today(), MOST_MONTHS) if one.bill.month == month), None
        )
        users = queries.heaviest(session, known) if known else []
    features = known.bill.by(lambda position: position.feature) if known else {}
    return listed("users", [vars(one) for one in users], month=f"{month:%Y-%m}", features=features)


@blueprint.get("/costs/drivers")
@requires("view")
def drivers() -> Response:
    """What costs grow with: the newest value of each, and when it was measured. null: no data."""
    with begin() as session:
        known = queries.freshness(session)
    return listed("drivers", [_driver(driver, known.get(driver.key)) for driver in DRIVERS.values()])


def _driver(driver: Driver, known: Freshness | None) -> dict[str, object]:
    return {
        "key": driver.key,
        "name": str(driver.name),
        "unit": str(driver.unit),
        "source": driver.source,
        "by": list(driver.by),
        "value": float(known.value) if known else None,
        "day": known.day.isoformat() if known else None,
        "measured_at": known.measured_at.isoformat() if known else None,
    }
