"""What machines ask of locales: where each stands, its texts as files."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app import clock, events
from app.db import begin
from app.guards import requires, who
from app.locales import access, exchange, files, queries, rights
from app.locales.files import Choices
from app.locales.intake import Line
from app.sources import sources

blueprint = Blueprint("locales_api", __name__, url_prefix="/api/v1")


@blueprint.get("/locales")
@requires("view")
def index() -> Response:
    """Every locale: how far it is translated, which release is live, what waits to be published."""
    with begin() as session:
        rows = queries.board(session, "en")
    return jsonify(
        {
            "locales": [
                {
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
                for row in rows
            ]
        }
    )


@blueprint.post("/locales/<code>/import")
@requires("view")
def take_in(code: str) -> Response:
    """The body is the file; `format` names what it is, `dry_run=1` only says what it would do.

    `approve`, `take_theirs`, `add_messages`, `any_language`: 1 as the boxes of the page. Answers how many
    texts became what, and each one that somebody should look at.
    """
    request.max_content_length = exchange.MOST_BYTES + 1
    chosen = {name for name in Choices.__dataclass_fields__ if request.args.get(name) == "1"}
    is_dry = request.args.get("dry_run") == "1"
    with begin() as session:
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
def write_out(code: str) -> Response:
    """The texts as `format`; with `approved=1` only what shoppers may see.

    PO is the file that was taken in, patched; `complete=1` adds all messages that it has not.
    """
    name = request.args.get("format", exchange.PO)
    if name not in exchange.FORMATS:
        raise exchange.wrong(", ".join(exchange.FORMATS))
    with begin() as session:
        chosen = {key: request.args.get(key) == "1" for key in ("approved", "complete")}
        data = files.written_out(
            session, code, name, approved_only=chosen["approved"], complete=chosen["complete"]
        )
    return Response(data, mimetype=exchange.MEDIA_TYPES[name])
