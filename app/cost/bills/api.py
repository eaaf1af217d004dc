"""Bills, rates and how all is told, as JSON; a bill is sent as the file that it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cost.bills import commands, queries, shapes
from app.cost.bills.commands import Wishes
from app.cost.bills.models import CostImport
from app.cost.bodies import paged, shown
from app.cost.commands import record_months
from app.cost.rates import commands as rate_commands
from app.cost.rates import queries as rate_queries
from app.cost.rates.models import CostRate
from app.cost.rates.rate import Rate, read
from app.cost.shapes import CSV, DAY, PAGED
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.paging import of_select
from app.sources import sources

blueprint = Blueprint("cost_bills_api", __name__, url_prefix="/api/v1/costs")

MOST_UPLOAD_BYTES = 2 * 1024**3


@blueprint.url_value_preprocessor
def allow_bills(endpoint: str | None, _values: object) -> None:
    """A bill may be larger than other bodies: it is read as it comes."""
    if endpoint == "cost_bills_api.take_in":
        request.max_content_length = MOST_UPLOAD_BYTES


@blueprint.post("/imports")
@requires("cost.write")
@operation(
    query=shapes.TAKING_IN,
    takes={"text/csv": shapes.FOCUS},
    or_takes=shapes.PACKED,
    answers={200: shapes.IMPORT, 201: shapes.IMPORT},
)
def take_in() -> tuple[Response, int]:
    """Take in a bill: the body is the file. 200: nothing was changed.

    Plain as text/csv, or packed as application/gzip, application/x-xz or application/octet-stream.
    """
    args = request.args
    wishes = Wishes(
        adds=args.get("add") == "1",
        strict=args.get("strict") == "1",
        dry_run=args.get("dry_run") == "1",
        provider=args.get("provider", ""),
        currency=args.get("currency", ""),
    )
    with begin() as session:
        report = commands.take_in(
            session, args.get("name", "api.csv"), request.stream, wishes, who(), clock.now()
        )
        if not wishes.dry_run:
            record_months(session, clock.now())
            publish_on_commit(session, sources().redis, "cost")
    return jsonify(report.as_words()), 200 if wishes.dry_run or not report.changed else 201


@blueprint.get("/imports")
@requires("view")
@operation(query=PAGED, answers={200: shapes.IMPORTS}, or_as=CSV)
def imports() -> Response:
    """Files that were taken in, the newest first, each with what became of its rows."""
    with begin() as session:
        page = of_select(session, select(CostImport), CostImport.id.desc())
    return shown("imports", page, _import)


def _import(row: CostImport) -> dict[str, object]:
    at = row.imported_at.isoformat()
    return {"id": row.id, "name": row.name, "at": at, "by": row.imported_by, "report": row.report}


@blueprint.get("/bills")
@requires("view")
@operation(query=PAGED, answers={200: shapes.BILLS}, or_as=CSV)
def bills() -> Response:
    """Bills, each in each of its currencies, the newest first. Exact amounts, as text."""
    with begin() as session:
        found = queries.bills(session)
    return paged("bills", found, queries.newest_first, _bill)


def _bill(row: queries.BillRow) -> dict[str, object]:
    return {
        "id": row.id,
        "provider": row.provider,
        "account": row.account,
        "from": row.period_start.isoformat(),
        "until": row.period_end.isoformat(),
        "currency": row.currency,
        "rows": row.rows,
        "billed": f"{row.billed:f}",
        "effective": f"{row.effective:f}",
        "credits": f"{row.credits:f}",
        "corrections": row.corrections,
        "file": row.file,
        "imported_at": row.imported_at.isoformat(),
    }


@blueprint.delete("/bills/<int:bill_id>")
@requires("cost.write")
@operation(answers={204: None})
def remove_bill(bill_id: int) -> tuple[str, int]:
    """Take a bill out with all its charges; the audit trail keeps that it was there."""
    with begin() as session:
        commands.remove_bill(session, bill_id, who(), clock.now())
        record_months(session, clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204


@blueprint.get("/commitments")
@requires("view")
@operation(query=PAGED, answers={200: shapes.COMMITMENTS}, or_as=CSV)
def commitments() -> Response:
    """What was paid for each commitment, used and left."""
    with begin() as session:
        found = queries.commitments(session)
    return paged("commitments", found, lambda row: (row.id, row.currency), _commitment)


def _commitment(row: queries.Commitment) -> dict[str, object]:
    return {
        "id": row.id,
        "currency": row.currency,
        "paid": f"{row.paid:f}",
        "used": f"{row.used:f}",
        "unused": f"{row.unused:f}",
        "left": f"{row.left:f}",
        "settled": row.is_settled,
        "until": row.until.isoformat(),
    }


@blueprint.get("/rates")
@requires("view")
@operation(query=PAGED, answers={200: shapes.RATES}, or_as=CSV)
def rates() -> Response:
    """What currencies were worth, by currency, the newest first."""
    with begin() as session:
        base = rate_queries.base_currency(session)
        found = rate_queries.rows(session)
    return paged(
        "rates", found, lambda row: (row.currency, -row.from_day.toordinal(), row.base), _rate, base=base
    )


def _rate(row: CostRate) -> dict[str, object]:
    return {
        "currency": row.currency,
        "base": row.base,
        "from_day": row.from_day.isoformat(),
        "rate": f"{row.rate:f}",
        "source": row.source,
    }


@blueprint.post("/rates")
@requires("cost.write")
@operation(body=shapes.RATE_DRAFT, takes={"text/csv": shapes.RATE_TABLE}, answers={200: shapes.SAVED})
def save_rates() -> Response:
    """Save one rate as JSON, or many as a table: one of the same currency and day is replaced."""
    with begin() as session:
        if request.mimetype == "text/csv":
            count = rate_commands.save_table(session, request.get_data(as_text=True), who(), clock.now())
        else:
            count = rate_commands.save(session, [_read_rate(session)], who(), clock.now())
        record_months(session, clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify({"saved": count})


def _read_rate(session: Session) -> Rate:
    body = request.get_json()
    day, rate = body["from_day"], f"{Decimal(str(body['rate'])):f}"
    return read(body["currency"], day, rate, body.get("source", ""), rate_queries.base_currency(session))


@blueprint.delete("/rates/<currency>/<from_day>")
@requires("cost.write")
@operation(path={"currency": shapes.CURRENCY_WRITTEN, "from_day": DAY}, answers={204: None})
def remove_rate(currency: str, from_day: str) -> tuple[str, int]:
    """Take a rate out."""
    with begin() as session:
        rate_commands.remove(session, currency.upper(), date.fromisoformat(from_day), who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204


@blueprint.get("/settings")
@requires("view")
@operation(answers={200: shapes.SETTINGS})
def settings() -> Response:
    """In which currency all is told, and whether by what is used up or by what is billed."""
    with begin() as session:
        return jsonify(base_currency=rate_queries.base_currency(session), basis=rate_queries.basis(session))


@blueprint.put("/settings")
@requires("cost.write")
@operation(body=shapes.SETTINGS, answers={200: shapes.SETTINGS})
def choose() -> Response:
    """Tell all costs in another currency, or on another basis."""
    with begin() as session:
        for key, value in request.get_json().items():
            rate_commands.choose(session, key, value, who(), clock.now())
        record_months(session, clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify(request.get_json())
