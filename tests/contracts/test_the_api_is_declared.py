"""Every route under /api/v1 says what it takes and answers, with examples that are right."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import pytest

from app.openapi.checking import validator
from app.openapi.document import document, routes, undeclared
from app.openapi.operation import operation_of
from app.openapi.shapes import example_of
from config import ROOT

SERVER = "http://control.test"
API_DOCS = ROOT / "docs" / "api.md"


def test_every_route_declares_what_it_takes_and_answers(control_app):
    assert undeclared(control_app) == []


def test_every_operation_has_a_name_of_its_own_and_a_summary(control_app):
    named = [
        one["operationId"]
        for methods in document(control_app, SERVER)["paths"].values()
        for one in methods.values()
    ]
    assert len(named) == len(set(named))
    silent = [
        f"{method} {rule.rule}"
        for rule, method in routes(control_app)
        if operation_of(view := control_app.view_functions[rule.endpoint], method) and not view.__doc__
    ]
    assert silent == []


def shapes(app):
    for rule, method in routes(app):
        declared = operation_of(app.view_functions[rule.endpoint], method)
        if declared is None:
            continue
        here = f"{method} {rule.rule}"
        if declared.body is not None:
            yield f"{here} body", declared.body
        for status, shape in declared.answers.items():
            if shape is not None and status not in declared.gives:
                yield f"{here} {status}", shape
        for name, shape in {**declared.query, **declared.path, **declared.headers}.items():
            yield f"{here} {name}", shape


def test_every_example_is_one_that_would_be_taken(control_app):
    wrong = [
        f"{where}: {'/'.join(map(str, error.instance_path))} {error.message[:200]}"
        for where, shape in shapes(control_app)
        for error in validator(shape).iter_errors(example_of(shape))
    ]
    assert wrong == []


def test_every_parameter_of_an_address_is_declared(control_app):
    stray = [
        f"{method} {rule.rule}: {name}"
        for rule, method in routes(control_app)
        if (declared := operation_of(control_app.view_functions[rule.endpoint], method))
        for name in declared.path
        if name not in rule.arguments
    ]
    assert stray == []


@pytest.mark.parametrize("path", ["/api/v1/openapi.json"])
def test_the_document_can_be_read(control_app, signed_in, path):
    answer = signed_in("viewer").get(path)
    assert answer.status_code == 200
    made = answer.get_json()
    assert made["openapi"].startswith("3.1")
    references = list(_references(made))
    assert references
    for reference in references:
        kind, name = reference.removeprefix("#/components/").split("/")
        assert name in made["components"][kind]


def test_for_clients_the_headers_of_writes_are_parameters(signed_in):
    made = signed_in("viewer").get("/api/v1/openapi.json?for=clients").get_json()
    named = {
        method: {one.get("$ref", "").rpartition("/")[2] for one in made["paths"][path][method]["parameters"]}
        for path, method in (("/api/v1/flags", "post"), ("/api/v1/flags/{name}", "patch"))
    }
    assert "Idempotency-Key" in named["post"]
    assert "If-Match" in named["patch"]
    assert not any("x-parameters" in one for path in made["paths"].values() for one in path.values())


def _references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def test_what_will_go_away_is_told_by_the_document_the_answer_and_the_docs_alike(control_app, signed_in):
    listed = re.findall(
        r"^\| (`GET .+) \| (\d{4}-\d\d-\d\d) \| `(.+)` \|$", API_DOCS.read_text(), re.MULTILINE
    )
    told = {path: (day, instead) for old, day, instead in listed for path in re.findall(r"`GET (.+?)`", old)}
    paths = document(control_app, SERVER)["paths"]
    assert {path for path, of in paths.items() for one in of.values() if one.get("deprecated")} == {*told}
    viewer = signed_in("viewer")
    for path, (day, instead) in told.items():
        headers = viewer.get(path).headers
        assert headers["Deprecation"].startswith("@")
        assert parsedate_to_datetime(headers["Sunset"]).date().isoformat() == day
        assert headers["Link"] == f'<{instead}>; rel="successor-version"'
        assert "Deprecation" not in viewer.get(instead).headers
