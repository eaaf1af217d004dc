"""Each test has an app of its own, and each app the same hundreds of routes.

Werkzeug reads every route's text anew and compiles the functions that build its address: a fifth of a second
for an app, longer than most tests take. What comes of it depends on the route's text, its defaults and its
converters alone, so that it is done once for all apps of a test process. The whole map of the control plane,
which depends on no setting, is drawn once as well; a test that adds a route of its own gets a copy of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.sansio.app import App
from werkzeug.routing import Map, Rule

CONTROL_PLANE = "app.factory"


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


class SharedMap:
    """The map of the first app of the control plane, for those after it. Views stay each app's own."""

    def __init__(self) -> None:
        self._whole: Map | None = None
        self._add_url_rule = App.add_url_rule
        App.add_url_rule = self._remembered  # type: ignore[method-assign]

    def keep(self, app: App) -> None:
        """Every route of this app is there."""
        if self._whole is None:
            self._whole = app.url_map

    @property
    def _remembered(self) -> Any:
        shared = self

        def add_url_rule(
            app: App,
            rule: str,
            endpoint: str | None = None,
            view_func: Any = None,
            provide_automatic_options: bool | None = None,
            **options: Any,
        ) -> None:
            name = endpoint or view_func.__name__
            if shared._knows(app, name, rule):
                if view_func is not None:
                    app.view_functions[name] = view_func
                return
            shared._add_url_rule(app, rule, endpoint, view_func, provide_automatic_options, **options)

        return add_url_rule

    def _knows(self, app: App, endpoint: str, rule: str) -> bool:
        if self._whole is None or app.import_name != CONTROL_PLANE:
            return False
        if any(one.rule == rule for one in self._whole._rules_by_endpoint.get(endpoint, ())):
            app.url_map = self._whole
            return True
        if app.url_map is self._whole:
            app.url_map = _copied(self._whole)
        return False


def _copied(whole: Map) -> Map:
    return Map([rule.empty() for rule in whole.iter_rules()], converters=whole.converters)
