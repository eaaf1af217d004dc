"""Bodies that mean one thing alone, kinds of content, origins, versions, and what problems say of it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from flask import jsonify, request

from app.factory import create_app
from app.guards import requires
from app.problem_kinds import KINDS
from app.versions import deprecated
from tests.people import sign_in

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def echo(control_app, program):
    """A client of /api/v1/echo, which says again what it was sent."""

    @requires("view")
    @deprecated(
        since=date(2026, 1, 2), sunset=date(2027, 1, 2), instead="/api/v1/audit", parameters=("page",)
    )
    def say_again():
        return jsonify(request.get_json() if request.method == "POST" else {})

    control_app.add_url_rule("/api/v1/echo", view_func=say_again, methods=["GET", "POST"])
    return program("viewer")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"[" * 100_000,
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 100_000,
        b"\xff\xfe",
    ],
)
def test_json_that_can_be_read_in_two_ways_or_never_ends_is_refused(echo, body):
    answer = echo.post("/api/v1/echo", data=body, headers=JSON)
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/bad-request")
    assert "JSON" in answer.json["detail"]


def test_json_that_is_deep_but_not_too_deep_is_read(echo):
    assert echo.post("/api/v1/echo", data=b"[" * 64 + b"]" * 64, headers=JSON).status_code == 200


def test_what_is_compressed_or_of_another_kind_is_refused(echo):
    bomb = gzip.compress(b" " * 1_000_000)
    packed = echo.post("/api/v1/echo", data=bomb, headers={**JSON, "Content-Encoding": "gzip"})
    other = echo.post("/api/v1/echo", data="a=1", headers={"Content-Type": "text/plain"})
    assert [packed.status_code, other.status_code] == [415, 415]


def test_what_is_too_large_is_refused_with_and_without_its_length(echo):
    body = b'"' + b"a" * 3_000_000 + b'"'
    assert echo.post("/api/v1/echo", data=body, headers=JSON).status_code == 413
    chunked = echo.post(
        "/api/v1/echo",
        input_stream=BytesIO(body),
        headers={**JSON, "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert chunked.status_code == 413, chunked.text


def test_each_wrong_field_has_a_pointer_and_parameters_have_none(program):
    ops = program("ops")
    answer = ops.post("/api/v1/timeline", json={"at": "soon", "title": "x"})
    assert answer.json["errors"][0]["pointer"] == "#/at"
    listed = ops.get("/api/v1/timeline?from=soon")
    assert listed.json["errors"][0]["field"] == "from"
    assert "pointer" not in listed.json["errors"][0]


def test_a_method_that_is_not_taken_is_told_which_are(echo):
    for method in ("TRACE", "DELETE", "PROPFIND"):
        answer = echo.open("/api/v1/echo", method=method)
        assert (answer.status_code, answer.json["type"]) == (405, "/problems/method-not-allowed")
        assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))
    assert echo.head("/api/v1/echo").data == b""


def test_what_cannot_be_given_is_not_acceptable(program):
    viewer = program("viewer")
    assert viewer.get("/api/v1/jobs", headers={"Accept": "image/png"}).status_code == 406
    assert viewer.get("/api/v1/jobs", headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200


def test_versions_are_told_and_another_one_is_not_known(echo):
    assert echo.get("/api/v1/echo").headers["API-Version"] == "1"
    for path in ("/api/v9", "/api/v9/echo", "/api/v10/echo"):
        answer = echo.get(path)
        assert (answer.status_code, answer.json["type"]) == (404, "/problems/unknown-version")
        assert "v1" in answer.json["detail"]


def test_what_will_go_away_says_so_where_it_is_used(echo):
    assert "Deprecation" not in echo.get("/api/v1/echo").headers
    old = echo.get("/api/v1/echo?page=2").headers
    assert old["Deprecation"] == "@1767312000"
    assert old["Sunset"] == "Sat, 02 Jan 2027 00:00:00 GMT"
    assert old["Link"] == '</api/v1/audit>; rel="successor-version"'


def test_who_sends_no_good_token_is_asked_for_one(control_app):
    client = control_app.test_client()
    assert client.get("/api/v1/jobs").headers["WWW-Authenticate"] == 'Bearer realm="backroom"'
    refused = client.get("/api/v1/jobs", headers={"Authorization": "Bearer nothing"})
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="backroom", error="invalid_token"'


def test_no_origin_may_read_the_api_but_those_that_are_set(control_app, control_config):
    foreign = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
    for answer in (
        control_app.test_client().options("/api/v1/jobs", headers=foreign),
        sign_in(control_app, "viewer").get("/api/v1/jobs", headers=foreign),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    open_one = create_app(replace(control_config, api_origins=("https://tool.example",)))
    known = {"Origin": "https://tool.example", "Access-Control-Request-Method": "PUT"}
    told = open_one.test_client().options("/api/v1/jobs", headers=known)
    assert told.status_code == 204
    assert told.headers["Access-Control-Allow-Origin"] == "https://tool.example"
    assert "PUT" in told.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in told.headers
    assert (
        "Access-Control-Allow-Origin"
        not in open_one.test_client().options("/api/v1/jobs", headers=foreign).headers
    )
    open_one.extensions["sources"].close()


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_of_problem_is_a_page_that_says_what_to_do(control_client, kind):
    page = control_client.get(f"/problems/{kind}")
    assert page.status_code == 200
    assert KINDS[kind].title in page.text
