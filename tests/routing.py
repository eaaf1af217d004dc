"""Each test has an app of its own, and each app the same hundreds of routes.

Werkzeug reads every route's text anew and compiles the functions that build its address: a fifth of a second
for an app, longer than most tests take. What comes of it depends on the route's text, its defaults and its
converters alone, so that it is done once for all apps of a test process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule


@dataclass(frozen=True)
class _Compiled:
    parts: list[Any]
    trace: list[tuple[bool, str]]
    converters: dict[str, Any]
    arguments: frozenset[str]
    build: Any  # functions that take the rule itself
    build_unknown: Any


def compile_each_route_once() -> None:
    """Replaces `Rule.compile` by one that remembers."""
    known: dict[tuple[Any, ...], _Compiled] = {}
    original = Rule.compile

    def remembered(rule: Rule) -> None:
        key = _key(rule)
        if key in known:
            _take(rule, known[key])
        else:
            original(rule)
            known[key] = _compiled(rule)

    Rule.compile = remembered  # type: ignore[method-assign]


def _key(rule: Rule) -> tuple[Any, ...]:
    if rule.map is None:
        raise LookupError(f"the route {rule.rule!r} belongs to no app")
    converters = tuple(
        (name, kind.__module__, kind.__qualname__, kind.regex) for name, kind in rule.map.converters.items()
    )
    defaults = tuple(sorted((name, repr(value)) for name, value in (rule.defaults or {}).items()))
    return (
        rule.rule,
        rule.subdomain,
        rule.host,
        rule.merge_slashes,
        rule.map.host_matching,
        defaults,
        converters,
    )


def _compiled(rule: Rule) -> _Compiled:
    return _Compiled(
        parts=rule._parts,
        trace=rule._trace,
        converters=rule._converters,
        arguments=frozenset(rule.arguments),
        build=rule._build.__func__,  # type: ignore[attr-defined]
        build_unknown=rule._build_unknown.__func__,  # type: ignore[attr-defined]
    )


def _take(rule: Rule, found: _Compiled) -> None:
    rule._parts, rule._trace = list(found.parts), list(found.trace)
    rule._converters = dict(found.converters)
    rule.arguments |= found.arguments
    rule._build = found.build.__get__(rule)
    rule._build_unknown = found.build_unknown.__get__(rule)
