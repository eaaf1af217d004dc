"""Roles: the built-in ones, read-only, and own ones, made, copied, edited and deleted here."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.accounts import access_queries, role_commands, role_queries, roles
from app.accounts.role_models import RoleRow
from app.accounts.roles import Draft
from app.db import begin
from app.errors import NotFound
from app.guards import ROLES, confirmed, requires, who
from app.htmx import done

blueprint = Blueprint("roles", __name__, url_prefix="/accounts/roles", template_folder="templates")

LONGEST_VERSION = 9


@blueprint.get("/")
@requires("accounts.manage")
def index() -> str:
    with begin() as session:
        return render_template(
            "accounts/roles.html",
            names=role_queries.role_names(session),
            own={row.key: row for row in role_queries.own_roles(session)},
            builtin=ROLES,
            sentences=roles.SENTENCES,
            areas=roles.areas(),
            holders=access_queries.holders_by_role(session, clock.now()),
        )


@blueprint.get("/-/new")
@requires("accounts.manage")
def new() -> str:
    """`from`: a role whose permissions it starts with."""
    with begin() as session:
        held = role_queries.permissions_of(session, request.args.get("from", "")) or frozenset()
        return _form(session, None, held)


@blueprint.post("/")
@requires("accounts.manage")
@confirmed
def create() -> Response:
    draft = _draft()
    with begin() as session:
        role_commands.create(session, request.form.get("key", ""), draft, clock.now(), who())
    return done(url_for("roles.index"), _("The role %(name)s can be given now.", name=draft.name))


@blueprint.get("/<key>")
@requires("accounts.manage")
def detail(key: str) -> str:
    with begin() as session:
        held = role_queries.permissions_of(session, key)
        if held is None:
            raise NotFound(_("There is no such role."))
        return _form(session, session.get(RoleRow, key), held, key)


@blueprint.post("/<key>")
@requires("accounts.manage")
@confirmed
def change(key: str) -> Response:
    with begin() as session:
        role_commands.change(session, key, _draft(), _version(), clock.now(), who())
    return done(url_for("roles.index"), _("Saved. It counts from everybody's next request on."))


@blueprint.post("/<key>/delete")
@requires("accounts.manage")
@confirmed
def delete(key: str) -> Response:
    with begin() as session:
        role_commands.delete(session, key, request.form.get("instead") or None, clock.now(), who())
    return done(url_for("roles.index"), _("The role was deleted."))


def _form(session: Session, row: RoleRow | None, held: frozenset[str], key: str = "") -> str:
    names = role_queries.role_names(session)
    return render_template(
        "accounts/role.html",
        row=row,
        key=key,
        held=held,
        names=names,
        areas=roles.areas(),
        sentences=roles.SENTENCES,
        is_builtin=key in ROLES,
        holders=role_commands.holders(session, key) if key else 0,
        others=[("", _("choose")), *((other, name) for other, name in names.items() if other != key)],
    )


def _draft() -> Draft:
    form = request.form
    return roles.checked(form.get("name", ""), form.get("about", ""), form.getlist("permissions"))


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION else None
