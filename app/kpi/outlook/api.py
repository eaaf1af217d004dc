"""What a KPI comes to in the days ahead, and its unusual days, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app.db import begin
from app.errors import NotFound
from app.guards import requires
from app.kpi import showing
from app.kpi.api_shapes import CHOSEN, KEY
from app.kpi.definitions import KPIS
from app.kpi.detail import Unusual, detail
from app.kpi.outlook.shapes import OUTLOOK
from app.openapi.operation import operation
from app.series.forecast import Forecast, NoForecast

blueprint = Blueprint("kpi_outlook_api", __name__, url_prefix="/api/v1/kpi")

DEFAULT_PERIOD = "91d"


@blueprint.get("/<key>/outlook")
@requires("view")
@operation(path={"key": KEY}, query=CHOSEN, answers={200: OUTLOOK})
def outlook(key: str) -> Response:
    """What a KPI comes to in the days ahead, and which days were unlike their weekday."""
    if key not in KPIS:
        raise NotFound(_("There is no KPI %(key)s.", key=key[:40]))
    chosen = showing.selection({"period": DEFAULT_PERIOD, **request.args})
    with begin() as session:
        shown = detail(session, KPIS[key], chosen, showing.today())
    return jsonify(
        key=key,
        unit=shown.term.unit,
        zone=chosen.zone,
        first=(chosen.now.last + timedelta(days=1)).isoformat(),
        forecast=_forecast(shown.forecast),
        unusual=[_unusual(one) for one in shown.unusual],
    )


def _forecast(made: Forecast | NoForecast) -> dict[str, Any]:
    if isinstance(made, NoForecast):
        return {"reason": made.reason}
    return asdict(made)


def _unusual(one: Unusual) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "value": one.judged.value,
        "usual": one.judged.usual,
        "z": one.judged.z,
        "by": one.by or None,
        "parts": [asdict(part) for part in one.parts],
    }
