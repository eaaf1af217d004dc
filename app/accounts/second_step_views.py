"""What follows the password: a code, setting a second factor up, or choosing a password of one's own."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app import clock
from app.accounts import factor_commands, identity, sign_in, throttle
from app.accounts.confirm import slowed
from app.accounts.here import house_words
from app.accounts.me_views import drawn
from app.accounts.models import PersonRow
from app.accounts.views import come_in, way_on
from app.db import begin
from app.errors import Problem
from app.guards import public
from app.sources import sources
from app.ui.paths import local_path

blueprint = Blueprint("second_step", __name__, url_prefix="/accounts/sign-in", template_folder="templates")


def _half() -> str:
    return identity.cookie_of(identity.HALF_COOKIE)


def _who_is_half_way() -> PersonRow | None:
    with begin() as db:
        return sign_in.half_way(db, _half(), clock.now())


def _from_the_start(back: str) -> Response:
    """The password was given too long ago, or in another browser."""
    return make_response(redirect(url_for("accounts.sign_in", next=back), code=303))


@blueprint.get("/code")
@public
def code() -> Response:
    back = local_path(request.args.get("next"))
    return _code_page(back) if _who_is_half_way() else _from_the_start(back)


def _code_page(back: str, error: object = None, status: int = 200) -> Response:
    return make_response(render_template("accounts/sign_in_code.html", next=back, error=error), status)


@blueprint.post("/code")
@public
def try_code() -> Response:
    """A code from the app or a recovery code."""
    back, someone = local_path(request.form.get("next")), _who_is_half_way()
    if someone is None:
        return _from_the_start(back)
    redis = sources().redis
    if wait := throttle.code_wait_seconds(redis, someone.email):
        answer = _code_page(back, slowed(wait, "code").message, 429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    with begin() as db:
        typed = request.form.get("code", "")
        step = sign_in.finish(db, someone, _half(), typed, identity.arrival(), clock.now())
    if step is None:
        error = _(
            "This code is not right, or was used already. Wait for the next one, or use a recovery code."
        )
        return _code_page(back, error, 422)
    throttle.forget_codes(redis, someone.email)
    return come_in(step, back)


@blueprint.get("/set-up")
@public
def set_up() -> Response:
    back, someone = local_path(request.args.get("next")), _who_is_half_way()
    return _set_up_page(someone, back) if someone else _from_the_start(back)


def _set_up_page(someone: PersonRow, back: str, problem: Problem | None = None) -> Response:
    with begin() as db:
        seed = factor_commands.pending_seed(db, someone.id)
    if seed is None:
        return _from_the_start(back)
    page = render_template(
        "accounts/sign_in_set_up.html",
        next=back,
        error=problem.message if problem else None,
        **drawn(seed, someone.email),
    )
    return make_response(page, problem.status if problem else 200)


@blueprint.post("/set-up")
@public
def finish_set_up() -> Response:
    """The first code signs in. The recovery codes are shown this once, on the way to the pages."""
    back, someone = local_path(request.form.get("next")), _who_is_half_way()
    if someone is None:
        return _from_the_start(back)
    redis = sources().redis
    try:
        if wait := throttle.code_wait_seconds(redis, someone.email):
            raise slowed(wait, "code")
        with begin() as db:
            typed = request.form.get("code", "")
            done = sign_in.set_up(db, someone, _half(), typed, identity.arrival(), clock.now())
    except Problem as problem:
        return _set_up_page(someone, back, problem)
    if done is None:
        return _from_the_start(back)
    throttle.forget_codes(redis, someone.email)
    step, codes = done
    session.clear()
    page = render_template("accounts/recovery_codes.html", codes=codes, on=way_on(step, back))
    return identity.admit(make_response(page), step)


@blueprint.get("/password")
@public
def own_password() -> Response:
    """Whoever came in with a password that somebody else made goes no further without one of their own."""
    back = local_path(request.args.get("next"))
    with begin() as db:
        someone = sign_in.half_way(db, _half(), clock.now(), is_proven=True)
        return _password_page(someone.email, back) if someone else _from_the_start(back)


def _password_page(email: str, back: str, problem: Problem | None = None) -> Response:
    errors = problem.fields if problem else {}
    page = render_template("accounts/sign_in_password.html", email=email, next=back, errors=errors)
    return make_response(page, problem.status if problem else 200)


@blueprint.post("/password")
@public
def choose_password() -> Response:
    back, now, new = local_path(request.form.get("next")), clock.now(), request.form.get("new_password", "")
    try:
        with begin() as db:
            step = sign_in.choose_password(db, _half(), new, house_words(), identity.arrival(), now)
    except Problem as problem:
        return _password_page(request.form.get("username", ""), back, problem)
    return come_in(step, back) if step else _from_the_start(back)
