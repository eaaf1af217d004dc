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
from markupsafe import escape
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from app import logs
from app.csrf import is_csrf_error
from app.errors import Problem, Unauthenticated, Unavailable
from app.htmx import is_fragment, toast
from app.problem_kinds import KINDS, of_status, type_of

log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 10
BARE = (
    "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>{title}</title><h1>{title}</h1><p>{detail}</p><p>{advice}</p><p><code>{shown_id}</code></p>"
    "<p><a href='/'>Backroom</a></p>"
)


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
        "instance": f"urn:backroom:request:{logs.request_id() or uuid4()}",
        **{name: value for name, value in ids().items() if value},
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


def ids() -> dict[str, str]:
    """Under which logs, the errors page and traces speak of this request; empty where it has none."""
    return {"request_id": logs.request_id(), "trace_id": logs.trace_id()}


def shown_id() -> str:
    """The one that a person is told, who may pass it on; the errors page finds either."""
    return logs.trace_id() or logs.request_id()


def _fragment(status: int, detail: str, fields: dict[str, object]) -> Response:
    response = make_response(render_template("ui/_problem.html", fields=fields, detail=detail), status)
    response.headers["HX-Reswap"] = "none"
    if status >= 500 and shown_id():
        detail = _("%(what)s It is known as %(id)s.", what=detail, id=shown_id())
    return toast(response, detail, state="bad")


def _page(status: int, detail: str, fields: dict[str, object]) -> Response:
    """What broke the page may break its frame too: then the words alone."""
    title, advice = _title(status), _advice(status)
    known = {"status": status, "title": title, "detail": detail, "advice": advice, "shown_id": shown_id()}
    try:
        return make_response(render_template("ui/problem.html", **known, fields=fields), status)
    except Exception:
        log.exception("the page of a problem cannot be shown in its frame")
        return Response(BARE.format(**{name: escape(str(value)) for name, value in known.items()}), status)


def _title(status: int) -> str:
    titles = {
        400: _("This request cannot be understood"),
        403: _("You may not do this"),
        404: _("There is no such page"),
        405: _("This cannot be done here"),
        409: _("Somebody else was faster"),
        412: _("Somebody else was faster"),
        413: _("This is too much at once"),
        414: _("This address is too long"),
        415: _("This kind of content is not taken"),
        422: _("Something is not right yet"),
        429: _("Too many tries"),
        503: _("Not available at the moment"),
    }
    usual = _("Something broke on our side") if status >= 500 else _("This did not work")
    return str(titles.get(status, usual))


def _advice(status: int) -> str:
    """What was kept, and what to do next."""
    advice = {
        403: _("Nothing was changed. An admin can see who may do this, and change your role."),
        404: _("It may have been renamed or archived. Look for it on the page that lists it, or search."),
        409: _(
            "Nothing was overwritten. Go back, reload the page to see what is there now, and decide again."
        ),
        412: _(
            "Nothing was overwritten. Go back, reload the page to see what is there now, and decide again."
        ),
        413: _("Nothing was saved. Send it in smaller parts."),
        422: _("Nothing was saved. Go back: what you typed is still there; mend it and send it again."),
        429: _("Nothing was changed. Wait a few minutes, then try again."),
        500: _("Nothing of this request was saved. Try again; if it happens again, pass on the id below."),
        503: _("Nothing was lost. Try again in a few seconds; the health of each part is on the overview."),
    }
    return str(advice.get(status, _("Nothing was changed. Go back and try another way.")))


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
        response = _page(status, detail, fields)
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
        414: _("The address that was asked for is longer than any of ours."),
        415: _("The content that was sent is of a kind that is not taken here."),
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
    log.exception("unhandled error")
    detail = _("Something broke on our side. It is on the errors page; nothing that you typed was stored.")
    return answer(500, "Internal error", detail)


def init_app(app: Flask) -> None:
    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(OperationalError, on_database)
    app.register_error_handler(InterfaceError, on_database)
    app.register_error_handler(Exception, on_anything)
