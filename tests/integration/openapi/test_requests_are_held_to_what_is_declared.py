"""A request that is not as declared is refused with each wrong field before its view is asked."""

from __future__ import annotations

import pytest
from flask import Blueprint, jsonify, request

from app.errors import Refused
from app.guards import public, requires
from app.openapi import checking
from app.openapi.operation import operation
from app.openapi.shapes import (
    PAGING,
    day,
    either,
    many,
    maybe,
    moment,
    one_of,
    page_of,
    table,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

DRAFT = thing(
    {"name": text(least=1, most=10), "share": whole(least=0, most=100)},
    {
        "until": maybe(moment()),
        "kind": one_of("a", "b"),
        "tags": many(text(most=5), most=2),
        "on": yes_or_no(),
        "note": words(),
        "paid": either(
            thing({"how": one_of("once"), "day": day()}),
            thing({"how": one_of("often"), "times": whole(least=2)}, {"day": maybe(day())}),
        ),
    },
)


@pytest.fixture
def client(control_app, signed_in):
    blueprint = Blueprint("tried_api", __name__, url_prefix="/api/v1/tried")

    @blueprint.post("")
    @requires("view")
    @operation(body=DRAFT, answers={201: thing({"name": text()})})
    def make():
        if request.get_json()["name"] == "taken":
            raise Refused("It was not made.", {"name": "This is taken."})
        return jsonify(name=request.get_json()["name"]), 201

    @blueprint.get("")
    @requires("view")
    @operation(
        query={**PAGING, "on": yes_or_no(), "kind": one_of("a", "b")}, answers={200: page_of("rows", text())}
    )
    def rows():
        return jsonify(rows=["a"], next_cursor=None)

    @blueprint.get("/broken")
    @requires("view")
    @operation(answers={200: thing({"name": text()})})
    def broken():
        return jsonify(name=3)

    @blueprint.get("/free")
    @requires("view")
    @operation(query={"on": yes_or_no(), "labels": table(text(most=5), most=2)}, answers={200: table(text())})
    def free():
        return jsonify(request.args.to_dict())

    @blueprint.get("/<name>")
    @public
    @operation(path={"name": text(most=5)}, answers={200: thing({"name": text()})})
    def one(name):
        return jsonify(name=name)

    @blueprint.delete("/<name>")
    @requires("view")
    @operation(path={"name": text(most=5)}, answers={200: thing({})})
    def gone(name):
        return jsonify({})

    control_app.register_blueprint(blueprint)
    return signed_in("viewer")


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"share": 1}, "name", "This is needed."),
        ({"name": "", "share": 1}, "name", "This is needed."),
        ({"name": "x" * 11, "share": 1}, "name", "Use at most 10 characters."),
        ({"name": "x\x00", "share": 1}, "name", "This has the wrong form."),
        ({"name": 3, "share": 1}, "name", "This is a text."),
        ({"name": "x", "share": 101}, "share", "Use a number that is not above 100."),
        ({"name": "x", "share": 1.5}, "share", "Use a whole number."),
        ({"name": "x", "share": True}, "share", "Use a whole number."),
        ({"name": "x", "share": 1, "shre": 2}, "shre", "There is no such field."),
        ({"name": "x", "share": 1, "kind": "c"}, "kind", "Use one of: a, b"),
        ({"name": "x", "share": 1, "tags": ["123456"]}, "tags.0", "Use at most 5 characters."),
        ({"name": "x", "share": 1, "tags": ["1", "2", "3"]}, "tags", "Give at most 2."),
        ({"name": "x", "share": 1, "until": "soon"}, "until", "Give the time with its zone"),
        ({"name": "x", "share": 1, "note": " "}, "note", "This is needed."),
        ({"name": "x", "share": 1, "paid": {"how": "once"}}, "paid.day", "This is needed."),
        ({"name": "x", "share": 1, "paid": {"how": "often"}}, "paid.times", "This is needed."),
        (
            {"name": "x", "share": 1, "paid": {"how": "often", "times": 3, "day": "x"}},
            "paid.day",
            "Give a day",
        ),
        ({"name": "\ud800", "share": 1}, "name", "half a character"),
        ({"name": "x", "share": 1, "tags": ["x", "a\udfff"]}, "tags.1", "half a character"),
        ({"name": "x", "share": 1, "\ud800": 1}, "body", "half a character"),
        ([], "body", "This is a JSON object."),
    ],
)
def test_a_wrong_body_is_refused_beside_its_field(client, body, field, said):
    answer = client.post("/api/v1/tried", json=body)
    assert answer.status_code == 422
    found = {one["field"]: one["detail"] for one in answer.get_json()["errors"]}
    assert said in found[field]


def test_what_is_as_declared_and_a_rule_refuses_is_a_conflict_beside_its_field(client):
    answer = client.post("/api/v1/tried", json={"name": "taken", "share": 1})
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/does-not-fit")
    assert answer.json["errors"] == [{"field": "name", "detail": "This is taken.", "pointer": "#/name"}]


def test_all_wrong_fields_are_told_at_once(client):
    answer = client.post("/api/v1/tried", json={"name": "", "share": -1, "kind": "c"})
    assert {one["field"] for one in answer.get_json()["errors"]} == {"name", "share", "kind"}


def test_what_is_right_goes_through(client):
    body = {"name": "x", "share": 100, "until": None, "kind": "b", "tags": [], "on": False}
    assert client.post("/api/v1/tried", json=body).status_code == 201


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": "name=x", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({}, 400),
    ],
)
def test_what_cannot_be_read_says_how_to_send_it(client, sent, status):
    answer = client.post("/api/v1/tried", **sent)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=1&limit=2", "limit"),
        ("limit=١", "limit"),
        ("cursor=", "cursor"),
        ("on=1", "on"),
        ("kind=c", "kind"),
        ("kid=a", "kid"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(client, query, field):
    answer = client.get(f"/api/v1/tried?{query}")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.get_json()["errors"]] == [field]


def test_right_parameters_go_through(client):
    assert client.get("/api/v1/tried?limit=5&on=true&kind=a").status_code == 200


def test_parameters_without_a_name_are_taken_where_an_object_says_so(client):
    assert client.get("/api/v1/tried/free?on=true&a=1&b=2").json == {"on": "true", "a": "1", "b": "2"}
    for query, field in (("a=123456", "a"), ("a=1&a=2", "a"), ("on=1", "on"), ("a=1&b=2&c=3", "body")):
        answer = client.get(f"/api/v1/tried/free?{query}")
        assert [one["field"] for one in answer.get_json()["errors"]] == [field]


def test_an_address_that_cannot_be_one_is_not_found(client):
    assert client.get("/api/v1/tried/abcdef").status_code == 404
    assert client.get("/api/v1/tried/abcde").status_code == 200


def test_an_address_names_the_methods_of_what_stands_there_alone(client):
    """/tried/broken is no <name>, which has at most five letters; /tried/free is none, being itself."""
    assert client.open("/api/v1/tried/broken", method="OPTIONS").headers["Allow"] == "GET, HEAD, OPTIONS"
    answer = client.delete("/api/v1/tried/broken")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    itself = client.delete("/api/v1/tried/free")
    assert (itself.status_code, itself.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.delete("/api/v1/tried/abc").status_code == 200


def test_who_may_not_come_in_is_told_nothing_of_the_body(client, control_app):
    assert control_app.test_client().post("/api/v1/tried", json={}).status_code == 401


def test_an_answer_that_is_not_as_declared_is_a_mistake_of_ours(client):
    with pytest.raises(checking.NotAsDeclared, match="name"):
        client.get("/api/v1/tried/broken")
