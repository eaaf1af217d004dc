"""What rules and commands raise. `problems.py` alone turns these into an answer."""

from __future__ import annotations

from collections.abc import Mapping


class Problem(Exception):
    """A problem that somebody can do something about; the message says what.

    `message` and the values of `fields` are translatable text (`lazy_gettext`), read out when shown.
    `fields` maps the name of an input to what is wrong with it. `kind` is a name of app/problem_kinds.py.
    """

    status = 500
    title = "Problem"
    kind = "internal-error"

    def __init__(self, message: object, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})

    @property
    def members(self) -> dict[str, object]:
        """What problem+json says beside its usual members."""
        return {}

    @property
    def headers(self) -> dict[str, str]:
        """What the answer carries beside its usual headers."""
        return {}

    def __str__(self) -> str:
        return str(self.message)


class Refused(Problem):
    """The input breaks a rule; nothing was changed."""

    status = 422
    title = "Refused"
    kind = "refused"


class Malformed(Refused):
    """What the API's document does not allow, found by a view that reads its body itself."""


class NotFound(Problem):
    """There is no such thing, or it is not yours to see."""

    status = 404
    title = "Not found"
    kind = "not-found"


class Conflict(Problem):
    """It changed since it was read, or exists already; nothing was overwritten."""

    status = 409
    title = "Conflict"
    kind = "conflict"


class DoesNotFit(Conflict):
    """It is as the document of the API declares, and a rule that no schema can say refuses it."""

    title = "Does not fit"
    kind = "does-not-fit"


class Forbidden(Problem):
    """The person or token may not do this."""

    status = 403
    title = "Not allowed"
    kind = "not-allowed"


class Unconfirmed(Forbidden):
    """Dangerous, and it is a while since this session gave a password or a code."""

    title = "Confirm that it is you"
    kind = "confirm"


class Slowed(Problem):
    """Too many tries; the next one may come after so many seconds."""

    status = 429
    title = "Too many tries"
    kind = "slowed"

    def __init__(
        self, message: object, wait_seconds: int, fields: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message, fields)
        self.wait_seconds = wait_seconds

    @property
    def members(self) -> dict[str, object]:
        return {"retry_after_seconds": self.wait_seconds}

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.wait_seconds)}


class Unauthenticated(Problem):
    """Nobody is signed in, or the token is unknown, expired or revoked."""

    status = 401
    title = "Sign in first"
    kind = "sign-in-first"


class ChangedMeanwhile(Problem):
    """If-Match names another state than the present one, which is `current` where it can be shown."""

    status = 412
    title = "Precondition failed"
    kind = "changed-meanwhile"

    def __init__(self, message: object, current: object = None, etag: str = "") -> None:
        super().__init__(message)
        self.current = current
        self.etag = etag

    @property
    def members(self) -> dict[str, object]:
        return {} if self.current is None else {"current": self.current}

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.etag} if self.etag else {}


class Wait(Problem):
    """Later, with the same words: after so many seconds."""

    status = 409
    title = "In progress"
    kind = "in-progress"

    def __init__(self, message: object, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds

    @property
    def members(self) -> dict[str, object]:
        return {"retry_after_seconds": self.seconds}

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}


class TooMany(Wait):
    """More than a limit allows."""

    status = 429
    title = "Too Many Requests"
    kind = "too-many-requests"


class Unavailable(Problem):
    """A dependency is down; `dependency` names it."""

    status = 503
    title = "Not available at the moment"
    kind = "unavailable"

    def __init__(self, message: object, dependency: str) -> None:
        super().__init__(message)
        self.dependency = dependency
