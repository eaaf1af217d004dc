"""What every answer carries so that a browser refuses what the shop did not send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from storefront import cookies
from storefront.padding import padded, plain


class Protect(CSRFProtect):  # type: ignore[misc] # flask_wtf has no types
    """Its tokens are written otherwise in each answer."""

    def _get_csrf_token(self) -> str | None:
        sent = super()._get_csrf_token()
        return plain(sent) if sent else None


csrf = Protect()
blueprint = Blueprint("security", __name__)
GOOD_FOR = timedelta(days=180)  # of security.txt

# Structured data (application/ld+json) is data, not script: the policy does not concern it.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "report-to policy",
        "report-uri /policy-violations",  # for browsers that know no report-to
    )
)

BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}  # a year
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Reporting-Endpoints": 'policy="/policy-violations"',
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

# Pages that show what belongs to one person: nothing between the shop and the browser may keep them.
PRIVATE = frozenset(
    {"cart", "orders", "checkout", "users", "passwords", "sessions", "payments", "preferences", "privacy"}
)


@blueprint.get("/.well-known/security.txt")
def security_txt() -> Response:
    """Where to report a weakness (RFC 9116). It ends by itself, so that an abandoned one is not believed."""
    contact: str = current_app.config["SECURITY_CONTACT"]
    if not contact:
        abort(404)
    ends = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + GOOD_FOR
    lines = [f"Contact: {contact}", f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en"]
    lines += [f"Canonical: {current_app.config['SHOP_URL']}/.well-known/security.txt"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def protect(app: Flask, *, secure_cookies: bool) -> None:
    app.config.update(
        SESSION_COOKIE_NAME=cookies.name_of("form", secure=secure_cookies),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,  # a page may lie open for days; the token dies with the browser's session
        WTF_CSRF_SSL_STRICT=False,  # the token suffices, and privacy tools drop the Referer header
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        MAX_FORM_PARTS=100,
    )
    app.jinja_env.globals["is_private"] = is_private
    app.before_request(_refuse_what_no_text_holds)
    csrf.init_app(app)
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.context_processor(lambda: {"csrf_token": csrf_token})  # flask_wtf's own would win
    app.after_request(_harden)


def csrf_token() -> str:
    """The same in all of one answer."""
    if "padded_csrf_token" not in g:
        g.padded_csrf_token = padded(generate_csrf())
    token: str = g.padded_csrf_token
    return token


def is_private() -> bool:
    """Whether this page belongs to one person."""
    return request.blueprint in PRIVATE


def leave_nothing(response: AnyResponse) -> None:
    """After a sign-out: the browser forgets the pages that it keeps, and what scripts kept."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def _refuse_what_no_text_holds() -> None:
    """The character NUL: no text of the database holds it, and nobody can type it."""
    if "\x00" in request.path:
        abort(404)
    if any("\x00" in value for value in request.values.values()):
        abort(400)


def _harden(response: Response) -> Response:
    is_secure = request.is_secure or current_app.config["SESSION_COOKIE_SECURE"]
    for name, value in (HEADERS | (BY_HTTPS if is_secure else {})).items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if is_private() else "private, no-cache"
    return response
