"""One place turns problems into answers: JSON for programs, a fragment for htmx, a page for people."""

from __future__ import annotations

import json

import pytest
from flask import request

from app.errors import Conflict, NotFound, Refused, Unavailable
from app.guards import public


@pytest.fixture
def client(control_app):
    @public
    def break_it():
        kind = request.args["kind"]
        if kind == "bug":
            raise RuntimeError("a bug with a secret: hunter2")
        raise {
            "refused": Refused("A percentage is between 0 and 100.", {"percent": "101 is too much"}),
            "missing": NotFound("There is no such flag."),
            "conflict": Conflict("Somebody changed it."),
            "away": Unavailable("Prometheus does not answer", "Prometheus"),
        }[kind]

    for path in ("/break", "/api/v1/break"):
        control_app.add_url_rule(path, path, break_it, methods=["GET", "POST"])
    control_app.config["PROPAGATE_EXCEPTIONS"] = False
    return control_app.test_client()


@pytest.mark.parametrize(
    ("kind", "status"), [("refused", 422), ("missing", 404), ("conflict", 409), ("away", 503), ("bug", 500)]
)
def test_a_program_gets_problem_json(client, kind, status):
    answer = client.get(f"/api/v1/break?kind={kind}")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert "hunter2" not in answer.text


def test_a_program_is_told_each_wrong_field(client):
    body = client.get("/api/v1/break?kind=refused").json
    assert body["errors"] == [{"field": "percent", "detail": "101 is too much", "pointer": "#/percent"}]


def test_htmx_gets_words_beside_the_field_and_a_toast_and_swaps_nothing_else(client):
    answer = client.get("/break?kind=refused", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.headers["HX-Reswap"] == "none"
    assert 'id="error-percent"' in answer.text
    assert "101 is too much" in answer.text
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["state"] == "bad"


def test_a_person_gets_a_page_that_says_what_is_wrong(client):
    answer = client.get("/break?kind=refused")
    assert answer.status_code == 422
    assert "A percentage is between 0 and 100." in answer.text
    assert "101 is too much" in answer.text


def test_what_is_away_says_when_to_come_back(client):
    assert client.get("/break?kind=away").headers["Retry-After"] == "10"


def test_a_bug_tells_nothing_of_its_inside(client):
    answer = client.get("/break?kind=bug")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text


def test_an_unknown_page_is_a_404_in_each_form(client):
    assert client.get("/nothing-here").status_code == 404
    assert client.get("/api/v1/nothing-here").mimetype == "application/problem+json"
    assert client.post("/healthz").status_code == 405
