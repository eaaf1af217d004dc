"""Numbers and names in addresses. One that no row can have is not found, and never asked for."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter, ValidationError

LARGEST = 2**53 - 1  # what every reader of JSON can hold; no row has a larger one


class IntegerOfRow(IntegerConverter):
    def __init__(self, rules: Map, *args: Any, **more: Any) -> None:
        super().__init__(rules, *args, **{"max": LARGEST, **more})


class NameOfRow(UnicodeConverter):
    def to_python(self, value: str) -> str:
        if "\x00" in value:  # PostgreSQL has no place for it in a text
            raise ValidationError
        return value


def init_app(app: Flask) -> None:
    """Call before any route is registered."""
    app.url_map.converters |= {"int": IntegerOfRow, "string": NameOfRow, "default": NameOfRow}
