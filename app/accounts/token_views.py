"""The tokens of machines: made here, shown once, revoked here."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.accounts import commands, queries
from app.db import begin
from app.guards import ROLE_NAMES, requires, who
from app.htmx import done
from app.ui.scope import ENVIRONMENTS

blueprint = Blueprint("tokens", __name__, url_prefix="/accounts/tokens", template_folder="templates")


def _page(raw: str | None) -> str:
    with begin() as db:
        found = queries.tokens(db)
    return render_template(
        "accounts/tokens.html",
        tokens=found,
        raw=raw,
        roles=list(ROLE_NAMES.items()),
        environment_choices=[(name, name) for name in ENVIRONMENTS],
    )


@blueprint.get("/")
@requires("accounts.manage")
def index() -> str:
    return _page(None)


@blueprint.post("/")
@requires("accounts.manage")
def create() -> Response:
    form = request.form
    with begin() as db:
        raw = commands.create_token(
            db,
            form.get("kind", ""),
            form.get("environment", ""),
            form.get("name", ""),
            form.get("role") or None,
            clock.now(),
            who(),
        )
    return make_response(_page(raw))


@blueprint.post("/<int:token_id>/revoke")
@requires("accounts.manage")
def revoke(token_id: int) -> Response:
    with begin() as db:
        commands.revoke_token(db, token_id, clock.now(), who())
    return done(url_for("tokens.index"), _("The token is revoked; whoever uses it is refused from now on."))
