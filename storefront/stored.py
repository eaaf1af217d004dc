"""Frozen dataclasses to JSON and back. What comes back is checked, for a cache may hold anything. Pure."""

from __future__ import annotations

import types
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
PLAIN = (str, int, bool, float)


def store(value: object) -> Any:
    """A dataclass, or a list of them, as JSON's own types."""
    if isinstance(value, list | tuple):
        return [store(item) for item in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def restore(shape: type[T], raw: Any) -> T:
    """The dataclass that `store` was given. Raises TypeError or KeyError for anything else."""
    if not isinstance(raw, dict):
        raise TypeError(f"{shape.__name__} is stored as an object")
    return shape(**{name: _value(hint, raw[name]) for name, hint in _hints(shape)})  # type: ignore[arg-type]


@cache
def _hints(shape: type) -> tuple[tuple[str, Any], ...]:
    """Names and types of the fields; working them out costs more than reading a product."""
    hints = get_type_hints(shape)
    return tuple((field.name, hints[field.name]) for field in fields(shape))


def _value(hint: Any, raw: Any) -> Any:
    if hint in PLAIN and type(raw) is hint:
        return raw
    if get_origin(hint) is tuple:
        if not isinstance(raw, list):
            raise TypeError("a list is missing")
        return tuple(_value(get_args(hint)[0], item) for item in raw)
    if isinstance(hint, types.UnionType):
        if raw is None and type(None) in get_args(hint):
            return None
        return _value(get_args(hint)[0], raw)
    if is_dataclass(hint):
        return restore(hint, raw)  # type: ignore[arg-type]
    if hint is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if type(raw) is not hint:
        raise TypeError(f"{hint} is missing")
    return raw
