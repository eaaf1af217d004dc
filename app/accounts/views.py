"""Sign-in and out, and the page of the people."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import clock
from app.accounts import (
    commands,
    factor_commands,
    identity,
    invitations,
    mail_queue,
    queries,
    role_queries,
    throttle,
)
from app.accounts import (
    sign_in as signing_in,
)
from app.accounts.credentials import clean_email, fingerprint
from app.accounts.here import house_words
from app.accounts.sign_in import Step
from app.accounts.throttle import Try
from app.db import begin
from app.guards import confirmed, person, public, requires, who
from app.htmx import done
from app.i18n import LOCALES
from app.sources import sources
from app.ui.paths import local_path

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts", template_folder="templates")
log = logging.getLogger(__name__)

AFTER = {"code": "second_step.code", "set up": "second_step.set_up", "choose": "second_step.own_password"}


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
    browser = _known_browser(email)
    tried = throttle.try_password(sources().redis, request.remote_addr or "", email, browser)
    if tried.wait_seconds:
        minutes = -(-tried.wait_seconds // 60)
        error = _("Too many tries. Wait %(minutes)s min, then try again.", minutes=minutes)
        answer = _again(back, email, error, 429)
        answer.headers["Retry-After"] = str(tried.wait_seconds)
        return answer
    step = _step(email, tried)
    if step is None:
        log.info("sign-in refused for %s", fingerprint(email)[:12])
        return _again(back, email, _("The address or the password is not right."), 422)
    throttle.forget(sources().redis, email, browser)
    return come_in(step, back)


def _known_browser(email: str) -> str:
    """The cookie of a browser that the account's owner came in with before, else nothing."""
    browser = identity.cookie_of(identity.BROWSER_COOKIE)
    if not browser:
        return ""
    with begin() as db:
        return browser if signing_in.knows_browser(db, email, browser) else ""


def _step(email: str, tried: Try) -> Step | None:
    arrival, now = identity.arrival(), clock.now()
    with begin() as db:
        someone = signing_in.check_password(db, email, request.form.get("password", ""), now)
        if someone is not None:
            return signing_in.go_on(db, someone, arrival, now)
        if tried.is_suspicious:  # of anybody's account and of nobody's, so that it takes as long
            mail_queue.queue(db, "many_tries", email, str(get_locale()), now, **arrival.told)
        return None


def come_in(step: Step, back: str) -> Response:
    """To where one was going, or to the second step. A form token from before is worth nothing after it."""
    session.clear()
    return identity.admit(make_response(redirect(way_on(step, back), code=303)), step)


def way_on(step: Step, back: str) -> str:
    return back if step.stage == "in" else url_for(AFTER[step.stage], next=back)


def _again(back: str, email: str, error: str, status: int) -> Response:
    page = render_template("accounts/sign_in.html", next=back, email=email, error=error, nobody=False)
    return make_response(page, status)


@blueprint.post("/sign-out")
@requires("view")
def sign_out() -> Response:
    with begin() as db:
        commands.sign_out(db, identity.cookie_of(identity.COOKIE), clock.now())
    session.clear()
    return identity.forget(make_response(redirect(url_for("accounts.sign_in"), code=303)))


@blueprint.get("/")
@requires("accounts.manage")
def index() -> str:
    return people_page()


def people_page(secret: tuple[str, str] | None = None) -> str:
    """`secret`: somebody's address and new password, shown this once."""
    now = clock.now()
    with begin() as db:
        return render_template(
            "accounts/index.html",
            people=queries.people(db, now),
            invitations=invitations.pending(db, now),
            required=factor_commands.required_roles(db),
            roles=list(role_queries.role_names(db).items()),
            languages=LOCALES,
            secret=secret,
        )


@blueprint.post("/people")
@requires("accounts.manage")
@confirmed
def add_person() -> Response:
    """For whoever reads no mail: the first password is made here and shown once, to be handed over."""
    form = request.form
    password, now = commands.new_password(), clock.now()
    with begin() as db:
        added = commands.add_person(
            db,
            form.get("email", ""),
            form.get("role", ""),
            password,
            now,
            who(),
            form.get("name", ""),
            house_words(),
            ends_at=now,
        )
    return Response(people_page((added.email, password)))


@blueprint.post("/people/<int:person_id>/role")
@requires("accounts.manage")
@confirmed
def change_role(person_id: int) -> Response:
    with begin() as db:
        commands.change_role(db, person_id, request.form.get("role", ""), clock.now(), who())
    return done(url_for("accounts.index"), _("The role is changed."))


@blueprint.post("/people/<int:person_id>/active")
@requires("accounts.manage")
@confirmed
def set_active(person_id: int) -> Response:
    active = request.form.get("active") == "on"
    with begin() as db:
        commands.set_active(db, person_id, active, clock.now(), who())
    message = _("The person may sign in again.") if active else _("The person is signed out and stays out.")
    return done(url_for("accounts.index"), message)


@blueprint.post("/people/<int:person_id>/password")
@requires("accounts.manage")
@confirmed
def reset_password(person_id: int) -> str:
    with begin() as db:
        password = commands.reset_password(db, person_id, clock.now(), who())
        email = queries.email_of(db, person_id)
    return people_page((email, password))


@blueprint.post("/people/<int:person_id>/password-link")
@requires("accounts.manage")
@confirmed
def mail_password_link(person_id: int) -> Response:
    with begin() as db:
        email = commands.mail_password_link(db, person_id, clock.now(), who())
    return done(
        url_for("accounts.index"),
        _("A link to choose a new password is on its way to %(email)s.", email=email),
    )


@blueprint.post("/people/<int:person_id>/second-factor/reset")
@requires("accounts.manage")
@confirmed
def reset_factor(person_id: int) -> Response:
    with begin() as db:
        factor_commands.reset(db, person_id, clock.now(), who())
    return done(url_for("accounts.index"), _("The second factor is taken away; the person is told by mail."))


@blueprint.post("/people/<int:person_id>/sign-out")
@requires("accounts.manage")
@confirmed
def sign_out_everywhere(person_id: int) -> Response:
    with begin() as db:
        commands.sign_out_everywhere(db, person_id, clock.now(), who())
    return done(url_for("accounts.index"), _("The person is signed out in all browsers."))


@blueprint.post("/second-factor-rule")
@requires("accounts.manage")
@confirmed
def require_factor() -> Response:
    with begin() as db:
        factor_commands.require(db, request.form.getlist("role"), clock.now(), who())
    return done(url_for("accounts.index"), _("Saved. It counts from the next sign-in on."))


@blueprint.post("/invitations")
@requires("accounts.manage")
@confirmed
def invite() -> Response:
    form = request.form
    with begin() as db:
        row = invitations.invite(
            db,
            form.get("email", ""),
            form.get("name", ""),
            form.get("role", ""),
            form.get("locale") or str(get_locale()),
            clock.now(),
            who(),
        )
    return done(url_for("accounts.index"), _("The invitation is on its way to %(email)s.", email=row.email))


@blueprint.post("/invitations/<int:number>/send")
@requires("accounts.manage")
@confirmed
def send_invitation_again(number: int) -> Response:
    with begin() as db:
        invitations.send_again(db, number, clock.now(), who())
    return done(url_for("accounts.index"), _("The invitation is sent again; its old link stops working."))


@blueprint.post("/invitations/<int:number>/withdraw")
@requires("accounts.manage")
@confirmed
def withdraw_invitation(number: int) -> Response:
    with begin() as db:
        invitations.withdraw(db, number, clock.now(), who())
    return done(url_for("accounts.index"), _("The invitation is withdrawn; its link opens nothing."))
