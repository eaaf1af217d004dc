"""OpenAPI 3.1 of all routes under /api/v1, made of what stands beside the views."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app.guards import PERMISSIONS, Guard
from app.openapi.operation import JSON, Operation, operation_of
from app.openapi.shapes import PROBLEM, Named, Shape, example_of, text, whole
from app.versions import deprecation_of

PREFIX = "/api/v1"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PLACE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
BODY_PROBLEMS = (400, 413, 415, 422)
EDITS = ("PUT", "PATCH", "DELETE")
# Which value is right is told by what was sent or answered before, not by its shape. For whoever tries the
# API with made-up values, and must not make up these, operations name them under `x-parameters`.
REMEMBERED: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "description": (
            "A new one of your making for each new request, a UUID for example. The same request again "
            "with the same key gives the same answer and does nothing twice; 422: it came with another one."
        ),
        "schema": text(least=1, most=202, pattern='^("[A-Za-z0-9_.:-]{1,200}"|[A-Za-z0-9_.:-]{1,200})$'),
        "example": "0b0f4c1e-5a54-4d0c-9c0e-6f2b8f6c7f0a",
    },
    "If-Match": {
        "description": "The `ETag` of what was read: nothing newer is overwritten; 412 where it changed.",
        "schema": text(least=1),
        "example": '"5f2c8a0b1d3e4f60718293a4b5c6d7e8"',
    },
    "If-None-Match": {
        "description": "The `ETag` of what was read: 304 without a body where it is still so.",
        "schema": text(least=1),
        "example": '"5f2c8a0b1d3e4f60718293a4b5c6d7e8"',
    },
}
HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "Send it back as `If-Match` or `If-None-Match`.", "schema": {"type": "string"}},
    "Location": {"description": "Where it is now.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
}


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Each route under /api/v1 with each of its methods, as they stand in the address."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith(PREFIX + "/"):
            for method in METHODS:
                if method in (rule.methods or ()):
                    yield rule, method


def undeclared(app: Flask) -> list[str]:
    return [
        f"{method} {rule.rule}"
        for rule, method in routes(app)
        if operation_of(app.view_functions[rule.endpoint], method) is None
    ]


def document(app: Flask, server: str, remembered: str = "x-parameters") -> dict[str, Any]:
    """The whole document. `server`: where people reach the control plane. `remembered`: where those stand."""
    paths: dict[str, dict[str, Any]] = {}
    named: dict[str, Shape] = {}
    for rule, method in routes(app):
        view = app.view_functions[rule.endpoint]
        declared = operation_of(view, method)
        if declared is not None:
            path = PLACE.sub(r"{\1}", rule.rule)
            made = _operation(rule, method, view, declared)
            made[remembered] = [*made.get(remembered, []), *_remembered(rule, method)]
            paths.setdefault(path, {})[method.lower()] = made
    hoisted = _hoist(paths, named)
    schemas = {name: _hoist(dict(shape), named) for name, shape in _all_named(named)}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Backroom",
            "version": "1.0.0",
            "summary": "All that the pages of the control plane do.",
            "description": (
                "Errors are problems by RFC 9457: 422 names fields that have not the shape that is declared, "
                "409 what has it and does not fit another field, what is there, or its own language. "
                "Lists are read page by page with `cursor`. "
                "What can be edited carries an `ETag`; send it back as `If-Match`. "
                "A `POST` with an `Idempotency-Key` may be sent again."
            ),
        },
        "servers": [{"url": server}],
        "security": [{"token": []}, {"session": []}],
        "tags": [
            {"name": tag} for tag in sorted({one["tags"][0] for p in paths.values() for one in p.values()})
        ],
        "paths": hoisted,
        "components": {
            "schemas": schemas,
            "parameters": {
                name: {"name": name, "in": "header", **about} for name, about in REMEMBERED.items()
            },
            "headers": HEADERS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of a person or a token of a machine.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "control_session",
                    "description": "A browser that is signed in; writes carry `X-CSRFToken` as well.",
                },
            },
        },
    }


def _each(paths: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for methods in paths.values():
        yield from methods.values()


def _operation(rule: Rule, method: str, view: Any, declared: Operation) -> dict[str, Any]:
    guard: Guard | None = getattr(view, "guard", None)
    summary, _, rest = (view.__doc__ or _title(rule, method)).strip().partition("\n")
    made: dict[str, Any] = {
        "operationId": _name(rule, method),
        "tags": [rule.endpoint.partition(".")[0].removesuffix("_api")],
        "summary": summary.rstrip("."),
        "parameters": [*_path(rule, declared), *_query(declared), *_headers(declared)],
        "responses": _responses(rule, method, guard, declared),
    }
    if rest.strip():
        made["description"] = " ".join(rest.split())
    if guard is not None and guard.kind == "public":
        made["security"] = []
    elif guard is not None and guard.name in PERMISSIONS:
        made["x-permission"] = guard.name
    if declared.body is not None or declared.takes:
        made["requestBody"] = _body(declared)
    if _will_go_away(view):
        made["deprecated"] = True
    return made


def _remembered(rule: Rule, method: str) -> list[dict[str, Any]]:
    if method == "GET":
        names = ["If-None-Match"]
    else:
        names = ["Idempotency-Key"] * (method == "POST") + ["If-Match"] * (
            bool(rule.arguments) or method in EDITS
        )
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _will_go_away(view: Any) -> bool:
    found = deprecation_of(view)
    return found is not None and not found.parameters


def _name(rule: Rule, method: str) -> str:
    several = len({*(rule.methods or ())} & {*METHODS}) > 1
    endpoint: str = rule.endpoint
    return endpoint.replace("_api.", ".").replace(".", "_") + (f"_{method.lower()}" if several else "")


def _title(rule: Rule, method: str) -> str:
    """Where a view says nothing of itself."""
    endpoint: str = rule.endpoint
    words = endpoint.rpartition(".")[2].replace("_", " ")
    return words[:1].upper() + words[1:]


def _path(rule: Rule, declared: Operation) -> list[dict[str, Any]]:
    kinds = {name: converter.__class__.__name__ for name, converter in rule._converters.items()}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": declared.path.get(name)
            or (whole(least=0) if "Integer" in kinds[name] else text(least=1, most=200)),
        }
        for name in PLACE.findall(rule.rule)
    ]


def _query(declared: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "schema": shape}
        | ({"required": True} if name in declared.required else {})
        | ({"style": "form", "explode": True} if shape.get("type") == "object" else {})
        for name, shape in declared.query.items()
    ]


def _headers(declared: Operation) -> list[dict[str, Any]]:
    return [{"name": name, "in": "header", "schema": shape} for name, shape in declared.headers.items()]


def _content(kind: str, shape: Shape) -> dict[str, Any]:
    return {kind: {"schema": shape, "examples": {"example": {"value": example_of(shape)}}}}


def _body(declared: Operation) -> dict[str, Any]:
    kinds = ({JSON: declared.body} if declared.body is not None else {}) | dict(declared.takes)
    content = {name: value for kind, shape in kinds.items() for name, value in _content(kind, shape).items()}
    return {"required": not declared.body_may_be_left_out, "content": content}


def _responses(rule: Rule, method: str, guard: Guard | None, declared: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, shape in declared.answers.items():
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        if status == 201:
            found["201"]["headers"] = _header("Location")
        elif method == "GET" and shape is not None and status not in declared.gives:
            found[str(status)]["headers"] = _header("ETag")
        if status in declared.gives:
            found[str(status)]["content"] = {declared.gives[status]: {"schema": shape or {"type": "string"}}}
        elif shape is not None:
            found[str(status)]["content"] = _content(JSON, shape)
            if status == 200:
                found["200"]["content"] |= {kind: {"schema": {"type": "string"}} for kind in declared.or_as}
    for status in sorted(problems(rule, method, guard, declared)):
        found[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": PROBLEM}},
        }
        if status in (429, 503):
            found[str(status)]["headers"] = _header("Retry-After")
    if method == "GET":
        found["304"] = {"description": "As it was when `If-None-Match` was read"}
    return found


def _header(name: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"}}


def problems(rule: Rule, method: str, guard: Guard | None, declared: Operation) -> set[int]:
    """The problems that follow from where the route stands and what it takes, and those it names itself."""
    found = {406, 429, 503, *declared.problems}
    if guard is None or guard.kind != "public":
        found |= {401, 403}
    if rule.arguments:
        found |= {404, 405}
    if "cursor" in declared.query:
        found |= {404}
    if declared.body is not None or declared.takes:
        found |= {*BODY_PROBLEMS}
    if declared.query or method == "POST":
        found |= {400, 409, 422}
    if method != "GET":
        found |= {400, 404, 409, 412, 413, 422}
    return found


def _hoist(value: Any, named: dict[str, Shape]) -> Any:
    """Named shapes by reference; which there are is put into `named`."""
    if isinstance(value, Named):
        named[value.name] = value
        return {"$ref": f"#/components/schemas/{value.name}"}
    if isinstance(value, Mapping):
        return {name: _hoist(part, named) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_hoist(part, named) for part in value]
    return value


def _all_named(named: dict[str, Shape]) -> list[tuple[str, Shape]]:
    """With those that only stand inside others."""
    before = -1
    while len(named) != before:
        before = len(named)
        for shape in list(named.values()):
            _hoist(dict(shape), named)
    return sorted(named.items())
