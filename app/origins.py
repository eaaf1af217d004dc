"""Browsers of other origins and the API: none but those of API_ORIGINS, and never with a cookie."""

from __future__ import annotations

from flask import Flask, Response, request

from app.sources import sources
from app.versions import is_api

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
TAKEN = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
SHOWN = (
    "API-Version, Deprecation, ETag, Idempotency-Replayed, Link, Location, "
    "RateLimit, RateLimit-Policy, Retry-After, Sunset"
)
PREFLIGHT_SECONDS = 3_600


def _allowed() -> str | None:
    """What Access-Control-Allow-Origin says; None: nothing, so that a browser keeps the answer to itself."""
    origins, origin = sources().config.api_origins, request.headers.get("Origin")
    if origin is None:
        return None
    return origin if "*" in origins or origin in origins else None


def _is_preflight() -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def init_app(app: Flask) -> None:
    """Register before the guards: a preflight carries no token."""

    @app.before_request
    def answer_preflight() -> Response | None:
        return Response(status=204) if is_api() and _is_preflight() else None

    @app.after_request
    def open_to_origins(response: Response) -> Response:
        if not is_api():
            return response
        response.vary.add("Origin")
        if (origin := _allowed()) is None:
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = SHOWN
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if _is_preflight():
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = TAKEN
            response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return response
