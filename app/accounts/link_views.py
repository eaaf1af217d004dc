"""What links in mails lead to: accepting an invitation, choosing a new password. And asking for the latter.

The address of these pages holds a secret: it is told to no other site (no-referrer) and kept in no cache.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.accounts import (
    identity,
    invitations,
    mail_queue,
    password_links,
    role_queries,
    sign_in,
    throttle,
)
from app.accounts.confirm import slowed
from app.accounts.credentials import clean_email
from app.accounts.here import house_words
from app.accounts.views import come_in
from app.db import begin
from app.errors import Problem
from app.guards import public
from app.htmx import done
from app.sources import sources

blueprint = Blueprint("account_links", __name__, url_prefix="/accounts", template_folder="templates")

GONE = 410


@blueprint.after_request
def tell_nobody(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/forgotten")
@public
def forgotten() -> str:
    return render_template("accounts/forgotten.html", email="", error=None, is_asked=False)


@blueprint.post("/forgotten")
@public
def ask_for_link() -> Response:
    """The same words for everybody; whose address it is is found out when the mail is written."""
    email = clean_email(request.form.get("email", ""))[:300]
    if wait := throttle.link_wait_seconds(sources().redis, request.remote_addr or "", email):
        problem = slowed(wait, "email")
        page = render_template("accounts/forgotten.html", email=email, error=problem.message, is_asked=False)
        return make_response(page, 429, {"Retry-After": str(wait)})
    with begin() as db:
        mail_queue.queue(db, "password_link", email, str(get_locale()), clock.now())
    return make_response(render_template("accounts/forgotten.html", email=email, error=None, is_asked=True))


@blueprint.get("/new-password/<link>")
@public
def new_password(link: str) -> Response:
    with begin() as db:
        found = password_links.by_link(db, link, clock.now())
        email = found[1].email if found else ""
    return _new_password_page(email) if found else _gone("password")


def _new_password_page(email: str, problem: Problem | None = None) -> Response:
    page = render_template(
        "accounts/new_password.html", email=email, errors=problem.fields if problem else {}
    )
    return make_response(page, problem.status if problem else 200)


@blueprint.post("/new-password/<link>")
@public
def choose_password(link: str) -> Response:
    now = clock.now()
    email = ""
    try:
        with begin() as db:
            found = password_links.by_link(db, link, now)
            if found is None:
                return _gone("password")
            email = found[1].email
            password_links.use(db, *found, request.form.get("new_password", ""), house_words(), now)
    except Problem as problem:
        return _new_password_page(email, problem)
    throttle.forget(sources().redis, email)
    said = _("Your password is changed and all browsers are signed out. Sign in with it now.")
    return identity.forget(done(url_for("accounts.sign_in"), said))


@blueprint.get("/invitation/<link>")
@public
def invitation(link: str) -> Response:
    with begin() as db:
        row = invitations.by_link(db, link, clock.now())
        if row is None:
            return _gone("invitation")
        return _invitation_page(row.email, row.name, _role_name(db, row.role))


def _role_name(db: Session, role: str) -> str:
    return str(role_queries.role_names(db).get(role, role))


def _invitation_page(email: str, name: str, role: str, problem: Problem | None = None) -> Response:
    page = render_template(
        "accounts/invitation.html",
        email=email,
        name=name,
        role=role,
        errors=problem.fields if problem else {},
    )
    return make_response(page, problem.status if problem else 200)


@blueprint.post("/invitation/<link>")
@public
def accept_invitation(link: str) -> Response:
    """In at once; a second factor is offered, or set up first where the role demands it."""
    form, now, arrival = request.form, clock.now(), identity.arrival()
    asked = ("", form.get("name", ""), "")
    try:
        with begin() as db:
            row = invitations.by_link(db, link, now)
            if row is None:
                return _gone("invitation")
            asked = (row.email, form.get("name", ""), _role_name(db, row.role))
            name, password = form.get("name", ""), form.get("password", "")
            someone = invitations.accept(db, row, name, password, house_words(), now)
            step = sign_in.go_on(db, someone, arrival, now)
    except Problem as problem:
        return _invitation_page(*asked, problem)
    return come_in(step, url_for("me.second_factor", welcome=1))


def _gone(kind: str) -> Response:
    """Used, ended, replaced or never made: the same words for all, which say what to do."""
    return make_response(render_template("accounts/gone.html", kind=kind), GONE)
