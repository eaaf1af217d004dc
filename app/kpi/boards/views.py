"""Pages of one's own dashboards: look, make, change, remove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done
from app.kpi import queries as kpi
from app.kpi import showing
from app.kpi.boards import commands, queries
from app.kpi.boards.board import KEPT, Wanted, in_order, read_board
from app.kpi.definitions import KPIS
from app.kpi.measures import PERIODS
from app.kpi.views import dashboard

blueprint = Blueprint("kpi_boards", __name__, url_prefix="/kpi/-/boards", template_folder="../templates")


@blueprint.get("/<int:board_id>")
@requires("view")
def page(board_id: int) -> str:
    return render_template("kpi/index.html", **dashboard(board_id))


@blueprint.get("/new")
@requires("view")
def new() -> str:
    """With what is shown at the moment: the tiles of a board to copy, and the filters of the address."""
    copied = request.args.get("board", type=int)
    with begin() as session:
        board = queries.one(session, copied, who()) if copied is not None else None
        choices = showing.choices(session)
    filters = dict(board.filters) if board else {}
    filters |= {name: value for name, value in request.args.items() if name in KEPT}
    tiles = board.tiles if board else list(KPIS)
    return _form(None, {"tiles": tiles, "filters": filters, "name": "", "is_shared": False}, choices)


@blueprint.post("/")
@requires("view")
def make() -> Response:
    with begin() as session:
        made = commands.make(session, _read(), who(), clock.now())
    return done(url_for("kpi_boards.page", board_id=made), _("The dashboard is saved."))


@blueprint.get("/<int:board_id>/edit")
@requires("view")
def edit(board_id: int) -> str:
    with begin() as session:
        row = queries.one(session, board_id, who())
        choices = showing.choices(session)
    return _form(row, row.__dict__, choices)


@blueprint.post("/<int:board_id>")
@requires("view")
def change(board_id: int) -> Response:
    revision = request.form.get("revision", type=int)
    if revision is None:
        raise Refused(_("The page is out of date. Reload it and try again."))
    with begin() as session:
        commands.change(session, board_id, _read(), revision, who(), clock.now())
    return done(url_for("kpi_boards.page", board_id=board_id), _("The dashboard is saved."))


@blueprint.post("/<int:board_id>/remove")
@requires("view")
def remove(board_id: int) -> Response:
    with begin() as session:
        commands.remove(session, board_id, who(), clock.now())
    return done(url_for("kpi.index"), _("The dashboard is gone; the audit trail keeps it."))


def _read() -> Wanted:
    form = request.form
    places = {name.removeprefix("place-"): value for name, value in form.items() if name.startswith("place-")}
    tiles = in_order(form.getlist("tiles"), places)
    filters = {name: form.get(name, "").strip() for name in KEPT}
    return read_board(form.get("name", ""), tiles, filters, form.get("is_shared") == "1", KPIS)


def _form(row: Any, filled: Mapping[str, Any], choices: showing.Choices) -> str:
    chosen = list(filled["tiles"])
    return render_template(
        "kpi/board_form.html",
        row=row,
        filled=filled,
        choices=choices,
        periods=[(key, name) for key, (name, _days) in PERIODS.items()],
        kpis=[
            (key, kpi.term(KPIS[key]))
            for key in (*chosen, *(key for key in KPIS if key not in chosen))
            if key in KPIS
        ],
        places={key: place for place, key in enumerate(chosen, start=1)},
    )
