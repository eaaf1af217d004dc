"""Forms that work without JavaScript, and fragments where htmx asks. Covers the gaps of htmx-flask."""

from __future__ import annotations

import json

from flask import Flask, Response, flash, get_flashed_messages, make_response, redirect
from htmx_flask import Htmx, request


def is_fragment() -> bool:
    """htmx wants a part of a page: neither a boosted link nor a restore of history, which want the whole."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def template(part: str, page: str) -> str:
    """The part where htmx wants one, otherwise the page that it stands on."""
    return part if is_fragment() else page


def toast(response: Response, message: object, *, state: str = "ok", undo: str | None = None) -> Response:
    """Show a short message with the response. `undo`: URL that a button posts to."""
    told: dict[str, str] = {"message": str(message), "state": state}
    if undo:
        told["undo"] = undo
    response.headers["HX-Trigger"] = json.dumps({"toast": told})
    return response


def done(url: str, message: object = "", *, undo: str | None = None) -> Response:
    """After a write: back to the page at `url`, which shows the message once (and the undo button)."""
    if message:
        flash(json.dumps({"message": str(message), "state": "ok", "undo": undo or ""}), "toast")
    if not is_fragment():
        return make_response(redirect(url, code=303))
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def toasts() -> list[dict[str, str]]:
    """What `done` left for the next page: message, state and undo, each shown once."""
    return [json.loads(str(text)) for text in get_flashed_messages(category_filter=["toast"])]


def init_app(app: Flask) -> None:
    Htmx(app)
    app.jinja_env.globals["toasts"] = toasts

    @app.after_request
    def vary(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.vary.add("HX-Request")
        return response
