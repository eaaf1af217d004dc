"""Bills and rates as JSON; a bill is sent as the file that it is."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.cost.bills import commands, queries
from app.cost.bills.commands import Wishes
from app.cost.bodies import listed, read_object
from app.cost.commands import record_months
from app.cost.rates import commands as rate_commands
from app.cost.rates import queries as rate_queries
from app.cost.rates.rate import read
from app.db import begin
from app.errors import NotFound
from app.events import publish_on_commit
from app.guards import requires, who
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
def take_in() -> tuple[Response, int]:
    """The body is the file: CSV, gz or xz. In the address `name`, `provider`, `currency` (where the file has
    no column of it), and 1 for `dry_run`, `add`, `strict`."""
    args = request.args
    wishes = Wishes(
        adds=args.get("add") == "1",
        strict=args.get("strict") == "1",
        dry_run=args.get("dry_run") == "1",
        provider=args.get("provider", "")[:200],
        currency=args.get("currency", "")[:20],
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
def imports() -> Response:
    with begin() as session:
        found = queries.imports(session)
    rows = [
        {"id": row.id, "name": row.name, "at": row.imported_at.isoformat(), "by": row.imported_by}
        | {"report": row.report}
        for row in found
    ]
    return listed("imports", rows)


@blueprint.get("/bills")
@requires("view")
def bills() -> Response:
    """Exact amounts, as text."""
    with begin() as session:
        found = queries.bills(session)
    return listed("bills", [_bill(row) for row in found])


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
    }


@blueprint.delete("/bills/<int:bill_id>")
@requires("cost.write")
def remove_bill(bill_id: int) -> tuple[str, int]:
    with begin() as session:
        commands.remove_bill(session, bill_id, who(), clock.now())
        record_months(session, clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204


@blueprint.get("/commitments")
@requires("view")
def commitments() -> Response:
    """What was paid for each commitment, used and left; left is 0 when its term is settled."""
    with begin() as session:
        found = queries.commitments(session)
    rows = [
        {
            "id": row.id,
            "currency": row.currency,
            "paid": f"{row.paid:f}",
            "used": f"{row.used:f}",
            "unused": f"{row.unused:f}",
            "left": f"{row.left:f}",
            "settled": row.is_settled,
            "until": row.until.isoformat(),
        }
        for row in found
    ]
    return listed("commitments", rows)


@blueprint.get("/rates")
@requires("view")
def rates() -> Response:
    with begin() as session:
        base = rate_queries.base_currency(session)
        found = rate_queries.rows(session)
    rows = [
        {"currency": row.currency, "base": row.base, "from_day": row.from_day.isoformat()}
        | {"rate": f"{row.rate:f}", "source": row.source}
        for row in found
    ]
    return listed("rates", rows, base=base)


@blueprint.post("/rates")
@requires("cost.write")
def save_rates() -> Response:
    """One rate as JSON (currency, from_day, rate, source), or many as text/csv."""
    with begin() as session:
        if request.mimetype == "text/csv":
            count = rate_commands.save_table(session, request.get_data(as_text=True), who(), clock.now())
        else:
            body = {name: str(value) for name, value in read_object().items()}
            base = rate_queries.base_currency(session)
            currency, day, rate, source = (
                body.get(name, "") for name in ("currency", "from_day", "rate", "source")
            )
            found = [read(currency, day, rate, source, base)]
            count = rate_commands.save(session, found, who(), clock.now())
        record_months(session, clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify({"saved": count})


@blueprint.delete("/rates/<currency>/<from_day>")
@requires("cost.write")
def remove_rate(currency: str, from_day: str) -> tuple[str, int]:
    try:
        day = date.fromisoformat(from_day)
    except ValueError:
        raise NotFound(_("There is no such rate.")) from None
    with begin() as session:
        rate_commands.remove(session, currency.upper(), day, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204
