"""Every write from a browser carries a token bound to the session. Machines with a bearer token need none."""

from __future__ import annotations

from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from app.guards import token

protect = CSRFProtect()


def csrf_field() -> Markup:
    """The hidden input of a form."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def init_app(app: Flask) -> None:
    """Register after the guards: they say whether a machine's token came with the request."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session
    app.config["WTF_CSRF_SSL_STRICT"] = app.config["SESSION_COOKIE_SECURE"]
    protect.init_app(app)

    @app.before_request
    def check() -> None:
        if request.endpoint is None or token() is not None or _is_exempt(app):
            return
        protect.protect()

    app.jinja_env.globals["csrf_field"] = csrf_field


def _is_exempt(app: Flask) -> bool:
    """Routes that prove themselves by another secret (the alert webhook) are marked `csrf_exempt`."""
    return bool(getattr(app.view_functions[request.endpoint or ""], "csrf_exempt", False))


def is_csrf_error(error: HTTPException) -> bool:
    return isinstance(error, CSRFError)
