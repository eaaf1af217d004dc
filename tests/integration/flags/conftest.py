"""Flags on a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.flags import commands
from app.flags.flag import checked_details
from app.flags.models import FlagState
from tests import serving

PLAIN = checked_details("release", "A feature.", "product")
WHO = "pm@house.test"


@pytest.fixture
def flag(control_app: Flask) -> Callable[..., None]:
    """`flag("name", percent=25)` → a flag that exists, in production at so many percent."""

    def make(name: str = "f", percent: int | None = None, at: datetime | None = None) -> None:
        now = at or clock.now()
        with control_app.app_context(), begin() as session:
            commands.ensure_environments(session)
            commands.create(session, name, PLAIN, now, WHO)
            if percent is not None:
                commands.set_percent(session, name, "production", percent, now, WHO)

    return make


@pytest.fixture
def more_environments(control_session: Session) -> Iterator[None]:
    """For tests that make some: afterwards there are again those that the migrations put there."""
    yield
    control_session.rollback()
    more = text("environment NOT IN ('development', 'production')")
    control_session.execute(delete(FlagState).where(more))
    control_session.execute(text("DELETE FROM environments WHERE name NOT IN ('development', 'production')"))
    control_session.execute(text("UPDATE environments SET position = 1 + (name = 'production')::int"))
    control_session.commit()


@pytest.fixture
def client_token(control_app: Flask) -> str:
    return serving.token(control_app)
