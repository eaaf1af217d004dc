"""Who may do what. Every route carries exactly one of `requires`, `requires_token` or `public`.

A route without a guard is refused for everybody, so a forgotten one shows at once.

What is dangerous is marked `confirmed` as well: what says who may what or ends somebody's way in, what shows
or changes a secret or an address that data goes to, what hands out or erases what is kept of people, backups:

    @blueprint.post("/people/<int:person_id>/active")
    @requires("accounts.manage")
    @confirmed
    def set_active(person_id: int) -> Response: ...

Whoever is signed in and gave neither password nor code for ten minutes is then asked for one, and what was
typed goes on with it: on a page that holds the form, in a dialog over it where htmx asks, and as a 403 of the
type `/problems/confirm` under /api/v1 (POST /api/v1/me/confirmation, then again). Tokens of
machines are not asked. `app.accounts.confirm` does the asking.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from flask import Flask, current_app, g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.errors import Forbidden, Unauthenticated
from app.four_eyes import TOKEN

Scope = Literal["environment", "locale"]

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
    "backups.manage",
    "webhooks.manage",
    "errors.manage",
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
            "webhooks.manage",
            "errors.manage",
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

# Permissions that may be granted for one environment or one locale alone, and which of the two. All others
# concern the whole house: a grant with a scope never holds them.
SCOPED_BY: dict[str, Scope] = {
    "flags.write": "environment",
    "flags.approve": "environment",
    "rollouts.write": "environment",
    "locales.write": "locale",
    "locales.publish": "locale",
    "locales.manage": "locale",
}

TOKENS_CHANNEL = "backroom_tokens"  # told by PostgreSQL when a write of tokens is committed

TokenKind = Literal["client", "frontend", "api"]


@dataclass(frozen=True)
class Grant:
    """What somebody holds by one role: everywhere, in one environment or in one locale."""

    role: str  # its key; empty where permissions were named one by one
    permissions: frozenset[str]
    environment: str | None = None  # with neither of the two: everywhere
    locale: str | None = None
    ends_at: datetime | None = None  # None: it does not

    @property
    def scope(self) -> Scope | None:
        if self.environment is not None:
            return "environment"
        return "locale" if self.locale is not None else None

    def holds(self, permission: str) -> bool:
        """Somewhere, at least."""
        return permission in self.permissions and self.scope in (None, SCOPED_BY.get(permission))

    def covers(self, permission: str, environment: str | None = None, locale: str | None = None) -> bool:
        """Asked without a place, only what is granted everywhere is enough."""
        if not self.holds(permission):
            return False
        match self.scope:
            case "environment":
                return environment is not None and self.environment == environment
            case "locale":
                return locale is not None and self.locale == locale
            case _:
                return True


class Holder(Protocol):
    """Whoever may be asked what they may: a person or a token."""

    def may(self, permission: str, environment: str | None = None, locale: str | None = None) -> bool: ...

    def may_somewhere(self, permission: str) -> bool: ...


@dataclass(frozen=True)
class Person:
    id: int
    email: str
    name: str
    role: str
    locale: str | None  # language of the pages; None: what the browser asks for
    theme: str | None  # light, dark; None: what the system says
    grants: tuple[Grant, ...] = ()  # beside the role, and what an own role holds
    confirmed_at: datetime | None = None  # when this session last gave a password or a code

    def may(self, permission: str, environment: str | None = None, locale: str | None = None) -> bool:
        if permission in ROLES.get(self.role, frozenset()):
            return True
        return any(grant.covers(permission, environment, locale) for grant in self.grants)

    def may_somewhere(self, permission: str) -> bool:
        return self.may(permission) or any(grant.holds(permission) for grant in self.grants)


@dataclass(frozen=True)
class Token:
    id: int
    kind: TokenKind
    name: str
    environment: str
    role: str | None  # of an api token: what it may do
    projects: tuple[str, ...] = ()  # whose flags an SDK gets; empty: all
    expires_at: datetime | None = None  # when this secret stops; None: never
    grants: tuple[Grant, ...] = ()  # of an api token: beside the role, and what an own role holds

    def may(self, permission: str, environment: str | None = None, locale: str | None = None) -> bool:
        if self.kind != "api":
            return False
        if permission in ROLES.get(self.role or "", frozenset()):
            return True
        return any(grant.covers(permission, environment, locale) for grant in self.grants)

    def may_somewhere(self, permission: str) -> bool:
        is_granted = self.kind == "api" and any(grant.holds(permission) for grant in self.grants)
        return self.may(permission) or is_granted


ReadScope = Callable[[], "str | None"]


@dataclass(frozen=True)
class Guard:
    kind: Literal["public", "permission", "token"]
    name: str = ""
    scoped_by: Scope | None = None  # what a grant with a scope is compared with
    read: ReadScope | None = None  # where the view finds it; None: in its address
    anywhere: bool = False  # a form that writes nothing yet: enough to hold it in some place


# Answered while the database is down, so nobody is looked up for them.
PROBES = ("/healthz", "/readyz", "/metrics", "/status", "/status.json", "/.well-known/security.txt")

View = TypeVar("View", bound=Callable[..., object])
Identify = Callable[[], tuple[Person | None, Token | None]]
SignedIn = Callable[[Session, Collection[str]], frozenset[str]]


def _mark(view: View, guard: Guard) -> View:
    view.guard = guard  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Open to everybody: sign-in, health, static files."""
    return _mark(view, Guard("public"))


def requires(
    permission: str,
    scoped_by: Scope | None = None,
    read: ReadScope | None = None,
    *,
    anywhere: bool = False,
) -> Callable[[View], View]:
    """For people, and under /api/v1 for api tokens that hold the permission.

    Without `scoped_by` only what is granted everywhere passes. With it, so does a grant for the environment
    or locale that this request is about: `read` has to find it exactly where the view does; without `read`
    it stands in the address (`<environment>`; `<locale>` or `<code>`). What is not found passes nobody.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")
    if scoped_by is not None and SCOPED_BY.get(permission) != scoped_by:
        raise ValueError(f"{permission} is not granted by {scoped_by}")
    return lambda view: _mark(view, Guard("permission", permission, scoped_by, read, anywhere))


def requires_token(*kinds: TokenKind) -> Callable[[View], View]:
    """For machines alone: SDKs with a client or frontend token."""
    return lambda view: _mark(view, Guard("token", " ".join(kinds)))


def confirmed(view: View) -> View:
    """Dangerous: only for people who gave their password or a code within the last ten minutes."""
    view.confirmed = True  # type: ignore[attr-defined]
    return view


def is_dangerous(endpoint: str) -> bool:
    return bool(getattr(current_app.view_functions[endpoint], "confirmed", False))


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
        return f"{TOKEN}{machine.name}"
    return "nobody"


def may(permission: str, environment: str | None = None, locale: str | None = None) -> bool:
    """Whether this request's person or token holds a permission; for templates that offer an action.

    `environment`, `locale`: the place that it is about; without one only what holds everywhere counts.
    """
    holder = _holder()
    return holder is not None and holder.may(permission, environment, locale)


def may_somewhere(permission: str) -> bool:
    """In some environment or locale, at least: for links to forms that ask which."""
    holder = _holder()
    return holder is not None and holder.may_somewhere(permission)


def demand(permission: str, environment: str | None = None, locale: str | None = None) -> None:
    """`Forbidden` where it is not held; for commands over several places, once for each of them."""
    if may(permission, environment, locale):
        return
    if (place := environment or locale) is not None:
        raise Forbidden(_l("You may not do this in %(place)s. An admin can grant it.", place=place))
    raise Forbidden(_l("Your role does not allow this. An admin can change your role."))


def _holder() -> Holder | None:
    return person() or token()


def role_name(role: str) -> object:
    """As pages call it; an own role by the name that it was given."""
    if role in ROLE_NAMES:
        return ROLE_NAMES[role]
    own: Callable[[str], str | None] = current_app.extensions["own_role_name"]
    return own(role) or role


def guard_of(endpoint: str) -> Guard | None:
    view = current_app.view_functions[endpoint]
    if endpoint == "static" or endpoint.endswith(".static"):
        return Guard("public")
    found: Guard | None = getattr(view, "guard", None)
    return found


def check_endpoint(endpoint: str) -> None:
    """Raises where whoever makes this request may not see what the endpoint answers."""
    guard = guard_of(endpoint)
    if guard is None:
        raise Forbidden(_l("This page has no guard and stays closed."))
    _check(guard)


def _check(guard: Guard) -> None:
    match guard.kind:
        case "public":
            return
        case "permission":
            if person() is None and token() is None:
                raise Unauthenticated(_l("Sign in to see this page."))
            _demand_of(guard)
        case "token":
            if (machine := token()) is None:
                raise Unauthenticated(_l("Send a token in the Authorization header."))
            if machine.kind not in guard.name.split():
                raise Forbidden(_l("This token is of another kind."))


def _demand_of(guard: Guard) -> None:
    """The place is looked up only for somebody who holds the permission in some place and not everywhere."""
    holder = _holder()
    if may(guard.name):
        return
    if holder is None or not holder.may_somewhere(guard.name):
        demand(guard.name)
    elif not guard.anywhere:
        place = _place(guard)
        demand(
            guard.name,
            environment=place if guard.scoped_by == "environment" else None,
            locale=place if guard.scoped_by == "locale" else None,
        )


def _place(guard: Guard) -> str | None:
    if guard.scoped_by is None:
        return None
    if guard.read is not None:
        return guard.read()
    arguments = request.view_args or {}
    found = arguments.get(guard.scoped_by)
    return found if found is not None or guard.scoped_by == "environment" else arguments.get("code")


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
        check_endpoint(request.endpoint)

    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["may_somewhere"] = may_somewhere
    app.jinja_env.globals["person"] = person
