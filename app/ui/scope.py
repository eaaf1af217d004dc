"""What the person looks at: an environment of the flags. Chosen in the rail, kept in a cookie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import current_app, request

STANDARD = "production"
ENVIRONMENT_COOKIE = "scope_environment"
EXTENSION = "environments"  # a feature puts here who knows which there are

Names = Callable[[], Sequence[str]]


@dataclass(frozen=True)
class Scope:
    environment: str


def environments() -> list[str]:
    """All that are in use, where people look first standing first."""
    names: Names = current_app.extensions[EXTENSION]
    return sorted(names(), key=lambda name: name != STANDARD)


def scope() -> Scope:
    """Of this request. A cookie that makes no sense (any more) counts as none."""
    environment = request.cookies.get(ENVIRONMENT_COOKIE, "")
    return Scope(environment if environment in environments() else STANDARD)
