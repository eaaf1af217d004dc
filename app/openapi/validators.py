"""Validators of shapes, each made once."""

from __future__ import annotations

import jsonschema_rs

from app.openapi.shapes import Shape

# Shape by its identity, with its validator.
_made: dict[int, tuple[Shape, jsonschema_rs.Draft202012Validator]] = {}


def validator(shape: Shape) -> jsonschema_rs.Draft202012Validator:
    """The shape is held as well, so that its identity stays its own."""
    found = _made.get(id(shape))
    if found is None:
        found = shape, jsonschema_rs.Draft202012Validator(dict(shape), validate_formats=True)
        _made[id(shape)] = found
    return found[1]
