"""The client that other tests use is let in by role, and may write."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

SignedIn = Callable[[str], FlaskClient]


def test_a_person_with_the_role_is_let_in(signed_in: SignedIn) -> None:
    assert signed_in("ops").get("/jobs/").status_code == 200


def test_nobody_is_not_let_in(control_client: FlaskClient) -> None:
    assert control_client.get("/jobs/").status_code in (302, 303, 401)
