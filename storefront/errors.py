"""What the shop's rules raise; the error handlers in the factory turn these into pages."""

from __future__ import annotations

from collections.abc import Mapping


class ShopError(Exception):
    """A problem that the shopper can read and act on. `fields` maps an input's name to what is wrong."""

    status = 500

    def __init__(self, message: object, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})


class Refused(ShopError):
    status = 422


class NotFound(ShopError):
    status = 404


class Conflict(ShopError):
    """Somebody else was faster, or the same key came with another body."""

    status = 409


class Unavailable(ShopError):
    """A part that this page cannot do without is down; `part` names it for the log, never for the shopper."""

    status = 503

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part
