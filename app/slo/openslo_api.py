"""OpenSLO in and out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import anything, text
from app.slo import objective_shapes as shapes
from app.slo import openslo_commands, queries
from app.slo.openslo_read import MOST_CHARACTERS
from app.sources import sources

blueprint = Blueprint("slo_openslo_api", __name__, url_prefix="/api/v1/slos")

YAML = "application/yaml"
# Several documents are more than most readers of application/yaml take; people read them as text.
DOCUMENTS = "text/plain"
FILE = {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]}
OBJECTS = anything("OpenSLO v1.", example={"apiVersion": "openslo/v1", "kind": "Service"})


class _DryRun(Exception):
    """Ends a transaction that is not meant to last."""


@blueprint.post("/import")
@requires("slo.write")
@operation(
    takes={YAML: shapes.OPENSLO, "multipart/form-data": FILE, "application/json": OBJECTS},
    query=shapes.IMPORT,
    answers={200: shapes.IMPORTED},
)
def load() -> Response:
    """Import OpenSLO, as YAML or JSON; with `dry_run=1` nothing is kept and the answer is the same."""
    is_dry = request.args.get("dry_run", "") in ("1", "true", "yes")
    said: list[openslo_commands.Said] = []
    try:
        with begin() as session:
            said = openslo_commands.load(session, sources(), _text(), who(), clock.now())
            if is_dry:
                raise _DryRun
            publish_on_commit(session, sources().redis, "slo")
    except _DryRun:
        pass
    return jsonify(dry_run=is_dry, objects=[as_json(one) for one in said])


@blueprint.get("/<key>/openslo.yaml")
@requires("view")
@operation(answers={200: text("OpenSLO v1 as YAML, several documents.")}, gives={200: DOCUMENTS})
def one(key: str) -> Response:
    """One objective as OpenSLO."""
    with begin() as session:
        queries.objective(session, key)
        made = openslo_commands.export(session, [key])
    return Response(made, mimetype=DOCUMENTS)


@blueprint.get("/openslo.yaml")
@requires("view")
@operation(answers={200: text("OpenSLO v1 as YAML, several documents.")}, gives={200: DOCUMENTS})
def everything() -> Response:
    """All objectives as OpenSLO."""
    with begin() as session:
        made = openslo_commands.export(session)
    return Response(made, mimetype=DOCUMENTS)


def as_json(said: openslo_commands.Said) -> dict[str, Any]:
    return {
        "kind": said.kind,
        "name": said.name,
        "action": said.action,
        "warnings": [str(text) for text in said.warnings],
        "errors": [{"field": path, "detail": str(why)} for path, why in said.errors],
    }


def _text() -> bytes:
    """The body, or the file of a form. One that is too long is not read to its end."""
    if (request.content_length or 0) > 4 * MOST_CHARACTERS:
        why = _("The file is larger than %(most)s characters.", most=MOST_CHARACTERS)
        raise Refused(why, {"document": why})
    upload = request.files.get("file")
    return upload.read(4 * MOST_CHARACTERS + 1) if upload else request.get_data()
