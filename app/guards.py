"""Who may do what. Every route carries exactly one of `requires`, `requires_token` or `public`.

A route without a guard is refused for everybody, so a forgotten one shows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from flask import Flask, current_app, g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.errors import Forbidden, Unauthenticated

PERMISSIONS = (
    "view",
    "flags.write",
    "rollouts.write",
    "experiments.write",
    "slo.write",
    "alerts.write",
    "incidents.write",
    "locales.write",
    "locales.publish",
    "kpi.write",
    "cost.write",
    "jobs.run",
    "audit.view",
    "accounts.manage",
    "flags.approve",
    "locales.manage",
    "reports.write",
)

ROLES: dict[str, frozenset[str]] = {
    "viewer": frozenset({"view"}),
    "product_manager": frozenset(
        {
            "view",
            "audit.view",
            "flags.write",
            "flags.approve",
            "rollouts.write",
            "experiments.write",
            "kpi.write",
            "cost.write",
            "locales.manage",
            "reports.write",
        }
    ),
    "ops": frozenset(
        {
            "view",
            "audit.view",
            "flags.write",
            "flags.approve",
            "rollouts.write",
            "slo.write",
            "alerts.write",
            "incidents.write",
            "jobs.run",
            "reports.write",
        }
    ),
    "translator": frozenset({"view", "locales.write", "locales.publish"}),
    "admin": frozenset(PERMISSIONS),
}

ROLE_NAMES = {
    "viewer": _l("Viewer"),
    "product_manager": _l("Product manager"),
    "ops": _l("Ops"),
    "translator": _l("Translator"),
    "admin": _l("Admin"),
}

TOKENS_CHANNEL = "backroom_tokens"  # told by PostgreSQL when a write of tokens is committed

TokenKind = Literal["client", "frontend", "api"]


@dataclass(frozen=True)
class Person:
    id: int
    email: str
    name: str
    role: str
    locale: str | None  # language of the pages; None: what the browser asks for
    theme: str | None  # light, dark; None: what the system says

    def may(self, permission: str) -> bool:
        return permission in ROLES.get(self.role, frozenset())


@dataclass(frozen=True)
class Token:
    id: int
    kind: TokenKind
    name: str
    environment: str
    role: str | None  # of an api token: what it may do
    projects: tuple[str, ...] = ()  # whose flags an SDK gets; empty: all
    expires_at: datetime | None = None  # when this secret stops; None: never

    def may(self, permission: str) -> bool:
        return (
            self.kind == "api" and self.role is not None and permission in ROLES.get(self.role, frozenset())
        )


@dataclass(frozen=True)
class Guard:
    kind: Literal["public", "permission", "token"]
    name: str = ""


# Answered while the database is down, so nobody is looked up for them.
PROBES = ("/healthz", "/readyz", "/metrics", "/status", "/status.json")

View = TypeVar("View", bound=Callable[..., object])
Identify = Callable[[], tuple[Person | None, Token | None]]
SignedIn = Callable[[Session, Collection[str]], frozenset[str]]


def _mark(view: View, guard: Guard) -> View:
    view.guard = guard  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Open to everybody: sign-in, health, static files."""
    return _mark(view, Guard("public"))


def requires(permission: str) -> Callable[[View], View]:
    """For people, and under /api/v1 for api tokens whose role holds the permission."""
    if permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")
    return lambda view: _mark(view, Guard("permission", permission))


def requires_token(*kinds: TokenKind) -> Callable[[View], View]:
    """For machines alone: SDKs with a client or frontend token."""
    return lambda view: _mark(view, Guard("token", " ".join(kinds)))


def person() -> Person | None:
    found: Person | None = g.get("person")
    return found


def token() -> Token | None:
    found: Token | None = g.get("token")
    return found


def who() -> str:
    """The name that the audit trail keeps of whoever makes this request."""
    if (someone := person()) is not None:
        return someone.email
    if (machine := token()) is not None:
        return f"token:{machine.name}"
    return "nobody"


def may(permission: str) -> bool:
    """Whether this request's person or token holds a permission; for templates that offer an action."""
    holder = person() or token()
    return holder is not None and holder.may(permission)


def guard_of(endpoint: str) -> Guard | None:
    view = current_app.view_functions[endpoint]
    if endpoint == "static" or endpoint.endswith(".static"):
        return Guard("public")
    found: Guard | None = getattr(view, "guard", None)
    return found


def _check(guard: Guard) -> None:
    match guard.kind:
        case "public":
            return
        case "permission":
            if person() is None and token() is None:
                raise Unauthenticated(_l("Sign in to see this page."))
            if not may(guard.name):
                raise Forbidden(_l("Your role does not allow this. An admin can change your role."))
        case "token":
            if (machine := token()) is None:
                raise Unauthenticated(_l("Send a token in the Authorization header."))
            if machine.kind not in guard.name.split():
                raise Forbidden(_l("This token is of another kind."))


def signed_in_before(session: Session, addresses: Collection[str]) -> frozenset[str]:
    """Of these e-mail addresses those with which somebody has signed in at some time."""
    known: SignedIn = current_app.extensions["signed_in_before"]
    return known(session, addresses)


def init_app(app: Flask, identify: Identify, signed_in: SignedIn) -> None:
    """Check the guard before each request. `identify` reads the cookie or the Authorization header.

    `signed_in` answers `signed_in_before`: accounts lie above whoever asks.
    """
    app.extensions["signed_in_before"] = signed_in

    @app.before_request
    def check() -> None:
        if request.path in PROBES or request.path.startswith("/static/"):
            return
        g.person, g.token = identify()
        if request.endpoint is None:
            return  # 404 and 405 answer for themselves, to whoever asks
        guard = guard_of(request.endpoint)
        if guard is None:
            raise Forbidden(_l("This page has no guard and stays closed."))
        _check(guard)

    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["person"] = person
