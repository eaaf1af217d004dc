"""Clients of the control plane that somebody is signed in on."""

from __future__ import annotations

import secrets

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import credentials
from app.accounts.identity import COOKIE
from app.accounts.models import PersonRow, SessionRow
from app.db import begin


def sign_in(app: Flask, role: str) -> FlaskClient:
    """A real session of a real person; only the password is left out, which would take longest."""
    cookie = credentials.new_cookie()
    with app.app_context(), begin() as session:
        person_id = _person(session, role)
        now = clock.now()
        session.add(
            SessionRow(
                cookie_hash=credentials.fingerprint(cookie),
                person_id=person_id,
                created_at=now,
                seen_at=now,
                agent="tests",
            )
        )
    client = app.test_client()
    client.set_cookie(COOKIE, cookie)
    send_csrf_token(app, client)
    return client


def _person(session: Session, role: str) -> int:
    email = f"{role}@house.test"
    person = session.scalar(select(PersonRow).where(PersonRow.email == email))
    if person is None:
        person = PersonRow(
            email=email,
            name=role.replace("_", " ").title(),
            role=role,
            password_hash="",
            is_active=True,
            locale="en",
            created_at=clock.now(),
        )
        session.add(person)
        session.flush()
    return person.id


def send_csrf_token(app: Flask, client: FlaskClient) -> None:
    """Each request of the client carries the token that the pages would put into their forms."""
    raw = secrets.token_hex(20)
    with client.session_transaction() as session:
        session["csrf_token"] = raw
    signer = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token")
    client.environ_base["HTTP_X_CSRFTOKEN"] = signer.dumps(raw)
