"""Pages of webhooks in: sources are made, watched, given a new secret and switched off here."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.guards import confirmed, requires, who
from app.htmx import done
from app.sources import sources
from app.ui.scope import environments
from app.webhooks import incoming, queries, receiving

blueprint = Blueprint("sources", __name__, url_prefix="/webhooks/sources", template_folder="templates")


def address_of(key: str) -> str:
    return f"{sources().config.control_url.rstrip('/')}/api/v1/hooks/{key}"


@blueprint.get("/-/new")
@requires("webhooks.manage")
def new() -> str:
    return render_template(
        "webhooks/source_new.html",
        kinds=incoming.KINDS,
        theirs=incoming.THEIR_SECRET,
        environments=[("", _("of none in particular")), *((name, name) for name in environments())],
    )


@blueprint.post("/")
@requires("webhooks.manage")
@confirmed
def create() -> Response:
    form = request.form
    with begin() as session:
        row = receiving.create(
            session,
            form.get("name", ""),
            form.get("kind", ""),
            form.get("environment", ""),
            form.get("secret", ""),
            who(),
            clock.now(),
        )
        secret = row.secret
    return _shown_once(row.name, row.id, secret, address_of(row.key))


def _shown_once(name: str, source_id: int, secret: str, address: str) -> Response:
    back = url_for("sources.page", source_id=source_id)
    page = render_template("webhooks/secret.html", name=name, back=back, secret=secret, address=address)
    return make_response(page, {"Cache-Control": "no-store"})


@blueprint.get("/<int:source_id>")
@requires("webhooks.manage")
def page(source_id: int) -> str:
    with begin() as session:
        row = queries.source(session, source_id)
        taken = queries.receipts(session, source_id)
    return render_template(
        "webhooks/source.html",
        row=row,
        receipts=taken,
        kinds=incoming.KINDS,
        proof=receiving.PROOFS[row.kind],
        theirs=incoming.THEIR_SECRET,
        address=address_of(row.key),
    )


@blueprint.post("/<int:source_id>/switch")
@requires("webhooks.manage")
def switch(source_id: int) -> Response:
    is_on = request.form.get("active") == "on"
    with begin() as session:
        receiving.switch(session, source_id, is_on, who(), clock.now())
    said = _("The source is on.") if is_on else _("The source is off; what it sends is refused.")
    return done(url_for("sources.page", source_id=source_id), said)


@blueprint.post("/<int:source_id>/rotate")
@requires("webhooks.manage")
@confirmed
def rotate(source_id: int) -> Response:
    with begin() as session:
        row = receiving.rotate(session, source_id, request.form.get("secret", ""), who(), clock.now())
        secret = row.secret
    return _shown_once(row.name, row.id, secret, address_of(row.key))


@blueprint.post("/<int:source_id>/delete")
@requires("webhooks.manage")
def remove(source_id: int) -> Response:
    with begin() as session:
        receiving.remove(session, source_id, who(), clock.now())
    return done(url_for("webhooks.index"), _("The source is deleted."))
