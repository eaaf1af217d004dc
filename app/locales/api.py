"""What machines ask of locales: where each stands, its texts as files."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app import clock, events
from app.db import begin
from app.guards import requires, who
from app.locales import access, exchange, files, queries, rights, shapes
from app.locales.files import Choices
from app.locales.intake import Line
from app.locales.queries import LocaleRow
from app.locales.shapes import PATH
from app.openapi.operation import operation
from app.openapi.shapes import PAGING, anything
from app.paging import answer, of_list
from app.sources import sources

blueprint = Blueprint("locales_api", __name__, url_prefix="/api/v1")


@blueprint.get("/locales")
@requires("view")
@operation(query=PAGING, answers={200: shapes.LOCALES})
def index() -> Response:
    """Every locale: what waits to be published first, then what is least translated."""
    with begin() as session:
        rows = queries.board(session, "en")
    return answer("locales", of_list(rows, queries.most_wanted), _locale)


def _locale(row: LocaleRow) -> dict[str, object]:
    return {
        "code": row.code,
        "name": row.name,
        "own_name": row.own_name,
        "availability": row.availability,
        "asks_review": row.asks_review,
        "strings": row.strings,
        "translated": row.translated,
        "by_state": row.by_state,
        "release": row.release or None,
        "released_at": row.released_at and row.released_at.isoformat(),
        "released_by": row.released_by or None,
        "waiting": row.waiting,
    }


@blueprint.post("/locales/<code>/import")
@requires("view")
@operation(
    path=PATH,
    query=shapes.TAKING_IN,
    takes=shapes.FILES,
    or_takes=shapes.OTHER_FILES,
    answers={200: shapes.TAKEN_IN},
)
def take_in(code: str) -> Response:
    """Take in a file of texts: the body is the file, as application/octet-stream or by its own type.

    Answers how many texts became what, and each one that somebody should look at.
    """
    request.max_content_length = exchange.MOST_BYTES + 1
    chosen = {name for name in Choices.__dataclass_fields__ if request.args.get(name) == "1"}
    is_dry = request.args.get("dry_run") == "1"
    with begin() as session:
        queries.locale(session, code)
        rights.demand(session, code, access.TRANSLATE)
        if "approve" in chosen:
            rights.demand(session, code, access.REVIEW)
        report = files.take_in(
            session,
            code,
            request.get_data(),
            request.args.get("format", exchange.PO),
            Choices(**dict.fromkeys(chosen, True)),
            who(),
            clock.now(),
            dry_run=is_dry,
        )
    if not is_dry:
        events.publish(sources().redis, "locales")
    return jsonify(
        dry_run=is_dry,
        counts=report.counts,
        held_back=report.held_back,
        texts=[_line(line) for line in report.notable],
    )


def _line(line: Line) -> dict[str, object]:
    return {
        "context": line.text.context,
        "source": line.text.msgid,
        "line": line.text.line,
        "outcome": line.outcome,
        "here": list(line.known.forms) if line.known else [],
        "in_file": list(line.text.forms),
        "blocked_by": [str(finding.message) for finding in line.blocks],
    }


@blueprint.get("/locales/<code>/export")
@requires("view")
@operation(
    path=PATH,
    query=shapes.WRITING_OUT,
    answers={200: anything("Flat or nested by context.", example={"Cart": "Warenkorb"})},
    or_as=(exchange.MEDIA_TYPES[exchange.PO], exchange.MEDIA_TYPES[exchange.CSV]),
)
def write_out(code: str) -> Response:
    """The texts as a file. PO is the file that was taken in, patched."""
    name = request.args.get("format", exchange.PO)
    with begin() as session:
        chosen = {key: request.args.get(key) == "1" for key in ("approved", "complete")}
        data = files.written_out(
            session, code, name, approved_only=chosen["approved"], complete=chosen["complete"]
        )
    return Response(data, mimetype=exchange.MEDIA_TYPES[name])
