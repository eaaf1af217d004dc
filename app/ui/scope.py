"""What the person looks at: an environment of the flags. Chosen in the rail, kept in a cookie."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

ENVIRONMENTS = ("production", "development")
ENVIRONMENT_COOKIE = "scope_environment"


@dataclass(frozen=True)
class Scope:
    environment: str


def scope() -> Scope:
    """Of this request. A cookie that makes no sense counts as none."""
    environment = request.cookies.get(ENVIRONMENT_COOKIE, "")
    return Scope(environment if environment in ENVIRONMENTS else ENVIRONMENTS[0])
