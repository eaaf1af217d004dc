"""Sign-in and out, one's own account, people and roles."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app import clock
from app.accounts import commands, identity, queries, throttle
from app.accounts.browsers import browser_name
from app.accounts.credentials import clean_email, fingerprint
from app.db import begin
from app.errors import Unauthenticated
from app.guards import ROLE_NAMES, Person, person, public, requires, who
from app.htmx import done
from app.i18n import LOCALES
from app.sources import sources
from app.ui.paths import local_path

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts", template_folder="templates")
log = logging.getLogger(__name__)


@blueprint.get("/sign-in")
@public
def sign_in() -> Response | str:
    back = local_path(request.args.get("next"))
    if person() is not None:
        return make_response(redirect(back, code=303))
    with begin() as db:
        nobody = queries.is_empty(db)
    return render_template("accounts/sign_in.html", next=back, email="", error=None, nobody=nobody)


@blueprint.post("/sign-in")
@public
def try_sign_in() -> Response:
    """One try. Who asks too often waits; who is unknown learns no more than who mistyped."""
    email = clean_email(request.form.get("email", ""))[:300]
    back = local_path(request.form.get("next"))
    redis = sources().redis
    if wait := throttle.wait_seconds(redis, request.remote_addr or "", email):
        minutes = -(-wait // 60)
        error = _("Too many tries. Wait %(minutes)s min, then try again.", minutes=minutes)
        answer = _again(back, email, error, 429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    with begin() as db:
        agent = request.headers.get("User-Agent", "")
        cookie = commands.sign_in(db, email, request.form.get("password", ""), agent, clock.now())
    if cookie is None:
        log.info("sign-in refused for %s", fingerprint(email)[:12])
        return _again(back, email, _("The address or the password is not right."), 422)
    throttle.forget(redis, email)
    session.clear()  # a form token from before the sign-in is worth nothing after it
    return identity.remember(make_response(redirect(back, code=303)), cookie)


def _again(back: str, email: str, error: str, status: int) -> Response:
    page = render_template("accounts/sign_in.html", next=back, email=email, error=error, nobody=False)
    return make_response(page, status)


@blueprint.post("/sign-out")
@requires("view")
def sign_out() -> Response:
    with begin() as db:
        commands.sign_out(db, _cookie())
    session.clear()
    return identity.forget(make_response(redirect(url_for("accounts.sign_in"), code=303)))


def _cookie() -> str:
    return request.cookies.get(identity.COOKIE, "")


def _myself() -> Person:
    someone = person()
    if someone is None:  # an api token has no account of its own
        raise Unauthenticated(_("Sign in to see this page."))
    return someone


@blueprint.get("/me")
@requires("view")
def me() -> str:
    someone, now = _myself(), clock.now()
    with begin() as db:
        mine = queries.sessions_of(db, someone.id, now)
    return render_template(
        "accounts/me.html",
        me=someone,
        sessions=mine,
        here=fingerprint(_cookie()),
        languages=LOCALES,
        browser_name=browser_name,
    )


@blueprint.post("/me")
@requires("view")
def change_me() -> Response:
    form = request.form
    with begin() as db:
        commands.choose_looks(
            db,
            _myself().id,
            form.get("name", ""),
            form.get("locale", ""),
            form.get("theme", ""),
            clock.now(),
        )
    answer = done(url_for("accounts.me"), _("Saved."))
    answer.delete_cookie("theme")  # this browser's own choice gives way to the one just made
    return answer


@blueprint.post("/me/password")
@requires("view")
def change_password() -> Response:
    form = request.form
    with begin() as db:
        commands.change_password(
            db,
            _myself().id,
            form.get("old_password", ""),
            form.get("new_password", ""),
            _cookie(),
            clock.now(),
        )
    return done(url_for("accounts.me"), _("The password is changed; other browsers are signed out."))


@blueprint.post("/me/sessions/end")
@requires("view")
def end_other_sessions() -> Response:
    with begin() as db:
        commands.end_other_sessions(db, _myself().id, _cookie())
    return done(url_for("accounts.me"), _("All other browsers are signed out."))


@blueprint.get("/")
@requires("accounts.manage")
def index() -> str:
    now = clock.now()
    with begin() as db:
        found = queries.people(db, now)
    return render_template("accounts/index.html", people=found, roles=list(ROLE_NAMES.items()), secret=None)


@blueprint.post("/people")
@requires("accounts.manage")
def add_person() -> Response:
    """The first password is made here and shown once, to be handed over."""
    form, now = request.form, clock.now()
    password = commands.new_password()
    with begin() as db:
        added = commands.add_person(
            db, form.get("email", ""), form.get("role", ""), password, now, who(), form.get("name", "")
        )
        found = queries.people(db, now)
    secret = (added.email, password)
    return make_response(
        render_template("accounts/index.html", people=found, roles=list(ROLE_NAMES.items()), secret=secret)
    )


@blueprint.post("/people/<int:person_id>/role")
@requires("accounts.manage")
def change_role(person_id: int) -> Response:
    with begin() as db:
        commands.change_role(db, person_id, request.form.get("role", ""), clock.now(), who())
    return done(url_for("accounts.index"), _("The role is changed."))


@blueprint.post("/people/<int:person_id>/active")
@requires("accounts.manage")
def set_active(person_id: int) -> Response:
    active = request.form.get("active") == "on"
    with begin() as db:
        commands.set_active(db, person_id, active, clock.now(), who())
    message = _("The person may sign in again.") if active else _("The person is signed out and stays out.")
    return done(url_for("accounts.index"), message)


@blueprint.post("/people/<int:person_id>/password")
@requires("accounts.manage")
def reset_password(person_id: int) -> str:
    now = clock.now()
    with begin() as db:
        password = commands.reset_password(db, person_id, now, who())
        found = queries.people(db, now)
    email = next(line.email for line in found if line.id == person_id)
    return render_template(
        "accounts/index.html", people=found, roles=list(ROLE_NAMES.items()), secret=(email, password)
    )
