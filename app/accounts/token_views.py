"""The tokens of machines: made here, shown once, exchanged and revoked here."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.accounts import queries, role_queries, roles, token_commands
from app.accounts.token_commands import GRACE_HOURS, Scope
from app.db import begin
from app.errors import Refused
from app.guards import confirmed, requires, who
from app.htmx import done
from app.ui.scope import environments

blueprint = Blueprint("tokens", __name__, url_prefix="/accounts/tokens", template_folder="templates")

DAYS = (30, 90, 365)


def _page(raw: str | None) -> str:
    now = clock.now()
    with begin() as db:
        found = queries.tokens(db, now)
        names = role_queries.role_names(db)
    return render_template(
        "accounts/tokens.html",
        tokens=found,
        raw=raw,
        roles=list(names.items()),
        areas=roles.areas(),
        environment_options=[(name, name) for name in environments()],
        days=[*((str(n), ngettext("%(num)s day", "%(num)s days", n)) for n in DAYS), ("", _("never"))],
        usual_days=str(token_commands.DAYS),
        grace_hours=GRACE_HOURS,
        now=now,
    )


@blueprint.get("/")
@requires("accounts.manage")
def index() -> str:
    return _page(None)


@blueprint.post("/")
@requires("accounts.manage")
@confirmed
def create() -> Response:
    form = request.form
    token_commands.check_environment(form.get("kind", ""), form.get("environment", ""), environments())
    days, reason = _whole("days") if form.get("days") else None, form.get("endless_reason", "")
    if "days" not in form:
        days = token_commands.DAYS
    token_commands.check_end(days, reason)
    with begin() as db:
        raw = token_commands.create_token(
            db,
            form.get("kind", ""),
            form.get("environment", ""),
            form.get("name", ""),
            form.get("role") or None,
            clock.now(),
            who(),
            _words("projects"),
            days,
            _scope(),
            reason,
        )
    return Response(_page(raw))


@blueprint.post("/<int:token_id>/rotate")
@requires("accounts.manage")
@confirmed
def rotate(token_id: int) -> Response:
    """The new secret, shown once; the old one is good for a while yet."""
    with begin() as db:
        raw = token_commands.rotate_token(db, token_id, _whole("grace_hours"), clock.now(), who())
    return Response(_page(raw))


@blueprint.post("/<int:token_id>/revoke")
@requires("accounts.manage")
@confirmed
def revoke(token_id: int) -> Response:
    with begin() as db:
        token_commands.revoke_token(db, token_id, clock.now(), who())
    return done(url_for("tokens.index"), _("The token is revoked; whoever uses it is refused from now on."))


def _scope() -> Scope:
    form = request.form
    return Scope(
        tuple(form.getlist("permissions")),
        tuple(form.getlist("environments")),
        tuple(_words("locales")),
    )


def _words(field: str) -> list[str]:
    return request.form.get(field, "").replace(",", " ").split()


def _whole(field: str) -> int:
    text = request.form.get(field, "")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Refused(_("Use a whole number."), {field: _("Use a whole number.")})
    return int(text)
