"""Clients of the control plane that somebody is signed in on."""

from __future__ import annotations

import secrets

from flask import Flask, request
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from app.guards import Person, Token

ROLE = "tests.role"


def sign_in(app: Flask, role: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base[ROLE] = role
    send_csrf_token(app, client)
    return client


def send_csrf_token(app: Flask, client: FlaskClient) -> None:
    """Each request of the client carries the token that the pages would put into their forms."""
    raw = secrets.token_hex(20)
    with client.session_transaction() as session:
        session["csrf_token"] = raw
    signer = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token")
    client.environ_base["HTTP_X_CSRFTOKEN"] = signer.dumps(raw)


def identify() -> tuple[Person | None, Token | None]:
    """Until people have accounts: whoever the client says."""
    role = request.environ.get(ROLE)
    if role is None:
        return None, None
    return Person(1, f"{role}@house.test", role.title(), role, "en", None), None
