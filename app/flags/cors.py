"""Browsers of other origins may ask the frontend API and OFREP: their tokens are public, their answers no
secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATHS = ("/api/frontend", "/ofrep/v1/")
HEADER_NAMES = re.compile(r"[A-Za-z0-9-]+(\s*,\s*[A-Za-z0-9-]+){0,40}")
PREFLIGHT_SECONDS = 86_400
EVERY = "*"

Headers = list[tuple[str, str]]


def is_preflight(environ: WSGIEnvironment) -> bool:
    """Asked by browsers, without a token, before a request that carries one."""
    path: str = environ["PATH_INFO"]
    return environ["REQUEST_METHOD"] == "OPTIONS" and path.startswith(PATHS)


def answer_preflight(
    origins: Iterable[str], environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    headers: Headers = [("Vary", "Origin, Access-Control-Request-Headers"), ("Content-Length", "0")]
    allowed = allow_origin(origins, environ.get("HTTP_ORIGIN"))
    if allowed is not None:
        wanted = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        headers += [
            ("Access-Control-Allow-Origin", allowed),
            ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
            ("Access-Control-Allow-Headers", wanted if HEADER_NAMES.fullmatch(wanted) else "Authorization"),
            ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
        ]
    start_response("204 No Content", headers)
    return ()


def allow_origin(origins: Iterable[str], origin: str | None) -> str | None:
    """What Access-Control-Allow-Origin says; None: nothing."""
    if EVERY in origins:
        return EVERY
    return origin if origin is not None and origin in origins else None


def open_to_origins(blueprint: Blueprint) -> None:
    @blueprint.after_request
    def allow(response: Response) -> Response:
        origins = current_app.extensions["sources"].config.flag_origins
        allowed = allow_origin(origins, request.headers.get("Origin"))
        if allowed is not None:
            response.headers["Access-Control-Allow-Origin"] = allowed
            response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.vary.add("Origin")
        return response
