"""Pages of experiments."""

from __future__ import annotations

from flask import Blueprint, render_template

from app import clock
from app.db import begin
from app.experiments import queries
from app.guards import requires

blueprint = Blueprint("experiments", __name__, url_prefix="/experiments", template_folder="templates")


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        found = queries.experiments(session)
    return render_template("experiments/index.html", experiments=found, now=clock.now())


@blueprint.get("/-/list")
@requires("view")
def table() -> str:
    with begin() as session:
        found = queries.experiments(session)
    return render_template("experiments/_list.html", experiments=found, now=clock.now())
