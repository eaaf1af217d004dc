"""Ending the session of another browser: the password is asked for, so that nobody does it in passing."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from storefront import db
from storefront.cache import current_cache
from storefront.i18n import path
from storefront.users import commands, sessions, throttle
from storefront.users.asking import here, too_many, wrong_present
from storefront.users.models import UserSession
from storefront.users.sessions import SignedIn
from storefront.users.strength import LONGEST_PASSWORD

blueprint = Blueprint("sessions", __name__, url_prefix="/account/sessions", template_folder="templates")


@blueprint.get("/<int:number>/end")
def end_form(number: int) -> Response:
    person = sessions.person()
    one = _one(person, number)
    return _back() if person is None or one is None else _page(person, one)


@blueprint.post("/<int:number>/end")
def end(number: int) -> Response:
    person, now = sessions.person(), datetime.now(UTC)
    one = _one(person, number)
    if person is None or one is None:
        return _back()
    if not throttle.may_try(current_cache(), person.email, request.remote_addr or ""):
        return _page(person, one, 429, too_many())
    password = request.form.get("present", "")[: LONGEST_PASSWORD + 1]
    with db.begin() as transaction:
        user = commands.try_password(transaction, person.email, password, here(), now)
        if user is not None:
            sessions.close_one_session(transaction, user.id, number)
    if user is None:
        return _page(person, one, 422, wrong_present())
    throttle.succeeded(current_cache(), person.email)
    return _back()


def _one(person: SignedIn | None, number: int) -> UserSession | None:
    """None: ended meanwhile, or somebody else's."""
    if person is None:
        return None
    with db.begin() as transaction:
        opened = sessions.open_sessions(transaction, person.user_id, datetime.now(UTC))
    return next((row for row in opened if row.id == number), None)


def _page(person: SignedIn, one: UserSession, status: int = 200, wrong: str = "") -> Response:
    page = render_template("users/end_session.html", person=person, one=one, wrong=wrong)
    return make_response(page, status)


def _back() -> Response:
    return redirect(path("/account"), 303)
