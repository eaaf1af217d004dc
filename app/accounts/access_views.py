"""The page that answers "who may this?" and "what may she do?", and what people hold beside their role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.accounts import access_exports, access_queries, grant_commands, queries, role_queries, roles
from app.accounts.access_queries import Someone
from app.accounts.ways import merged
from app.db import begin
from app.errors import NotFound, Refused
from app.guards import PERMISSIONS, SCOPED_BY, confirmed, requires, who
from app.htmx import done
from app.ui.scope import environments

blueprint = Blueprint("access", __name__, url_prefix="/accounts/access", template_folder="templates")


@blueprint.get("/")
@requires("accounts.manage")
def index() -> str:
    now = clock.now()
    with begin() as session:
        someone = asked_for(session, now)
        return render_template(
            "accounts/access.html",
            **_question(session, now),
            someone=someone,
            holdings=_holdings(session, now),
            held=access_queries.what_may(someone) if someone else None,
            grants=access_queries.grants(session, now),
            names=role_queries.role_names(session),
            areas=roles.areas(),
            merged=merged,
            me=who(),
        )


def _question(session: Session, now: datetime) -> dict[str, Any]:
    return {
        "permission": request.args.get("permission", ""),
        "environment": request.args.get("environment", ""),
        "locale": request.args.get("locale", ""),
        "environment_options": [("", _("everywhere")), *((name, name) for name in environments())],
        "permission_options": [("", _("choose"))]
        + [(one.key, one.name) for area in roles.areas() for one in area.permissions],
        "people_options": _options((one.email, one.email) for one in access_queries.people(session, now)),
        "token_options": _options((str(one.id), one.name) for one in access_queries.tokens(session, now)),
        "scoped_by": SCOPED_BY,
        "permission_name": roles.name_of,
    }


def _options(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", _("choose")), *found]


def _holdings(session: Session, now: datetime) -> list[access_queries.Holding] | None:
    """None: nobody asked who may something."""
    permission = request.args.get("permission", "")
    if not permission:
        return None
    environment, locale = place_of(permission)
    return access_queries.who_may(session, permission, environment, locale, now)


def place_of(permission: str) -> tuple[str | None, str | None]:
    """The environment or locale that was asked for; of a permission that knows no place: none."""
    if permission not in PERMISSIONS:
        why = _("There is no permission %(name)s.", name=permission)
        raise Refused(why, {"permission": why})
    place = request.args.get(SCOPED_BY.get(permission, ""), "").strip() or None
    return (place, None) if SCOPED_BY.get(permission) == "environment" else (None, place)


def asked_for(session: Session, now: datetime) -> Someone | None:
    email, token_id = request.args.get("person", ""), request.args.get("token", "")
    if email:
        found: Someone | None = access_queries.person_of(session, email, now)
    elif token_id:
        number = int(token_id) if token_id.isascii() and token_id.isdigit() and len(token_id) < 19 else 0
        found = access_queries.token_of(session, number, now)
    else:
        return None
    if found is None:
        raise NotFound(_("Nobody who may sign in is called so."))
    return found


@blueprint.get("/access.csv")
@requires("accounts.manage")
@confirmed
def as_csv() -> Response:
    """The answer on the page; without a question everybody with everything."""
    now = clock.now()
    with begin() as session:
        someone = asked_for(session, now)
        holdings = _holdings(session, now)
        if holdings is not None:
            text = access_exports.who_csv(request.args["permission"], holdings)
        else:
            asked = [someone] if someone else access_queries.everybody(session, now)
            text = access_exports.what_csv(asked)
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="access.csv"'
    return response


@blueprint.post("/grants")
@requires("accounts.manage")
@confirmed
def grant() -> Response:
    form, now = request.form, clock.now()
    with begin() as session:
        person = queries.by_email(session, form.get("person", ""))
        if person is None:
            why = _("There is nobody of this address.")
            raise Refused(_("Nothing was granted."), {"person": why})
        row = grant_commands.grant(
            session,
            person.id,
            form.get("role", ""),
            form.get("environment", "").strip() or None,
            form.get("locale", "").strip() or None,
            _end(form.get("ends_at", "")),
            now,
            who(),
        )
        waits, email = row.approved_at is None, person.email
    told = _("Another admin has to agree now.") if waits else _("It counts from the next request on.")
    return done(url_for("access.index", person=email), told)


@blueprint.post("/grants/<int:grant_id>/approve")
@requires("accounts.manage")
@confirmed
def approve(grant_id: int) -> Response:
    with begin() as session:
        grant_commands.approve(session, grant_id, clock.now(), who())
    return done(url_for("access.index"), _("You agreed. It counts from the next request on."))


@blueprint.post("/grants/<int:grant_id>/withdraw")
@requires("accounts.manage")
@confirmed
def withdraw(grant_id: int) -> Response:
    with begin() as session:
        grant_commands.withdraw(session, grant_id, clock.now(), who())
    return done(url_for("access.index"), _("Taken away. It counts from the next request on."))


def _end(text: str) -> datetime | None:
    """As <input type="datetime-local"> sends it, in UTC."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
    except ValueError:
        why = _("Choose a day and time.")
        raise Refused(_("Nothing was granted."), {"ends_at": why}) from None
