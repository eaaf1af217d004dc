"""Which methods an address takes: those of the routes whose places its parts fit.

The word `progress` in /locales/progress could stand for a code as well, and bring the methods of
/locales/<code> with it: an address that a route has of its own is nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Response, current_app, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from app.openapi.operation import operation_of
from app.openapi.shapes import Shape
from app.openapi.validators import validator

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def fits(path: Mapping[str, Shape], values: Mapping[str, object]) -> bool:
    return all(validator(shape).is_valid(values.get(name)) for name, shape in path.items())


def of_address() -> list[str]:
    found = list(_matches())
    fewest = min((len(rule.arguments) for _method, rule in found), default=0)
    methods = [method for method, rule in found if len(rule.arguments) == fewest]
    return [one for method in methods for one in ((method, "HEAD") if method == "GET" else (method,))]


def is_another_address() -> bool:
    """Whether a route of another method has this very address of its own."""
    mine = len(request.url_rule.arguments) if request.url_rule is not None else 0
    return mine > 0 and any(len(rule.arguments) < mine for _method, rule in _matches())


def _matches() -> Iterator[tuple[str, Rule]]:
    adapter = request_ctx.url_adapter
    if adapter is None:
        return
    for method in METHODS:
        try:
            rule, values = adapter.match(method=method, return_rule=True)
        except HTTPException:
            continue
        declared = operation_of(current_app.view_functions[rule.endpoint], method)
        if declared is None or fits(declared.path, values):
            yield method, rule


def tell(response: Response) -> Response:
    """Where an answer says which methods there are, it names no other."""
    if "Allow" in response.headers and (found := of_address()):
        response.headers["Allow"] = ", ".join([*found, "OPTIONS"])
    return response
