"""The headers that every answer carries. No inline script, style or handler is allowed anywhere."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import gettext as _

from app import clock
from app.errors import NotFound
from app.guards import public

blueprint = Blueprint("security", __name__)

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
        "report-to policy",
        "report-uri /policy-violations",  # for browsers that know no report-to
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Reporting-Endpoints": 'policy="/policy-violations"',
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
BY_HTTPS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}  # two years
MAX_FORM_PARTS = 1_000
GOOD_FOR = timedelta(days=180)  # of security.txt
# Larger bodies are refused before they are read.
MAX_BODY_BYTES = 2 * 1024 * 1024
# Up to here the rest of such a body is then read and thrown away, so that its sender gets to see the answer
# and can use the connection again.
MAX_DRAINED_BYTES = 64 * 1024 * 1024
DRAIN_BYTES = 256 * 1024


@blueprint.get("/.well-known/security.txt")
@public
def security_txt() -> Response:
    """Where to report a weakness (RFC 9116). It ends by itself, so that an abandoned one is not believed."""
    contact: str = current_app.config["SECURITY_CONTACT"]
    if not contact:
        raise NotFound(_("There is no such page."))
    ends = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + GOOD_FOR
    lines = [f"Contact: {contact}", f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en"]
    lines += [f"Canonical: {current_app.config['CONTROL_URL']}/.well-known/security.txt"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def init_app(app: Flask, *, secure: bool) -> None:
    """`secure`: people come by HTTPS alone."""
    app.register_blueprint(blueprint)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.config["SESSION_COOKIE_NAME"] = "__Host-control" if secure else "control"
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
        for name, value in (HEADERS | (BY_HTTPS if secure else {})).items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/") and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if _is_for_one_person(response) else "no-cache"
        return response


def _is_for_one_person(response: Response) -> bool:
    """Pages, and files that are taken along."""
    return response.mimetype == "text/html" or "Content-Disposition" in response.headers
