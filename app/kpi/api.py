"""KPIs as JSON: values by day, week or month of a time zone, the funnel, cohorts and adoption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, cast

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock, events
from app.db import begin
from app.errors import NotFound
from app.guards import requires, who
from app.kpi import api_shapes as shapes
from app.kpi import commands, facts, queries, reading
from app.kpi.definitions import DIMENSIONS, KPIS, Grain, Kpi
from app.kpi.selection import zones
from app.kpi.shapes import Bucket, CohortMonth, Reading, Step
from app.kpi.spans import read_days
from app.kpi.targets import check_target
from app.openapi.operation import operation
from app.sources import sources

blueprint = Blueprint("kpi_api", __name__, url_prefix="/api/v1/kpi")

KEY = {"key": shapes.KEY}


@blueprint.get("")
@requires("view")
@operation(answers={200: shapes.KPIS_ALL})
def index() -> Response:
    """Every KPI with its unit, formula, inputs, query and caveat."""
    return jsonify({"kpis": [_definition(kpi) for kpi in KPIS.values()]})


@blueprint.get("/<key>")
@requires("view")
@operation(path=KEY, query=shapes.READING, answers={200: shapes.READ}, problems=(404, 409))
def days(key: str) -> Response:
    """One KPI by day, week or month of a time zone; `by` tells groups apart.

    Figures are kept by two dimensions at once, one of them a place or a device, and for ten years at most:
    what goes beyond is 409, as is an end before its beginning.
    """
    kpi = _kpi(key)
    first, last = _span()
    with begin() as session, reading.consistent(session):
        found = reading.read(
            session, kpi, first, last, _zone(), _grain("day"), request.args.get("by"), _where(), **_money()
        )
        told = _definition(kpi) | _told(found, first, last)
        if found.grain == "day" and found.by is None and found.zone == _shop_zone():
            told["days"] = [_day(day) for day in queries.days(session, kpi, first, last)]
    return jsonify(told)


@blueprint.get("/<key>/breakdown")
@requires("view")
@operation(path=KEY, query=shapes.BREAKDOWN, answers={200: shapes.BROKEN_DOWN}, problems=(404, 409))
def breakdown(key: str) -> Response:
    """One KPI over all days from `from` to `to`, by the members of `by`."""
    kpi = _kpi(key)
    first, last = _span()
    by = request.args.get("by", "locale")
    with begin() as session, reading.consistent(session):
        slices = reading.breakdown(session, kpi, first, last, _zone(), by, _where(), **_money())
    told = [{"member": one.name, "share": one.share, **_bucket(one.total)} for one in slices]
    return jsonify({"key": kpi.key, "by": by, "members": told, **_from_to(first, last)})


@blueprint.get("/funnel")
@requires("view")
@operation(query=shapes.FUNNEL, answers={200: shapes.FUNNEL_READ}, problems=(404, 409))
def funnel() -> Response:
    """The closed funnel: sessions, with an item in the cart, at the checkout, completed."""
    first, last = _span()
    with begin() as session, reading.consistent(session):
        found = reading.funnel(session, first, last, _zone(), request.args.get("by"), _where())
    members = [
        {"member": name, "steps": [_step(one) for one in steps]} for name, steps in found.members.items()
    ]
    told = {"zone": found.zone, "partial": not found.is_whole, "computing": found.is_computing}
    return jsonify({**told, **_from_to(first, last), "members": members})


@blueprint.get("/cohorts")
@requires("view")
@operation(query=shapes.COHORTS, answers={200: shapes.COHORTS_READ}, problems=(404, 409))
def cohorts() -> Response:
    """Customers by the month of their first order: retention and LTV by month since."""
    first, last = _span()
    with begin() as session, reading.consistent(session):
        found = reading.cohorts(session, first, last, _zone(), _where(), **_money())
    told = [
        {"month": f"{one.month:%Y-%m}", "size": one.size, "months": [_cohort_month(m) for m in one.months]}
        for one in found.cohorts
    ]
    return jsonify(
        {
            "zone": found.zone,
            "currency": found.currency,
            "other_currencies": found.other_currencies,
            "computed_at": _moment(found.computed_at),
            "computing": found.is_computing,
            **_from_to(first, last),
            "cohorts": told,
        }
    )


@blueprint.get("/ltv")
@requires("view")
@operation(query=shapes.COHORTS, answers={200: shapes.LTV_READ}, problems=(404, 409))
def ltv() -> Response:
    """Mean cumulative net revenue per customer of each cohort, by month since the first order."""
    first, last = _span()
    with begin() as session, reading.consistent(session):
        found = reading.cohorts(session, first, last, _zone(), _where(), **_money())
    told = [
        {
            "month": f"{one.month:%Y-%m}",
            "size": one.size,
            "ltv_cents": [month.ltv_cents for month in one.months],
            "partial": [month.is_partial for month in one.months],
        }
        for one in found.cohorts
    ]
    head = {"zone": found.zone, "currency": found.currency, "computing": found.is_computing}
    return jsonify(
        {**head, "other_currencies": found.other_currencies, **_from_to(first, last), "cohorts": told}
    )


@blueprint.get("/adoption")
@requires("view")
@operation(query=shapes.ADOPTION, answers={200: shapes.ADOPTION_READ}, problems=(404, 409))
def adoption() -> Response:
    """How features are used: people who used each, of the people who were active; `feature`: one of them."""
    first, last = _span()
    grain = _grain("week")
    with begin() as session, reading.consistent(session):
        found = reading.adoption(session, first, last, _zone(), grain, request.args.get("feature"))
    told = [
        {
            "feature": one.feature,
            "first_uses": one.first_uses,
            "median_seconds_to_first_use": one.median_seconds,
            "total": _bucket(one.total),
            "values": [_bucket(bucket) for bucket in one.buckets],
        }
        for one in found
    ]
    return jsonify({"zone": _zone(), "grain": grain, **_from_to(first, last), "features": told})


@blueprint.put("/<key>/target")
@requires("kpi.write")
@operation(path=KEY, body=shapes.TARGET, answers={200: shapes.TARGET_SET})
def set_target(key: str) -> Response:
    """Aim at a figure from today on; what was aimed at before stays in the past."""
    kpi, value = _kpi(key), request.get_json()["target"]
    with begin() as session:
        check_target(value, queries.term(kpi).unit)
        commands.set_target(session, kpi, value, who(), clock.now())
    events.publish(sources().redis, "kpi")
    return jsonify(key=kpi.key, target=value)


def _kpi(key: str) -> Kpi:
    if key not in KPIS:
        raise NotFound(_("There is no KPI %(key)s.", key=key[:40]))
    return KPIS[key]


def _shop_zone() -> str:
    return sources().config.kpi_time_zone


def _zone() -> str:
    zone = request.args.get("zone", _shop_zone())
    if zone not in zones():
        missing = _("There is no time zone %(name)s.", name=zone)
        raise NotFound(missing, {"zone": missing})
    return zone


def _grain(default: str) -> Grain:
    """Whether there is such a grain is checked where figures are read."""
    return cast(Grain, request.args.get("grain", default))


def _where() -> dict[str, str]:
    return {name: request.args[name] for name in (*DIMENSIONS, "source") if request.args.get(name)}


def _money() -> dict[str, Any]:
    return {
        "currency": request.args.get("currency") or None,
        "default_currency": sources().config.kpi_currency,
    }


def _span() -> tuple[date, date]:
    return read_days(request.args, clock.now().astimezone(UTC).date())


def _definition(kpi: Kpi) -> dict[str, Any]:
    term = queries.term(kpi)
    return {
        "key": kpi.key,
        "series": kpi.series,
        "name": str(term.name),
        "unit": term.unit,
        "formula": str(term.formula),
        "inputs": str(kpi.inputs),
        "caveat": str(kpi.caveat),
        "query": facts.SQL[kpi.query],
        "job": "kpi.daily",
        "by": list(kpi.by),
    }


def _told(found: Reading, first: date, last: date) -> dict[str, Any]:
    members = [
        {"member": one.name, "total": _bucket(one.total), "values": [_bucket(b) for b in one.buckets]}
        for one in found.members
    ]
    told = {
        "zone": found.zone,
        "grain": found.grain,
        "group": found.by,
        "currency": found.currency,
        "other_currencies": found.other_currencies,
        "computed_at": _moment(found.computed_at),
        "computing": found.is_computing,
        **_from_to(first, last),
    }
    if found.by is None:
        return told | {"total": members[0]["total"], "values": members[0]["values"]}
    return told | {"members": members}


def _bucket(one: Bucket) -> dict[str, Any]:
    return {
        "start": one.start.isoformat(),
        "value": one.value,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "partial": not one.is_whole,
    }


def _day(day: queries.Day) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "value": day.value,
        "target": day.target,
        "partial": day.is_partial,
        "demo": day.is_demo,
    }


def _step(step: Step) -> Mapping[str, object]:
    return asdict(step)


def _cohort_month(month: CohortMonth) -> Mapping[str, object]:
    told = asdict(month)
    return told | {"partial": told.pop("is_partial")}


def _from_to(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
