"""The playground: who gets what, and why. Everything that is asked stands in the address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import NotFound, Refused
from app.flags import listing, playground, queries, reasons, visitors, wording
from app.flags.pages import environment, page_number
from app.guards import requires
from app.sources import sources

blueprint = Blueprint(
    "flag_playground", __name__, url_prefix="/flags/-/playground", template_folder="templates"
)


@blueprint.get("/")
@requires("view")
def index() -> str:
    now, place = clock.now(), environment()
    visitor = _visitor()
    wrong: dict[str, object] = {}
    try:
        context = (
            visitor.context | {"environment": place}
            if visitor
            else playground.context_of(request.args, place)
        )
    except Refused as refused:
        context, wrong = {"environment": place, "properties": {}}, refused.fields
    compare = request.args.get("compare", "")
    with begin() as session:
        places = queries.environments(session)
        if place not in places or (compare and compare not in places):
            raise NotFound(_("There is no such environment."))
        found = playground.play(session, place, context, now, compare)
    shown, page, last = _page_of(_wanted(found))
    return render_template(
        "flags/playground/index.html",
        shown=shown,
        page=page,
        last=last,
        total=len(found),
        on=sum(one.is_on for one in found),
        context=context,
        properties=playground.lines_of(context["properties"]),
        wrong=wrong,
        visitor=visitor,
        newest=visitors.newest(sources(), now),
        place=place,
        place_options=[(name, name) for name in places],
        compare=compare,
        q=request.args.get("flag", ""),
        only=request.args.get("only", ""),
        reasons=reasons,
        wording=wording,
    )


def _visitor() -> visitors.Visitor | None:
    wanted = request.args.get("visitor", "")
    return visitors.one(sources(), wanted, clock.now()) if wanted else None


def _wanted(found: list[playground.Shown]) -> list[playground.Shown]:
    """Those that the filter asks for; one whose whole name it is stands alone."""
    text, only = request.args.get("flag", "").strip().casefold(), request.args.get("only", "")
    exact = [one for one in found if one.name.casefold() == text]
    kept = exact or [one for one in found if text in one.name.casefold()]
    match only:
        case "on":
            return [one for one in kept if one.is_on]
        case "off":
            return [one for one in kept if not one.is_on]
        case "differs":
            return [one for one in kept if one.differs]
        case _:
            return kept


def _page_of(found: list[playground.Shown]) -> tuple[list[Any], int, int]:
    rows = listing.ROWS
    last = max(1, -(-len(found) // rows))
    page = min(page_number(), last)
    return found[(page - 1) * rows : page * rows], page, last
