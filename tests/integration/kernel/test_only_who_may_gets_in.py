"""Guards, form tokens and headers, on the running control plane."""

from __future__ import annotations

import pytest

from app.guards import PERMISSIONS, ROLES, requires


def test_a_stranger_is_sent_to_sign_in_and_back(control_client):
    answer = control_client.get("/jobs/?sort=name")
    assert answer.status_code == 303
    assert answer.location == "/accounts/sign-in?next=/jobs/?sort%3Dname"


def test_a_fragment_sends_the_whole_page_to_sign_in(control_client):
    answer = control_client.get("/jobs/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/accounts/sign-in")


def test_a_program_without_a_token_gets_401(control_client):
    assert control_client.get("/api/v1/jobs").status_code == 401


def test_a_viewer_reads_and_changes_nothing(signed_in):
    client = signed_in("viewer")
    assert client.get("/jobs/").status_code == 200
    answer = client.post("/jobs/jobs.prune/run")
    assert answer.status_code == 403


def test_a_write_without_a_form_token_is_refused(signed_in):
    answer = signed_in("ops").post("/jobs/jobs.prune/run", headers={"X-CSRFToken": "of another session"})
    assert answer.status_code == 403
    assert "Reload" in answer.text


def test_a_route_without_a_guard_stays_closed_for_everybody(control_app, signed_in):
    control_app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = signed_in("admin").get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_a_misspelt_permission_stops_the_start():
    with pytest.raises(ValueError, match=r"no such permission: flag\.write"):
        requires("flag.write")


def test_every_permission_belongs_to_a_role_and_admin_has_all():
    assert set().union(*ROLES.values()) == set(PERMISSIONS)
    assert ROLES["admin"] == frozenset(PERMISSIONS)


def test_every_answer_carries_the_security_headers(control_client):
    headers = control_client.get("/accounts/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"


def test_a_body_of_many_megabytes_is_refused_before_it_is_read(control_client):
    answer = control_client.post("/accounts/sign-in", data={"email": "x" * 3_000_000})
    assert answer.status_code in (403, 413)


def test_who_was_signed_out_while_typing_comes_back_to_the_page(control_client):
    page = {"HX-Request": "true", "HX-Current-URL": "http://control.test/locales/de/strings/7?q=state:draft"}
    answer = control_client.get("/jobs/", headers=page)
    assert answer.headers["HX-Redirect"].endswith("next=/locales/de/strings/7?q%3Dstate:draft")
    elsewhere = control_client.get(
        "/jobs/", headers=page | {"HX-Current-URL": "http://evil.test//evil.test/"}
    )
    signed_in = control_client.get(elsewhere.headers["HX-Redirect"])
    assert 'value="//evil.test' not in signed_in.text
