"""Costs as JSON."""

from __future__ import annotations

from datetime import UTC

from flask import Blueprint, Response, jsonify

from app import clock
from app.cost import queries
from app.cost.line import CURRENCY
from app.cost.queries import Month
from app.db import begin
from app.guards import requires

blueprint = Blueprint("cost_api", __name__, url_prefix="/api/v1/cost")


@blueprint.get("")
@requires("view")
def months() -> Response:
    """Cost by month. Figures are null where there is no data; `whole` is false for the month that goes on
    and for one that the shop's facts cover in part."""
    with begin() as session:
        found = queries.by_month(session, clock.now().astimezone(UTC).date(), most=120)
    return jsonify({"currency": CURRENCY, "months": [_month(month) for month in found]})


def _month(month: Month) -> dict[str, object]:
    return {
        "month": f"{month.bill.month:%Y-%m}",
        "whole": month.is_whole,
        "total_cents": month.total_cents,
        "active_users": month.active_users,
        "orders": month.orders,
        "per_active_user_cents": month.per_active_user,
        "per_order_cents": month.per_order,
        "components": month.bill.by_component(),
        "lines": [line.as_words() for line in month.bill.lines],
    }


@blueprint.get("/lines")
@requires("view")
def lines() -> Response:
    """Every cost line as it was entered."""
    with begin() as session:
        rows = queries.lines(session)
        found = [{"id": row.id, "is_demo": row.is_demo, **queries.line_of(row).as_words()} for row in rows]
    return jsonify({"lines": found})
