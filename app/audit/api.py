"""The audit trail as JSON and as files, and whether it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flask import Blueprint, Response, jsonify, request

from app import clock, paging
from app.audit import checks, entry_shapes, exports, queries
from app.audit.models import AuditEntry
from app.audit.verifying import Verdict
from app.db import begin, transaction
from app.guards import confirmed, requires
from app.openapi.operation import operation
from app.sources import sources

blueprint = Blueprint("audit_api", __name__, url_prefix="/api/v1/audit")

Write = Callable[[Iterable[AuditEntry]], Iterator[str]]


@blueprint.get("")
@requires("audit.view")
@operation(query=entry_shapes.SEARCH_PAGES, answers={200: entry_shapes.ENTRIES}, problems=(422,))
def index() -> Response:
    """Entries that match, the newest first."""
    wanted = queries.wanted(request.args)
    with begin() as session:
        order = AuditEntry.at.desc(), AuditEntry.id.desc()
        page = paging.of_select(session, queries.matching(wanted), *order)
        return paging.answer("entries", page, exports.as_json)


@blueprint.get("/export.jsonl")
@requires("audit.view")
@confirmed
@operation(query=entry_shapes.SEARCH, answers={200: None}, gives={200: "application/jsonl"}, problems=(422,))
def json_lines() -> Response:
    """All that match, in the order of the chain, with their seals."""
    return stream(exports.json_lines, "application/jsonl", "audit.jsonl")


@blueprint.get("/export.csv")
@requires("audit.view")
@confirmed
@operation(query=entry_shapes.SEARCH, answers={200: None}, gives={200: "text/csv"}, problems=(422,))
def as_csv() -> Response:
    """The same for spreadsheets; nothing in it is taken for a formula."""
    return stream(exports.csv_lines, "text/csv", "audit.csv")


def stream(write: Write, mimetype: str, name: str) -> Response:
    """Written while it is read, in a transaction of its own."""
    wanted, control = queries.wanted(request.args), sources().control

    def lines() -> Iterator[str]:
        with transaction(control, "PostgreSQL") as session:
            yield from write(queries.in_order(session, wanted))

    response = Response(lines(), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/anchor")
@requires("audit.view")
@operation(answers={200: entry_shapes.ANCHOR})
def anchor() -> Response:
    """Where the chain ends now. Kept elsewhere, it shows a trail that was written anew."""
    with begin() as session:
        sequence, seal = checks.end_of(session)
    response = jsonify(at=clock.now().isoformat(), sequence=sequence, seal=seal)
    response.headers["Content-Disposition"] = f'attachment; filename="audit-anchor-{sequence}.json"'
    return response


@blueprint.post("/verify")
@requires("audit.view")
@operation(answers={200: entry_shapes.VERDICT})
def verify() -> Response:
    """Walk the whole chain now; the job does it each hour."""
    with begin() as session:
        return jsonify(verdict_json(checks.check(session, clock.now())))


def verdict_json(found: Verdict) -> dict[str, object]:
    return {
        "is_whole": found.broken is None,
        "broken_at": found.broken.sequence if found.broken else None,
        "how": found.broken.how if found.broken else None,
        "first": found.first,
        "last": found.last,
        "seal": found.seal,
        "waiting": found.waiting,
    }
