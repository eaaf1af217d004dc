"""Changing one's password, and choosing a forgotten one anew by a mailed link.

The address of the last page holds a secret: it is told to no other site and kept in no cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, redirect, render_template, request, session
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from storefront import db
from storefront.cache import current_cache
from storefront.errors import Refused
from storefront.i18n import path
from storefront.security import leave_nothing
from storefront.users import commands, password_links, sessions, throttle
from storefront.users.asking import here, shop_words, too_many, wrong_present
from storefront.users.models import User
from storefront.users.rules import normal_email, read_new_password
from storefront.users.strength import LONGEST_PASSWORD

blueprint = Blueprint("passwords", __name__, url_prefix="/account", template_folder="templates")


@blueprint.after_request
def tell_nobody(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/password")
def change_form() -> str | AnyResponse:
    person = sessions.person()
    if person is None:
        return redirect(path("/account/sign-in"), 303)
    return render_template("users/password.html", person=person, problem="", wrong={})


@blueprint.post("/password")
def change() -> AnyResponse:
    person, now = sessions.person(), datetime.now(UTC)
    if person is None:
        return redirect(path("/account/sign-in"), 303)
    if not throttle.may_try(current_cache(), person.email, request.remote_addr or ""):
        return _page("users/password.html", 429, too_many(), person=person)
    present = request.form.get("present", "")[: LONGEST_PASSWORD + 1]
    try:
        with db.begin() as transaction:
            user = commands.try_password(transaction, person.email, present, here(), now)
            token = None if user is None else _changed(transaction, user, now)
    except Refused as problem:
        return _page("users/password.html", 422, str(problem.message), problem.fields, person=person)
    if token is None:
        said = str(_("Please check the fields marked below."))
        wrong = {"present": wrong_present()}
        return _page("users/password.html", 422, said, wrong, person=person)
    throttle.succeeded(current_cache(), person.email)
    session.clear()
    response = redirect(path("/account?changed=1"), 303)
    sessions.give_cookie(response, token)
    return response


def _changed(transaction: Session, user: User, now: datetime) -> str:
    new = read_new_password(request.form, user.email, user.name, shop_words())
    return commands.change_password(transaction, user, new, here(), now)


@blueprint.get("/forgotten")
def forgotten() -> str:
    return render_template("users/forgotten.html", problem="", email="")


@blueprint.post("/forgotten")
def ask() -> AnyResponse:
    """The same words and the same work for every address; the worker finds out whose it is."""
    email = normal_email(request.form.get("email", "")[:300])
    if not throttle.may_try(current_cache(), email, request.remote_addr or "", "link"):
        return _page("users/forgotten.html", 429, too_many(), email=email)
    with db.begin() as transaction:
        user_id = transaction.scalar(sa.select(User.id).where(User.email == email))
        password_links.ask(transaction, user_id, here(), datetime.now(UTC))
    return redirect(path("/account/forgotten/sent"), 303)


@blueprint.get("/forgotten/sent")
def sent() -> str:
    return render_template("users/link_sent.html")


@blueprint.get("/new-password")
def new_form() -> AnyResponse:
    """Looking at it uses nothing up: machines read mails too."""
    link = request.args.get("token", "")
    with db.begin() as transaction:
        found = password_links.by_link(transaction, link, datetime.now(UTC))
        email = found[1].email if found else ""
    return _new_page(200, link, email) if found else _stale()


@blueprint.post("/new-password")
def choose() -> AnyResponse:
    link, now, email = request.form.get("token", ""), datetime.now(UTC), ""
    try:
        with db.begin() as transaction:
            found = password_links.by_link(transaction, link, now)
            if found is None:
                return _stale()
            row, user = found
            email = user.email
            new = read_new_password(request.form, email, user.name, shop_words())
            commands.use_link(transaction, row, user, new, here(), now)
    except Refused as problem:
        return _new_page(422, link, email, problem)
    throttle.succeeded(current_cache(), email)
    session.clear()
    response = redirect(path("/account/sign-in?chosen=1"), 303)
    sessions.take_cookie(response)
    leave_nothing(response)
    return response


def _new_page(status: int, link: str, email: str, problem: Refused | None = None) -> Response:
    said, wrong = (str(problem.message), problem.fields) if problem else ("", {})
    return _page("users/new_password.html", status, said, wrong, token=link, email=email)


def _stale() -> Response:
    """Used, ended, replaced or never made: the same words for all, which say what to do."""
    said = _("This link was used, has ended or is not whole. Ask for a new one.")
    return _page("users/forgotten.html", 410, said, email="")


def _page(
    template: str, status: int, problem: str, wrong: Mapping[str, object] | None = None, **words: Any
) -> Response:
    return make_response(render_template(template, problem=problem, wrong=wrong or {}, **words), status)
