"""KPIs as JSON."""

from __future__ import annotations

from datetime import UTC

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import NotFound
from app.guards import requires
from app.kpi import queries
from app.kpi.measures import KPIS, Kpi
from app.kpi.spans import read_days

blueprint = Blueprint("kpi_api", __name__, url_prefix="/api/v1/kpi")


@blueprint.get("")
@requires("view")
def index() -> Response:
    """Every KPI with its unit and formula."""
    return jsonify({"kpis": [_about(kpi) for kpi in KPIS.values()]})


@blueprint.get("/<key>")
@requires("view")
def days(key: str) -> Response:
    """One KPI by UTC day, `from` … `to` included. `value` is null where there is no data; `partial` marks a
    day that was not over when it was computed."""
    if key not in KPIS:
        raise NotFound(_("There is no KPI %(key)s.", key=key[:40]))
    kpi = KPIS[key]
    first, last = read_days(request.args, clock.now().astimezone(UTC).date())
    with begin() as session:
        found = queries.days(session, kpi, first, last)
        computed_at = queries.computed_at(session)
    return jsonify(
        {
            **_about(kpi),
            "from": first.isoformat(),
            "to": last.isoformat(),
            "computed_at": computed_at and computed_at.isoformat(),
            "days": [
                {
                    "day": day.day.isoformat(),
                    "value": day.value,
                    "target": day.target,
                    "partial": day.is_partial,
                    "demo": day.is_demo,
                }
                for day in found
            ],
        }
    )


def _about(kpi: Kpi) -> dict[str, str]:
    term = queries.term(kpi)
    return {
        "key": kpi.key,
        "series": kpi.series,
        "name": str(term.name),
        "unit": term.unit,
        "formula": str(term.formula),
    }
