"""The one place that turns a problem into an answer: problem+json, a fragment, or a page.

JSON under /api/ follows RFC 9457. For htmx the answer swaps nothing but what is out of band: a toast and
a line beside each wrong field, so what was typed stays.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from app.csrf import is_csrf_error
from app.errors import Problem, Slowed, Unauthenticated, Unavailable
from app.htmx import is_fragment, toast

log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 10


def _wants_json() -> bool:
    return request.path.startswith(("/api/", "/ofrep/"))


def _json(status: int, title: str, detail: str, fields: dict[str, object], kind: str) -> Response:
    body: dict[str, object] = {"type": kind, "title": title, "status": status, "detail": detail}
    if fields:
        body["errors"] = [{"field": name, "detail": str(text)} for name, text in fields.items()]
    if request.path.startswith(("/api/client", "/api/frontend")):
        body["message"] = detail  # what Unleash SDKs log
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _fragment(status: int, detail: str, fields: dict[str, object]) -> Response:
    response = make_response(render_template("ui/_problem.html", fields=fields, detail=detail), status)
    response.headers["HX-Reswap"] = "none"
    return toast(response, detail, state="bad")


def answer(
    status: int, title: str, detail: str, fields: dict[str, object] | None = None, kind: str = "about:blank"
) -> Response:
    fields = fields or {}
    if _wants_json():
        response = _json(status, title, detail, fields, kind)
    elif is_fragment():
        response = _fragment(status, detail, fields)
    else:
        page = render_template("ui/problem.html", status=status, title=title, detail=detail, fields=fields)
        response = make_response(page, status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _sign_in() -> Response:
    """To the sign-in page and back again."""
    url = url_for("accounts.sign_in", next=_open_page())
    if is_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, code=303))


def _open_page() -> str:
    """What the reader has open: the page that sent a fragment's request, where what was typed is kept."""
    if is_fragment():
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        return urlunsplit(("", "", page.path or "/", page.query, ""))
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def on_problem(problem: Problem) -> Response:
    if isinstance(problem, Unauthenticated) and not _wants_json():
        return _sign_in()
    if isinstance(problem, Unavailable):
        log.warning("unavailable: %s", problem.dependency)
    response = answer(problem.status, problem.title, str(problem), problem.fields, problem.type)
    if isinstance(problem, Slowed):
        response.headers["Retry-After"] = str(problem.wait_seconds)
    return response


def on_http(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    words = {
        400: _("This request is not one that can be understood."),
        404: _("There is no such page."),
        405: _("This address does not take that kind of request."),
        413: _("This is more than can be taken at once."),
        429: _("Too many tries. Wait a moment, then try again."),
    }
    if is_csrf_error(error):
        detail = _("The page was open for too long or in another session. Reload it and try again.")
        return answer(403, "Not allowed", detail)
    response = answer(code, error.name, words.get(code, error.description or error.name))
    for name, value in error.get_headers():
        if name.lower() in ("retry-after", "allow"):
            response.headers[name] = value
    return response


def on_database(error: Exception) -> Response:
    """A database that went away in mid-request, outside of a view's transaction."""
    log.warning("PostgreSQL does not answer: %s", error.__class__.__name__)
    detail = _("The database does not answer. Nothing was changed; try again in a moment.")
    return answer(503, "Not available at the moment", detail)


def on_anything(error: Exception) -> Response:
    log.exception("unhandled error on %s", request.path)
    detail = _("Something broke on our side. It is in the log; nothing that you typed was stored.")
    return answer(500, "Internal error", detail)


def init_app(app: Flask) -> None:
    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(OperationalError, on_database)
    app.register_error_handler(InterfaceError, on_database)
    app.register_error_handler(Exception, on_anything)
