"""From each route that writes, the audit trail is reached: read off the sources, name by name.

A view refers to commands, these to others, and some of them to `audit.record`. What is referred to is
followed through imports, also where it is only passed on, as in a table of actions. Routes that write nothing
worth a trail are listed with the reason.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache

from local.machine import ROOT

RECORD = "app.audit.commands.record"

# Endpoints by the reason why they leave no entry.
NO_TRAIL: dict[str, set[str]] = {
    "it shows what something would do, and writes nothing": {
        "alert_rules.backtest",
        "alert_rules_api.backtest",
        "cost_allocation_api.preview",
        "cost_whatif_api.try_out",
        "experiments_api.evaluate",
        "flag_segments.press",
        "flag_segments.preview",
        "flag_states_api.evaluate_body",
        "flag_targeting.press",
        "flag_targeting.preview",
        "locale_changes_api.preview",
        "locale_strings_api.checked",
        "locale_editor.checked",
        "rollouts_api.show_preview",
        "slo_crud_api.try_out",
        "slo_edit.try_on",
    },
    "facts that machines send, which are kept as such": {
        "alerts_api.webhook",
        "error_reports_of_browsers.errors",
        "error_reports_of_browsers.violations",
        "flags_client.register",
        "flags_client.metrics",
        "flags_frontend.toggles_for_body",
        "flags_frontend.register",
        "flags_frontend.metrics",
        "flags_ofrep.evaluate",
        "flags_ofrep.evaluate_all",
        "hooks_api.take",
        "usage_api.take",
    },
    "what somebody sees, and nobody else": {
        "flag_life.favourite",
        "flags_api.favour",
        "flags_api.forget",
        "locale_editor.here",
        "locale_strings_api.here",
        "notifications.open_one",
        "notifications.read",
        "notifications.read_all",
        "notifications_api.read",
        "notifications_api.read_all",
        "ui.choose_locale",
        "ui.choose_scope",
        "ui.choose_theme",
    },
    "nothing counts until it is confirmed, which leaves a trail": {
        "account_links.ask_for_link",
        "me.begin_factor",
        "me_api.begin_factor",
    },
    "it looks at the trail itself": {"audit.verify", "audit_api.verify"},
}


def module_of(path):
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


@cache
def sources():
    return {module_of(path): ast.parse(path.read_text()) for path in (ROOT / "app").rglob("*.py")}


def imports_of(tree):
    """Local name → what it stands for, dotted; those inside of functions, too."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                found[name.asname or name.name] = f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            for name in node.names:
                found[name.asname or name.name.partition(".")[0]] = name.name
    return found


def dotted(node):
    """`a.b.c` of an expression of names, else nothing."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def names_in(node):
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute | ast.Name) and (name := dotted(inner)):
            yield name


def defined(tree):
    """Top-level functions, classes and values by name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield target.id, node.value


@cache
def graph():
    """What each top-level thing of the control plane refers to."""
    found = defaultdict(set)
    for module, tree in sources().items():
        imports = imports_of(tree)
        own = dict(defined(tree))
        for name, node in own.items():
            for used in names_in(node):
                first, _, rest = used.partition(".")
                if first in imports:
                    found[f"{module}.{name}"].add(f"{imports[first]}.{rest}" if rest else imports[first])
                elif first in own:
                    found[f"{module}.{name}"].add(f"{module}.{first}")
    return found


def reaches_the_trail(start):
    seen, waiting = set(), [start]
    while waiting:
        here = waiting.pop()
        if here == RECORD:
            return True
        if here not in seen:
            seen.add(here)
            waiting.extend(graph().get(here, ()))
    return False


def writes(app):
    for rule in app.url_map.iter_rules():
        if rule.methods - {"GET", "HEAD", "OPTIONS"} and rule.endpoint.rpartition(".")[2] != "static":
            view = app.view_functions[rule.endpoint]
            yield rule.endpoint, f"{view.__module__}.{view.__name__}"


def test_every_route_that_writes_leaves_a_trail(control_app):
    silent = {endpoint for endpoint, view in writes(control_app) if not reaches_the_trail(view)}
    listed = set().union(*NO_TRAIL.values())
    assert sorted(silent - listed) == []
    assert sorted(listed - silent) == [], "these leave a trail, or are gone"


def test_the_walk_finds_what_is_there_and_misses_what_is_not():
    assert reaches_the_trail("app.flags.views.switch")
    assert not reaches_the_trail("app.flags.views.answers")
