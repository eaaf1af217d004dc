"""Which methods an address takes: those of the routes whose places its parts fit.

The word `progress` in /locales/progress could stand for a code as well, and bring the methods of
/locales/<code> with it: their shapes say that it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Response, current_app
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from app.openapi.operation import operation_of
from app.openapi.shapes import Shape
from app.openapi.validators import validator

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def fits(path: Mapping[str, Shape], values: Mapping[str, object]) -> bool:
    return all(validator(shape).is_valid(values.get(name)) for name, shape in path.items())


def of_address() -> list[str]:
    return list(_of_address())


def _of_address() -> Iterator[str]:
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
            yield method
            if method == "GET":
                yield "HEAD"


def tell(response: Response) -> Response:
    """Where an answer says which methods there are, it names no other."""
    if "Allow" in response.headers and (found := of_address()):
        response.headers["Allow"] = ", ".join([*found, "OPTIONS"])
    return response
