"""Every series with its meaning, and its points."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app import clock
from app.db import begin
from app.guards import requires
from app.openapi.operation import operation
from app.series import store, term_shapes
from app.series.glossary import GLOSSARY, Term
from app.ui.timerange import read_range

blueprint = Blueprint("series_api", __name__, url_prefix="/api/v1/series")


@blueprint.get("")
@requires("view")
@operation(answers={200: term_shapes.TERMS})
def index() -> Response:
    """Every series, with what it means."""
    return jsonify(series=[_term(term) for term in GLOSSARY.values()])


@blueprint.get("/<key>")
@requires("view")
@operation(query=term_shapes.WANTED, path={"key": term_shapes.KEY}, answers={200: term_shapes.POINTS})
def points(key: str) -> Response:
    """The points of one series: within `range`, or `from` and `to`; a value for each of its labels."""
    term = GLOSSARY[key]
    span = read_range(request.args, clock.now(), "24h")
    labels = {label: request.args.get(label, "") for label in term.labels}
    with begin() as session:
        found = store.between(session, key, span.start, span.end, labels)
    return jsonify(**_term(term), points=[[point.at.isoformat(), point.value] for point in found])


def _term(term: Term) -> dict[str, object]:
    return {
        "key": term.key,
        "name": str(term.name),
        "unit": term.unit,
        "better": term.better,
        "formula": str(term.formula),
        "labels": list(term.labels),
    }
