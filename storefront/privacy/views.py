"""Seeing, taking along and erasing one's own data: with an account, or as a guest by a mailed link."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from storefront import db
from storefront.cache import current_cache
from storefront.errors import Refused
from storefront.i18n import path
from storefront.orders.models import Order
from storefront.privacy import commands, mails
from storefront.privacy.export import export
from storefront.privacy.subject import Subject
from storefront.security import leave_nothing
from storefront.shopper import current_shopper
from storefront.users import sessions, throttle
from storefront.users.asking import here, too_many
from storefront.users.commands import try_password
from storefront.users.rules import normal_email
from storefront.users.strength import LONGEST_PASSWORD

blueprint = Blueprint("privacy", __name__, url_prefix="/privacy", template_folder="templates")
FILE = "my-data.json"


def _now() -> datetime:
    return datetime.now(UTC)


def _told(subject: Subject) -> dict[str, Any]:
    with db.begin() as transaction:
        return export(transaction, subject, _now())


def _own() -> Subject | None:
    person = sessions.person()
    return (
        None if person is None else Subject(user_id=person.user_id, visitors=(current_shopper().visitor_id,))
    )


def _guest() -> Subject | None:
    email = mails.address_of(request.values.get("token", ""))
    return None if email is None else Subject(guest_email=email)


@blueprint.get("")
def index() -> str:
    subject = _own()
    if subject is None:
        return render_template("privacy/ask.html", problem="", typed={})
    return render_template("privacy/data.html", told=_told(subject), person=sessions.person(), problem="")


@blueprint.get("/" + FILE)
def download() -> AnyResponse:
    subject = _own()
    return redirect(path("/account/sign-in"), 303) if subject is None else _file(subject)


@blueprint.post("/erase")
def erase() -> AnyResponse:
    subject, person = _own(), sessions.person()
    if subject is None or person is None:
        return redirect(path("/account/sign-in"), 303)
    if not throttle.may_try(current_cache(), person.email, request.remote_addr or ""):
        return _page("privacy/data.html", 429, too_many(), told=_told(subject), person=person)
    password = request.form.get("password", "")[: LONGEST_PASSWORD + 1]
    try:
        with db.begin() as transaction:
            user = try_password(transaction, person.email, password, here(), _now())
            if user is not None:
                sessions.close_all_sessions(transaction, user.id)
                commands.erase(transaction, subject, _now())
    except Refused as problem:
        return _page("privacy/data.html", 422, str(problem.message), told=_told(subject), person=person)
    if user is None:
        said = str(_("Email address or password is wrong."))
        return _page("privacy/data.html", 422, said, told=_told(subject), person=person)
    return _as_a_stranger(redirect(path("/privacy/gone"), 303))


@blueprint.post("/link")
def link() -> AnyResponse:
    """The same words whether there is such an order or not."""
    number, email = (
        request.form.get("number", "").strip().upper()[:40],
        normal_email(request.form.get("email", "")[:300]),
    )
    if not throttle.may_try(current_cache(), f"data {email}", request.remote_addr or ""):
        return _page("privacy/ask.html", 429, too_many(), typed={"number": number, "email": email})
    with db.begin() as transaction:
        wanted = sa.select(Order).where(
            Order.number == number, Order.user_id.is_(None), sa.func.lower(Order.email) == email
        )
        order = transaction.scalar(wanted) if email else None
        if order is not None:
            mails.ask(transaction, order, _now())
    return redirect(path("/privacy/sent"), 303)


@blueprint.get("/sent")
def sent() -> str:
    return render_template("privacy/sent.html")


@blueprint.get("/guest")
def guest() -> str | AnyResponse:
    subject = _guest()
    if subject is None:
        return _page("privacy/ask.html", 403, _stale_link(), typed={})
    return render_template("privacy/guest.html", told=_told(subject), token=request.args["token"], problem="")


@blueprint.get("/guest/" + FILE)
def guest_download() -> AnyResponse:
    subject = _guest()
    return _page("privacy/ask.html", 403, _stale_link(), typed={}) if subject is None else _file(subject)


@blueprint.post("/guest/erase")
def guest_erase() -> AnyResponse:
    subject = _guest()
    if subject is None:
        return _page("privacy/ask.html", 403, _stale_link(), typed={})
    try:
        with db.begin() as transaction:
            commands.erase(transaction, subject, _now())
    except Refused as problem:
        words = {"told": _told(subject), "token": request.form["token"]}
        return _page("privacy/guest.html", 422, str(problem.message), **words)
    return _as_a_stranger(redirect(path("/privacy/gone"), 303))


@blueprint.get("/gone")
def gone() -> str:
    return render_template("privacy/gone.html")


def _file(subject: Subject) -> Response:
    answer = jsonify(_told(subject))
    answer.headers["Content-Disposition"] = f'attachment; filename="{FILE}"'
    return answer


def _as_a_stranger(response: AnyResponse) -> AnyResponse:
    """The browser goes on with ids that were never seen before."""
    session.clear()
    g.shopper = replace(
        current_shopper(), visitor_id=secrets.token_hex(16), session_id=secrets.token_hex(16), user_id=None
    )
    sessions.take_cookie(response)
    leave_nothing(response)
    return response


def _page(template: str, status: int, problem: str, **words: Any) -> Response:
    return make_response(render_template(template, problem=problem, **words), status)


def _stale_link() -> str:
    return str(_("This link is older than an hour, or not whole. Ask for a new one."))
