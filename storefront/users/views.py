"""Sign-up, sign-in, sign-out, and the account page with its sessions and its trail."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, session
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from storefront import cookies, db, rates, usage
from storefront.cache import current_cache
from storefront.errors import Refused
from storefront.i18n import COOKIE, COOKIE_SECONDS, current_locale, offered, path
from storefront.security import leave_nothing
from storefront.shopper import current_shopper
from storefront.users import commands, sessions, throttle, trail
from storefront.users.asking import here, shop_words, too_many
from storefront.users.models import User
from storefront.users.rules import normal_email, read_sign_up
from storefront.users.strength import LONGEST_PASSWORD

blueprint = Blueprint("users", __name__, url_prefix="/account", template_folder="templates")


@blueprint.get("")
def account() -> str | AnyResponse:
    person = sessions.person()
    if person is None:
        return redirect(path("/account/sign-in"), 303)
    with db.begin() as transaction:
        opened = sessions.open_sessions(transaction, person.user_id, datetime.now(UTC))
        recent = trail.recent(transaction, person.user_id)
    return render_template(
        "users/account.html",
        person=person,
        opened=opened,
        is_this_one=sessions.is_this_one,
        recent=recent,
        kinds=trail.KINDS,
        is_changed="changed" in request.args,
    )


@blueprint.get("/sign-up")
def sign_up_form() -> str:
    return render_template("users/sign_up.html", wrong={}, typed={})


@blueprint.post("/sign-up")
def sign_up() -> AnyResponse:
    wished = normal_email(request.form.get("email", "")[:300])
    if not throttle.may_try(current_cache(), f"sign-up {wished}", request.remote_addr or ""):
        return _page("users/sign_up.html", 429, too_many())
    shopper, now = current_shopper(), datetime.now(UTC)
    try:
        wish = read_sign_up(request.form, shop_words())
        with db.begin() as transaction:
            user = commands.sign_up(transaction, wish, shopper, cookies.read(rates.COOKIE) or None, now)
            trail.note(transaction, user.id, trail.SIGNED_UP, here(), now)
            token = sessions.open_session(transaction, user, here(), now)
            _bring_along(transaction, user)
    except Refused as problem:
        return _page("users/sign_up.html", 422, str(problem.message), problem.fields)
    usage.record("sign_up", shopper)
    return _welcome(token, user)


@blueprint.get("/sign-in")
def sign_in_form() -> str:
    return render_template("users/sign_in.html", wrong={}, typed={}, is_chosen="chosen" in request.args)


@blueprint.post("/sign-in")
def sign_in() -> AnyResponse:
    email, now = normal_email(request.form.get("email", "")[:300]), datetime.now(UTC)
    password = request.form.get("password", "")[: LONGEST_PASSWORD + 1]
    if not throttle.may_try(current_cache(), email, request.remote_addr or ""):
        return _page("users/sign_in.html", 429, too_many())
    with db.begin() as transaction:
        user = commands.try_password(transaction, email, password, here(), now)
        if user is not None:
            trail.note(transaction, user.id, trail.SIGNED_IN, here(), now)
            token = sessions.open_session(transaction, user, here(), now)
            _bring_along(transaction, user)
    if user is None:
        return _page("users/sign_in.html", 422, str(_("Email address or password is wrong.")))
    throttle.succeeded(current_cache(), email)
    usage.record("sign_in", current_shopper())
    return _welcome(token, user)


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    token = cookies.read(sessions.COOKIE)
    person = sessions.person()
    with db.begin() as transaction:
        if person is not None and request.form.get("everywhere"):
            sessions.close_all_sessions(transaction, person.user_id)
        sessions.close_session(transaction, token)
    session.clear()
    response = redirect(path("/"), 303)
    sessions.take_cookie(response)
    leave_nothing(response)
    return response


def _bring_along(transaction: Session, user: User) -> None:
    commands.bring_along(
        transaction, current_app.extensions["at_sign_in"], current_shopper().visitor_id, user.id
    )


def _welcome(token: str, user: User) -> AnyResponse:
    """To the account page, with a new form token: one that was known before the sign-in is worth nothing.

    Language, country and currency are those that the account kept.
    """
    session.clear()
    locale = user.locale if user.locale in offered() else current_locale()
    response = redirect(f"/{locale}/account", 303)
    sessions.give_cookie(response, token)
    for name, kept in ((COOKIE, locale), ("country", user.country), (rates.COOKIE, user.currency)):
        if kept:
            cookies.give(response, name, kept, COOKIE_SECONDS)
    return response


def _page(template: str, status: int, problem: str, wrong: dict[str, object] | None = None) -> Response:
    typed = {name: request.form.get(name, "")[:300] for name in ("name", "email")}
    html = render_template(template, problem=problem, wrong=wrong or {}, typed=typed, is_chosen=False)
    return make_response(html, status)
