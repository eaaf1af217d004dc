"""What no shape can say of a body: how its members go together, and with what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import Conflict, Refused


@contextmanager
def together() -> Iterator[None]:
    """Each member was right by its shape: what a rule refuses now contradicts something. 409, not 422."""
    try:
        yield
    except Refused as refused:
        raise Conflict(refused.message, refused.fields) from refused
