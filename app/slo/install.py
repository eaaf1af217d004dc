"""Burn rules where Prometheus loads them, and whether what it has loaded is what was meant."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.prometheus import Prometheus
from app.rule_files import check_rules, put
from app.slo.rules import DIGEST, Group, Rule, text

FILE = "backroom.yml"

Known = tuple[str, str, tuple[tuple[str, str], ...], str]  # group, alert, labels, digest


def install(wanted: Sequence[Group], folder: Path, promtool: str, prometheus: Prometheus) -> str:
    done = put(
        folder / FILE, text(wanted), promtool, prometheus, lambda: difference(wanted, prometheus.rules())
    )
    if done == "unchanged and loaded":
        return done
    return f"{sum(len(group.rules) for group in wanted)} rules {done}"


def check_text(new: str, promtool: str) -> None:
    """Raises `Refused` with promtool's words where it does not accept the text."""
    with tempfile.TemporaryDirectory(prefix="backroom-rules-") as folder:
        path = Path(folder) / FILE
        path.write_text(new)
        check_rules(path, promtool)


def difference(wanted: Sequence[Group], loaded: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is loaded otherwise than it was meant, in words; empty where all is well.

    `loaded`: groups as Prometheus' API tells them.
    """
    meant = {_known(group.name, rule) for group in wanted for rule in group.rules}
    names = {group.name for group in wanted}
    there = {
        (group["name"], rule["name"], tuple(sorted(rule["labels"].items())), _digest(rule))
        for group in loaded
        for rule in group["rules"]
        if group["name"] in names
    }
    said = [f"{alert} of {group} is not loaded" for group, alert, _, _ in sorted(meant - there)]
    return said + [f"{alert} of {group} is loaded otherwise" for group, alert, _, _ in sorted(there - meant)]


def unhealthy(wanted: Sequence[Group], loaded: Iterable[Mapping[str, Any]]) -> list[str]:
    """Rules of ours that Prometheus has loaded and cannot evaluate, with its reason."""
    names = {group.name for group in wanted}
    return [
        f"{rule['name']} of {group['name']}: {rule.get('lastError', '')}"
        for group in loaded
        for rule in group["rules"]
        if group["name"] in names and rule.get("health") == "err"
    ]


def _known(group: str, rule: Rule) -> Known:
    return group, rule.alert, tuple(sorted(rule.labels.items())), rule.digest


def _digest(rule: Mapping[str, Any]) -> str:
    return str(rule.get("annotations", {}).get(DIGEST, ""))
