"""What `type` of a problem leads to: what has happened, and what to do."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _

from app.errors import NotFound
from app.guards import public
from app.problem_kinds import KINDS

blueprint = Blueprint("problems", __name__, url_prefix="/problems")


@blueprint.get("/")
@public
def index() -> str:
    return render_template("ui/problem_kinds.html", kinds=KINDS)


@blueprint.get("/<kind>")
@public
def show(kind: str) -> str:
    if kind not in KINDS:
        raise NotFound(_("There is no such kind of problem."))
    return render_template("ui/problem_kinds.html", kinds={kind: KINDS[kind]})
