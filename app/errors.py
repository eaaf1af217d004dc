"""What rules and commands raise. `problems.py` alone turns these into an answer."""

from __future__ import annotations

from collections.abc import Mapping


class Problem(Exception):
    """A problem that somebody can do something about; the message says what.

    `message` and the values of `fields` are translatable text (`lazy_gettext`), read out when shown.
    `fields` maps the name of an input to what is wrong with it.
    """

    status = 500
    title = "Problem"
    type = "about:blank"  # of problem+json: what a program tells it by, where the status says too little

    def __init__(self, message: object, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return str(self.message)


class Refused(Problem):
    """The input breaks a rule; nothing was changed."""

    status = 422
    title = "Refused"


class NotFound(Problem):
    """There is no such thing, or it is not yours to see."""

    status = 404
    title = "Not found"


class Conflict(Problem):
    """It changed since it was read, or exists already; nothing was overwritten."""

    status = 409
    title = "Conflict"


class Forbidden(Problem):
    """The person or token may not do this."""

    status = 403
    title = "Not allowed"


class Unconfirmed(Forbidden):
    """Dangerous, and it is a while since this session gave a password or a code."""

    title = "Confirm that it is you"
    type = "urn:backroom:problem:confirm"


class Slowed(Problem):
    """Too many tries; the next one may come after so many seconds."""

    status = 429
    title = "Too many tries"

    def __init__(
        self, message: object, wait_seconds: int, fields: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message, fields)
        self.wait_seconds = wait_seconds


class Unauthenticated(Problem):
    """Nobody is signed in, or the token is unknown, expired or revoked."""

    status = 401
    title = "Sign in first"


class Unavailable(Problem):
    """A dependency is down; `dependency` names it."""

    status = 503
    title = "Not available at the moment"

    def __init__(self, message: object, dependency: str) -> None:
        super().__init__(message)
        self.dependency = dependency
