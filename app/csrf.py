"""Every write from a browser carries a token bound to the session. Who sends a token needs none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from app import guards
from app.padding import padded, plain


class Protect(CSRFProtect):  # type: ignore[misc] # flask_wtf has no types
    """Its tokens are written otherwise in each answer."""

    def _get_csrf_token(self) -> str | None:
        sent = super()._get_csrf_token()
        return plain(sent) if sent else None


protect = Protect()
View = TypeVar("View", bound=Callable[..., object])


def csrf_exempt(view: View) -> View:
    """For routes that prove themselves by another secret than the cookie."""
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


def csrf_token() -> str:
    """The same in all of one answer."""
    if "padded_csrf_token" not in g:
        g.padded_csrf_token = padded(generate_csrf())
    token: str = g.padded_csrf_token
    return token


def csrf_field() -> Markup:
    """The hidden input of a form."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token())


def init_app(app: Flask) -> None:
    """Register after the guards: whoever an Authorization header named is known by that alone.

    No other site can have such a header sent. One that names nobody excuses from nothing: the cookies of
    half a sign-in, or of a session beside an empty header, still count.
    """
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session
    app.config["WTF_CSRF_SSL_STRICT"] = app.config["SESSION_COOKIE_SECURE"]
    protect.init_app(app)

    @app.before_request
    def check() -> None:
        if request.endpoint is None or _is_named_by_header() or _is_exempt(app):
            return
        protect.protect()

    app.jinja_env.globals.update(csrf_field=csrf_field, csrf_token=csrf_token)
    app.context_processor(lambda: {"csrf_token": csrf_token})  # flask_wtf's own would win


def _is_named_by_header() -> bool:
    named = guards.person() is not None or guards.token() is not None
    return named and request.headers.get("Authorization", "") != ""


def _is_exempt(app: Flask) -> bool:
    return bool(getattr(app.view_functions[request.endpoint or ""], "csrf_exempt", False))


def is_csrf_error(error: HTTPException) -> bool:
    return isinstance(error, CSRFError)
