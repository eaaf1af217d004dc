"""What the pages and APIs of flags share: the transaction, and what a request says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from sqlalchemy.orm import Session

from app import events
from app.db import begin
from app.sources import sources
from app.ui.scope import scope

LONGEST_NUMBER = 18


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction; when it is committed, open pages hear of it."""
    with begin() as session:
        yield session
        events.publish_on_commit(session, sources().redis, "flags")
        events.publish_on_commit(session, sources().redis, "timeline")


def environment() -> str:
    """Of this request: the form's, the address's, or what the rail says."""
    return request.form.get("environment") or request.args.get("environment") or scope().environment


def whole(text: str) -> int | None:
    """A revision or another number of ours; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def seen_revision() -> int | None:
    """The revision that the form was opened on."""
    return whole(request.form.get("revision", ""))
