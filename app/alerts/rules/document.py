"""Alert rules as one YAML document: the same rules give the same text, byte for byte. Pure.

Each rule is a group of its own, so that a slow one holds up no other and each keeps its own interval.
The house's own rules come first; people cannot take them away. Strings are JSON, which YAML reads as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from app.alerts import durations
from app.alerts.rules.rule import Rule

HEAD = "# Written by Backroom from its alert rules, checked by promtool. Edits here are overwritten.\n"
Loaded = tuple[str, str, tuple[tuple[str, str], ...], str]  # group, alert, labels, version


def text(rules: Iterable[tuple[Rule, int]], control_url: str) -> str:
    """`rules`: each with its revision, by which it is known once it is loaded."""
    lines = [
        line
        for rule, revision in sorted(rules, key=lambda pair: pair[0].key)
        for line in _group(rule, revision, control_url)
    ]
    return HEAD + ("groups:\n" if lines else "groups: []\n") + "".join(f"{line}\n" for line in lines)


def loaded_as(rule: Rule, revision: int) -> Loaded:
    return rule.group, rule.name, tuple(sorted(rule.all_labels.items())), str(revision)


def runbook_url(runbook: str, control_url: str) -> str:
    return runbook if "://" in runbook else f"{control_url}/alerts/runbooks/{runbook}"


def texts_of(rule: Rule, revision: int, control_url: str) -> dict[str, str]:
    given = {
        "summary": rule.summary or rule.name,
        "description": rule.description,
        "runbook_url": runbook_url(rule.runbook, control_url) if rule.runbook else "",
        "rule_url": f"{control_url}/alerts/rules/{rule.key}",
        "revision": str(revision),
    }
    return {name: value for name, value in given.items() if value}


def _group(rule: Rule, revision: int, control_url: str) -> Iterator[str]:
    yield f"  - name: {json.dumps(rule.group)}"
    yield f"    interval: {durations.write(rule.every_seconds)}"
    yield "    rules:"
    yield f"      - alert: {json.dumps(rule.name)}"
    yield f"        expr: {json.dumps(rule.expression, ensure_ascii=False)}"
    if rule.hold_seconds:
        yield f"        for: {durations.write(rule.hold_seconds)}"
    if rule.keep_firing_seconds:
        yield f"        keep_firing_for: {durations.write(rule.keep_firing_seconds)}"
    yield "        labels:"
    yield from _texts(rule.all_labels)
    yield "        annotations:"
    yield from _texts(texts_of(rule, revision, control_url))


def _texts(values: dict[str, str]) -> Iterator[str]:
    for name, value in sorted(values.items()):
        yield f"          {name}: {json.dumps(value, ensure_ascii=False)}"
