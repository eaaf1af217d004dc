"""Costs as JSON, and as CSV with format=csv."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _

from app import clock
from app.cost import commands, ledger, queries, shapes, units
from app.cost.bodies import as_csv, listed, paged, read_month_arg, today, wants_csv
from app.cost.driver import DRIVERS, Driver
from app.cost.line import CURRENCIES, Line, read_line
from app.cost.models import CostLine
from app.cost.money import cents
from app.cost.month import Position, first_of, shifted
from app.cost.queries import Freshness, Month
from app.cost.rates import queries as rates
from app.cost.splits import Unit, moved
from app.db import begin
from app.errors import NotFound
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.sources import sources
from app.versions import deprecated

blueprint = Blueprint("cost_api", __name__, url_prefix="/api/v1")

MOST_MONTHS = 120
RENAMED, GONE = date(2026, 11, 27), date(2027, 11, 27)  # what is now under /costs/months and /costs/lines
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


@blueprint.get("/costs/months")
@requires("view")
@operation(query=shapes.LISTED, answers={200: shapes.MONTHS}, or_as=shapes.CSV)
def months() -> Response:
    """Cost by month. Figures are null where there is no data."""
    with begin() as session:
        base = rates.base_currency(session)
        found = [_month(month) for month in queries.by_month(session, today(), most=MOST_MONTHS)]
    if wants_csv():
        return as_csv("costs", MONTH_COLUMNS, ([month[name] for name in MONTH_COLUMNS] for month in found))
    return jsonify({"currency": base, "months": found})


@blueprint.get("/costs")
@requires("view")
@deprecated(since=RENAMED, sunset=GONE, instead="/api/v1/costs/months")
@operation(query=shapes.LISTED, answers={200: shapes.MONTHS}, or_as=shapes.CSV)
def all_months() -> Response:
    """As /costs/months."""
    return months()


@blueprint.get("/cost")
@requires("view")
@deprecated(since=RENAMED, sunset=GONE, instead="/api/v1/costs/months")
@operation(query=shapes.LISTED, answers={200: shapes.MONTHS}, or_as=shapes.CSV)
def former_months() -> Response:
    """As /costs/months."""
    return months()


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


@blueprint.get("/costs/lines")
@requires("view")
@operation(query=shapes.PAGED, answers={200: shapes.LINES}, or_as=shapes.CSV)
def lines() -> Response:
    """Every cost line as it was entered: running ones first, the dearest first."""
    with begin() as session:
        rows = queries.lines(session)
    return paged("lines", rows, lambda row: (*queries.running_first(row), row.id), _line)


@blueprint.get("/cost/lines")
@requires("view")
@deprecated(since=RENAMED, sunset=GONE, instead="/api/v1/costs/lines")
@operation(query=shapes.PAGED, answers={200: shapes.LINES}, or_as=shapes.CSV)
def former_lines() -> Response:
    """As /costs/lines."""
    return lines()


@blueprint.post("/costs/lines")
@requires("cost.write")
@operation(body=shapes.LINE_DRAFT, answers={201: shapes.LINE})
def add_line() -> tuple[Response, int, dict[str, str]]:
    """Enter a cost: paid every month, at once for a term, or by use."""
    line = _read_line()
    with begin() as session:
        row = commands.add(session, line, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify(_line(row)), 201, {"Location": url_for("cost_api.one_line", line_id=row.id)}


@blueprint.get("/costs/lines/<int:line_id>")
@requires("view")
@operation(answers={200: shapes.LINE})
def one_line(line_id: int) -> Response:
    """One cost line as it was entered."""
    with begin() as session:
        return jsonify(_line(queries.one_line(session, line_id)))


@blueprint.put("/costs/lines/<int:line_id>")
@requires("cost.write")
@operation(body=shapes.LINE_CHANGE, answers={200: shapes.LINE})
def change_line(line_id: int) -> Response:
    """Correct a cost line, as it was read at `revision`."""
    line = _read_line()
    with begin() as session:
        row = commands.change(session, line_id, line, request.get_json()["revision"], who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify(_line(row))


@blueprint.post("/costs/lines/<int:line_id>/end")
@requires("cost.write")
@operation(answers={200: shapes.LINE})
def end_line(line_id: int) -> Response:
    """This month is the last that is paid; what was paid stays."""
    with begin() as session:
        row = commands.end(session, line_id, first_of(today()), who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify(_line(row))


@blueprint.delete("/costs/lines/<int:line_id>")
@requires("cost.write")
@operation(answers={204: None})
def remove_line(line_id: int) -> tuple[str, int]:
    """Take a line out as if it had never been entered; the audit trail keeps it."""
    with begin() as session:
        commands.remove(session, line_id, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204


def _read_line() -> Line:
    texts = {name: "" if value is None else str(value) for name, value in request.get_json().items()}
    if texts["currency"] not in CURRENCIES:
        missing = _("There is no currency %(code)s.", code=texts["currency"])
        raise NotFound(missing, {"currency": missing})
    return read_line(texts, "en")


def _line(row: CostLine) -> dict[str, object]:
    line = queries.line_of(row).as_words()
    return {"id": row.id, "revision": row.revision, "is_demo": row.is_demo, **line}


@blueprint.get("/costs/units")
@requires("view")
@operation(
    query={**shapes.OF_A_MONTH, "by": shapes.UNITS_BY, **shapes.LISTED},
    answers={200: shapes.UNITS},
    or_as=shapes.CSV,
)
def unit_costs() -> Response:
    """What a user and an order cost in a month, and what moved it since the month before."""
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
@operation(query={**shapes.OF_A_MONTH, **shapes.LISTED}, answers={200: shapes.DAYS}, or_as=shapes.CSV)
def days() -> Response:
    """Cost of each day of a month, by component."""
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
@operation(query={**shapes.OF_A_MONTH, **shapes.LISTED}, answers={200: shapes.HEAVIEST}, or_as=shapes.CSV)
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
@operation(query=shapes.LISTED, answers={200: shapes.DRIVERS_NOW}, or_as=shapes.CSV)
def drivers() -> Response:
    """What costs grow with: the newest value of each, and when it was measured."""
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
