"""Programs that use the API with a token of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import clock
from app.accounts import commands as accounts
from app.flags import commands as flags


@pytest.fixture
def program(control_app: Flask, control_session: Session) -> Callable[..., FlaskClient]:
    """`program("ops")` → a client that sends a token of that role with each request."""

    def make(role: str, name: str = "") -> FlaskClient:
        now = clock.now()
        raw = accounts.create_token(control_session, "api", "production", name or role, role, now, "test")
        control_session.commit()
        client = control_app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {raw}"
        return client

    return make


@pytest.fixture
def house(control_session: Session) -> None:
    """The environments and all else that a new installation starts with."""
    flags.ensure_defaults(control_session, clock.now())
    control_session.commit()
