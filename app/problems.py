"""The one place that turns a problem into an answer: problem+json, a fragment, or a page.

JSON under /api/ follows RFC 9457; its kinds are listed in app/problem_kinds.py. For htmx the answer swaps
nothing but what is out of band: a toast and a line beside each wrong field, so what was typed stays.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from app.csrf import is_csrf_error
from app.errors import Problem, Unauthenticated, Unavailable
from app.htmx import is_fragment, toast
from app.problem_kinds import KINDS, of_status, type_of

log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 10


def _wants_json() -> bool:
    return request.path.lower().startswith(("/api/", "/ofrep/", "/.well-known/"))


def _json(
    status: int, title: str, detail: str, fields: dict[str, object], kind: str, members: Mapping[str, object]
) -> Response:
    body: dict[str, object] = {
        "type": type_of(kind),
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{uuid4()}",
    }
    if fields:
        body["errors"] = [
            {"field": name, "detail": str(text)}
            | ({} if name in request.args else {"pointer": pointer(name)})
            for name, text in fields.items()
        ]
    if request.path.startswith(("/api/client", "/api/frontend")):
        body["message"] = detail  # what Unleash SDKs log
    response = jsonify(body | dict(members))
    response.status_code = status
    response.mimetype = "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        # RFC 6750, 3: only whoever sent something learns that it was not good.
        wrong = ', error="invalid_token"' if "Authorization" in request.headers else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="backroom"{wrong}'
    return response


def pointer(field: str) -> str:
    """Of a field such as strategies.0.name its JSON pointer, as the fragment of an address (RFC 6901, 6)."""
    parts = field.split(".") if field not in ("", "body") else []
    return "#" + "".join(f"/{quote(part.replace('~', '~0').replace('/', '~1'))}" for part in parts)


def _fragment(status: int, detail: str, fields: dict[str, object]) -> Response:
    response = make_response(render_template("ui/_problem.html", fields=fields, detail=detail), status)
    response.headers["HX-Reswap"] = "none"
    return toast(response, detail, state="bad")


def answer(
    status: int,
    title: str,
    detail: str,
    fields: dict[str, object] | None = None,
    kind: str = "",
    members: Mapping[str, object] | None = None,
) -> Response:
    """`kind` and `members` are for programs; pages show neither."""
    fields = fields or {}
    if _wants_json():
        response = _json(status, title, detail, fields, kind or of_status(status), members or {})
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
    response = answer(
        problem.status, problem.title, str(problem), problem.fields, problem.kind, problem.members
    )
    response.headers.update(problem.headers)
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
    usual = type(error).description  # of werkzeug, in English; whoever raised it may have said more
    is_said = isinstance(usual, str) and error.description not in (None, usual)
    detail = str(error.description) if is_said else words.get(code, error.description or error.name)
    response = answer(code, KINDS[of_status(code)].title if _wants_json() else error.name, detail)
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
