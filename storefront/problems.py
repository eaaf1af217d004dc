"""Every error becomes a page (a line for a script): what happened, what was kept, what to do."""

from __future__ import annotations

import logging

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from storefront.errors import ShopError, Unavailable

RETRY_AFTER_SECONDS = 10
log = logging.getLogger(__name__)


def handle(app: Flask) -> None:
    app.register_error_handler(ShopError, _shop_error)
    app.register_error_handler(CSRFError, _old_form)
    app.register_error_handler(HTTPException, _http_error)
    for database_error in (exc.OperationalError, exc.InterfaceError, exc.TimeoutError):
        app.register_error_handler(database_error, _database_down)
    app.register_error_handler(Exception, _unexpected)


def page(status: int, title: str, advice: str) -> Response:
    """The error page; a script that asked for a fragment gets one line to show."""
    response = make_response(_html(title, advice), status)
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _html(title: str, advice: str) -> str:
    template = "ui/_error.html" if request.headers.get("HX-Request") else "ui/error.html"
    try:
        return render_template(template, title=title, advice=advice)
    except Exception:
        # What broke the page may break its frame too, such as a navigation that cannot be read.
        log.exception("the error page cannot be shown in its frame")
        return f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(advice)}</p>"


def _shop_error(error: ShopError) -> Response:
    if isinstance(error, Unavailable):
        log.warning("a part is unavailable", extra={"part": error.part})
        return _closed_for_a_moment()
    if error.status == 404:
        return _not_found()
    return page(error.status, str(error.message), " ".join(str(text) for text in error.fields.values()))


def _database_down(error: Exception) -> Response:
    log.warning("the database cannot be asked: %s", type(error).__name__)
    return _closed_for_a_moment()


def _closed_for_a_moment() -> Response:
    return page(
        503,
        _("We need a moment"),
        _("This page cannot be shown right now. Your cart is safe. Please try again in a minute."),
    )


def _not_found() -> Response:
    return page(
        404,
        _("We could not find this page"),
        _("It may have moved, or the address has a typo. Search for it or look through our shelves."),
    )


def _old_form(_error: CSRFError) -> Response:
    return page(
        403,
        _("This form has expired"),
        _("Nothing was changed. Go back, reload the page and send the form again."),
    )


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status == 404:
        return _not_found()
    if status < 400:  # redirects that Werkzeug raises, such as for a missing slash
        return make_response(error.get_response())
    if status == 413:
        return page(413, _("That was too much at once"), _("Shorten what you typed and send it again."))
    if status == 429:
        return page(429, _("Too many tries"), _("Wait a few minutes, then try again."))
    if status < 500:
        return page(
            status, _("This did not work"), _("Nothing was changed. Go back, check your input, try again.")
        )
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected error", exc_info=error)
    return page(
        500,
        _("Something went wrong on our side"),
        _("We have been told. Nothing was charged, and your cart is safe. Please try again."),
    )
