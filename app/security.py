"""The headers that every answer carries. No inline script, style or handler is allowed anywhere."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TWO_YEARS_SECONDS = 63_072_000
# Larger bodies are refused before they are read.
MAX_BODY_BYTES = 2 * 1024 * 1024
# Up to here the rest of such a body is then read and thrown away, so that its sender gets to see the answer
# and can use the connection again.
MAX_DRAINED_BYTES = 64 * 1024 * 1024
DRAIN_BYTES = 256 * 1024


def init_app(app: Flask, *, secure: bool) -> None:
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["SESSION_COOKIE_NAME"] = "control"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = secure

    @app.after_request
    def drain(response: Response) -> Response:
        length = request.content_length or 0
        if (request.max_content_length or 0) < length <= MAX_DRAINED_BYTES:
            while request.environ["wsgi.input"].read(DRAIN_BYTES):
                pass
        return response

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault(
                "Strict-Transport-Security", f"max-age={TWO_YEARS_SECONDS}; includeSubDomains"
            )
        if not request.path.startswith("/static/") and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if response.mimetype == "text/html" else "no-cache"
        return response
