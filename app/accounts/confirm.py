"""Asks again who one is, before what is dangerous: routes that are marked `confirmed` (app/guards.py).

What was typed is not lost. A plain form comes back as a page that holds all of its fields and goes where it
was going once the password fits; htmx gets a dialog over the page that stays open; a program gets a 403 of a
type of its own. A session is fresh for ten minutes after a password or code, under a new cookie.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.accounts import credentials, factor_commands, identity, sign_in, throttle
from app.db import begin
from app.errors import Problem, Refused, Slowed, Unconfirmed
from app.guards import Person, is_dangerous, person
from app.htmx import is_fragment
from app.sources import sources

FRESH = timedelta(minutes=10)
PASSWORD, CODE = "confirm_password", "confirm_code"
DIALOG = "#confirm"  # the place in the layout that the dialog is put into


def is_fresh(someone: Person, now: datetime) -> bool:
    return someone.confirmed_at is not None and now - someone.confirmed_at < FRESH


def prove(someone: Person, password: str, code: str) -> None:
    """Raises `Refused` or `Slowed`; afterwards the answer carries the session's new cookie."""
    slow_down(someone, PASSWORD)
    # Whoever comes by an access token has no cookie; the browser that it belongs to keeps its own.
    cookie = "" if "Authorization" in request.headers else credentials.new_cookie()
    with begin() as db:
        is_right = sign_in.say_again(
            db, someone.id, identity.session_id(), password, code, cookie, clock.now()
        )
    if not is_right:
        wrong = _l("This is not right. Nothing was done yet; what you typed is kept.")
        raise Refused(wrong, {CODE if code else PASSWORD: wrong})
    calm_down(someone)
    g.renewed_cookie = cookie


def slow_down(someone: Person, field: str = "old_password") -> None:
    """Who holds somebody's browser cannot guess on in it either. Counts one try; raises `Slowed`."""
    if wait := throttle.code_wait_seconds(sources().redis, someone.email):
        raise slowed(wait, field)


def calm_down(someone: Person) -> None:
    """After what was right the tries start anew."""
    throttle.forget_codes(sources().redis, someone.email)


def slowed(wait_seconds: int, field: str) -> Slowed:
    minutes = -(-wait_seconds // 60)
    text = _l("Too many tries. Wait %(minutes)s min, then try again.", minutes=minutes)
    return Slowed(text, wait_seconds, {field: text})


def check() -> Response | None:
    """Before the view: goes on, or asks."""
    someone = person()
    if someone is None or request.endpoint is None or not is_dangerous(request.endpoint):
        return None
    if is_fresh(someone, clock.now()):
        return None
    if request.form.get(PASSWORD) or request.form.get(CODE):
        return _try(someone)
    if request.path.startswith("/api/"):
        raise Unconfirmed(
            _l("Confirm first that it is you: POST /api/v1/me/confirmation with your password or a code.")
        )
    return _dialog(someone) if is_fragment() else page(someone)


def _try(someone: Person) -> Response | None:
    try:
        prove(someone, request.form.get(PASSWORD, ""), request.form.get(CODE, ""))
    except (Refused, Slowed) as problem:
        return page(someone, problem)
    return None


def _dialog(someone: Person) -> Response:
    answer = make_response(render_template("accounts/_confirm.html", has_factor=_has_factor(someone)), 403)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = DIALOG, "innerHTML"
    return answer


def page(someone: Person, problem: Problem | None = None, back: str = "") -> Response:
    """A form to where the request was going, with all that it brought. `back`: where reading goes on."""
    is_form = request.method == "POST" and not back
    brought = [(name, value) for name, value in request.form.items(multi=True) if name not in OWN]
    page = render_template(
        "accounts/confirm.html",
        has_factor=_has_factor(someone),
        action=request.full_path.rstrip("?") if is_form else url_for("confirm.confirm"),
        fields=brought if is_form else [("next", back or request.full_path.rstrip("?"))],
        has_files=bool(request.files),
        errors=problem.fields if problem else {},
        detail=str(problem) if problem else _("What you are about to do is dangerous in the wrong hands."),
    )
    answer = make_response(page, problem.status if problem else 200 if back else 403)
    if isinstance(problem, Slowed):
        answer.headers["Retry-After"] = str(problem.wait_seconds)
    return answer


OWN = (PASSWORD, CODE, "csrf_token")


def _has_factor(someone: Person) -> bool:
    with begin() as db:
        return factor_commands.since(db, someone.id) is not None


def renew(response: Response) -> Response:
    """The new cookie of a session that was confirmed in this request."""
    cookie: str | None = g.pop("renewed_cookie", None)
    return identity.remember(response, cookie) if cookie else response


def init_app(app: Flask) -> None:
    """Register after the guards and the form tokens: strangers are asked nothing."""
    app.before_request(check)
    app.after_request(renew)
