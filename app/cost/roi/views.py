"""The page of promises: what an investment was to save, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from flask import Blueprint, Response, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import clock
from app.cost import pages
from app.cost.bodies import revision_of, today
from app.cost.line import read_cents
from app.cost.roi import commands, queries
from app.cost.roi.promise import EXAMPLE, Promise, from_words
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done

blueprint = Blueprint("cost_roi", __name__, url_prefix="/cost/promises", template_folder="../templates")


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        return pages.page(
            session,
            "cost/promises.html",
            stands=queries.stands(session, today().replace(day=1)),
            example=EXAMPLE,
            today=today(),
        )


@blueprint.post("/")
@requires("cost.write")
def add() -> Response:
    promise = _read()
    with begin() as session:
        commands.add(session, promise, who(), clock.now())
    return done(url_for(".index"), _("%(name)s is saved.", name=promise.name))


@blueprint.get("/<int:promise_id>")
@requires("cost.write")
def edit(promise_id: int) -> str:
    with begin() as session:
        row = queries.one(session, promise_id)
        parts = {"investments": _lines(row.investments), "savings": _lines(row.savings)}
        return pages.page(session, "cost/promise.html", row=row, **parts)


@blueprint.post("/<int:promise_id>")
@requires("cost.write")
def change(promise_id: int) -> Response:
    promise, revision = _read(), revision_of(request.form.get("revision"))
    with begin() as session:
        commands.change(session, promise_id, promise, revision, who(), clock.now())
    return done(url_for(".index"), _("%(name)s is saved.", name=promise.name))


def _read() -> Promise:
    """The parts are lines of a name and an amount: Training 30000."""
    form: dict[str, Any] = request.form.to_dict()
    wrong: dict[str, object] = {}
    for name in ("investments", "savings"):
        form[name] = _parts(form.get(name, ""), name, wrong)
    if wrong:
        raise Refused(_("The promise was not saved."), wrong)
    return from_words(form)


def _lines(parts: Mapping[str, int]) -> str:
    """As `_parts` reads them again, in the language that is spoken."""
    units = {name: Decimal(cents) / 100 for name, cents in parts.items()}
    return "\n".join(
        f"{name} {format_decimal(amount, '0.##', locale=str(get_locale()))}" for name, amount in units.items()
    )


def _parts(text: str, field: str, wrong: dict[str, object]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, _space, amount = line.strip().rpartition(" ")
        found[name] = read_cents(amount, field, str(get_locale()), wrong)
    return found


@blueprint.post("/<int:promise_id>/savings")
@requires("cost.write")
def measure(promise_id: int) -> Response:
    form: dict[str, Any] = request.form.to_dict()
    wrong: dict[str, object] = {}
    form["cents"] = read_cents(form.get("amount", ""), "amount", str(get_locale()), wrong)
    if wrong:
        raise Refused(_("The saving was not saved."), wrong)
    with begin() as session:
        commands.measure(session, promise_id, form, who(), clock.now())
    return done(url_for(".index"), _("The saving is saved."))


@blueprint.post("/<int:promise_id>/close")
@requires("cost.write")
def close(promise_id: int) -> Response:
    with begin() as session:
        commands.close(session, promise_id, request.form.get("verdict", ""), who(), clock.now())
    return done(url_for(".index"), _("The review has closed the promise."))
