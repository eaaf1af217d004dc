"""The real sign-in, not the one that other tests take for granted."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import commands, throttle
from app.audit.models import AuditEntry
from app.factory import create_app
from tests.integration.accounts.mails import Post
from tests.people import send_csrf_token

PASSWORD = "a long enough password"


@pytest.fixture
def house(control_config, compiled_templates, monkeypatch) -> Iterator[Flask]:
    monkeypatch.setattr(throttle, "_local", {})
    app = create_app(control_config)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["sources"].close()


@pytest.fixture
def add(control_session, now) -> Callable[..., int]:
    """Adds a person with PASSWORD and hands back the id."""

    def add_one(email: str, role: str = "viewer") -> int:
        person = commands.add_person(control_session, email, role, PASSWORD, now, "test")
        control_session.commit()
        return person.id

    return add_one


@pytest.fixture
def post(control_session, control_sources) -> Post:
    return Post(control_session, control_sources)


@pytest.fixture
def admin(house, add) -> FlaskClient:
    """Signed in a moment ago, so that nothing is asked again."""
    add("admin@example.org", "admin")
    client = browser(house)
    sign_in(client, "admin@example.org")
    return client


def browser(app: Flask) -> FlaskClient:
    client = app.test_client()
    send_csrf_token(app, client)
    return client


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: str):
    answer = client.post("/accounts/sign-in", data={"email": email, "password": password, **more})
    if answer.status_code == 303:
        send_csrf_token(client.application, client)
    return answer


def unknown() -> str:
    return f"{secrets.token_hex(6)}@example.org"


def audited(session, action: str) -> list[AuditEntry]:
    session.expire_all()
    return list(
        session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id))
    )
