"""The shop's cookies: one way of giving, reading and taking them.

Over HTTPS each carries the prefix `__Host-`: a browser takes it from this very host alone, for all its paths,
and no neighbour under the same domain can plant one. No script reads any of them.
"""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

PREFIX = "__Host-"


def name_of(name: str, *, secure: bool) -> str:
    return f"{PREFIX}{name}" if secure else name


def read(name: str) -> str:
    """What the browser was given under this name; empty where it has none."""
    return request.cookies.get(_name(name), "")


def give(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _name(name), value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=_is_secure()
    )


def take(response: Response, name: str) -> None:
    response.delete_cookie(_name(name), path="/", httponly=True, samesite="Lax", secure=_is_secure())


def _name(name: str) -> str:
    return name_of(name, secure=_is_secure())


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
