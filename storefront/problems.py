"""Every error becomes a page (a line for a script): what happened, what was kept, what to do."""

from __future__ import annotations

import logging

from flask import Flask, Response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from storefront import logs
from storefront.errors import ShopError, Unavailable

RETRY_AFTER_SECONDS = 10
BARE = (
    "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>{title}</title><h1>{title}</h1><p>{advice}</p><p><code>{shown_id}</code></p>"
    "<p><a href='/'>Hearth &amp; Ladle</a></p>"
)
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
    response = Response(_html(status, title, advice), status)
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _html(status: int, title: str, advice: str) -> str:
    known = {"shown_id": logs.trace_id() or logs.request_id(), "status": status}
    try:
        return render_template(_template(), title=title, advice=advice, **known)
    except Exception:
        # What broke the page may break its frame too, such as a navigation that cannot be read.
        log.exception("the error page cannot be shown in its frame")
        return BARE.format(title=escape(title), advice=escape(advice), shown_id=escape(known["shown_id"]))


def _template() -> str:
    return "ui/_error.html" if request.headers.get("HX-Request") else "ui/error.html"


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


def _http_error(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status == 404:
        return _not_found()
    if status < 400:  # redirects that Werkzeug raises, such as for a missing slash
        return error.get_response()
    if status == 503:
        return _closed_for_a_moment()
    if (words := _words(status)) is not None:
        return page(status, *words)
    if status < 500:
        return page(
            status, _("This did not work"), _("Nothing was changed. Go back, check your input, try again.")
        )
    return _unexpected(error)


def _words(status: int) -> tuple[str, str] | None:
    """A title, and what was kept and what to do next."""
    words = {
        403: (
            _("This is not yours to open"),
            _("Nothing was changed. Sign in with the account that it belongs to."),
        ),
        405: (
            _("This page cannot do that"),
            _("Nothing was changed. Go back and use the buttons on the page; your cart is as it was."),
        ),
        413: (_("That was too much at once"), _("Shorten what you typed and send it again.")),
        414: (_("This address is too long"), _("Nothing was changed. Shorten what you looked for.")),
        415: (
            _("We cannot read what was sent"),
            _("Nothing was changed. Go back, reload the page and send the form again."),
        ),
        429: (_("Too many tries"), _("Wait a few minutes, then try again.")),
    }
    return words.get(status)


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected error", exc_info=error)
    return page(
        500,
        _("Something went wrong on our side"),
        _("We have been told. Nothing was charged, and your cart is safe. Please try again."),
    )
