"""The audit trail as a page."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.audit import queries
from app.db import begin
from app.guards import requires

blueprint = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")


@blueprint.get("/")
@requires("audit.view")
def index() -> str:
    wanted, page = queries.wanted(request.args), queries.page(request.args)
    with begin() as session:
        lines, last = queries.search(session, wanted, page)
    return render_template("audit/index.html", lines=lines, wanted=wanted, page=page, last=last)
