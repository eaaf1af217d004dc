"""Puts generated rules where Prometheus loads them: checked first, swapped in whole, seen as loaded after."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.errors import Refused, Unavailable
from app.prometheus import Prometheus
from app.slo.rules import DIGEST, Group, Rule, text

FILE = "backroom.yml"
CHECK_SECONDS = 20

Known = tuple[str, str, tuple[tuple[str, str], ...], str]  # group, alert, labels, digest


def install(wanted: Sequence[Group], folder: Path, promtool: str, prometheus: Prometheus) -> str:
    """Write, reload and verify. The same text is not written again, a wrong one never."""
    path, new = folder / FILE, text(wanted)
    is_new = not path.exists() or path.read_text() != new
    if is_new:
        _write(path, new, promtool)
    elif not difference(wanted, prometheus.rules()):
        return "unchanged and loaded"
    prometheus.reload()
    refuse_difference(wanted, prometheus.rules())
    count = sum(len(group.rules) for group in wanted)
    return f"{count} rules written and loaded" if is_new else f"{count} rules loaded"


def check(path: Path, promtool: str) -> None:
    """Raises `Refused` with promtool's words where it does not accept the file."""
    command = [promtool, "check", "rules", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"promtool could not be run as {promtool}", "promtool") from error
    if done.returncode != 0:
        raise Refused(f"promtool refuses the rules: {(done.stderr or done.stdout).strip()[:500]}")


def check_text(new: str, promtool: str) -> None:
    with tempfile.TemporaryDirectory(prefix="backroom-rules-") as folder:
        path = Path(folder) / FILE
        path.write_text(new)
        check(path, promtool)


def _write(path: Path, new: str, promtool: str) -> None:
    """The draft's name does not match what Prometheus loads; the swap is atomic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    try:
        draft.write_text(new)
        check(draft, promtool)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


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


def refuse_difference(wanted: Sequence[Group], loaded: Iterable[Mapping[str, Any]]) -> None:
    said = difference(wanted, loaded)
    if said:
        raise Refused(f"Prometheus did not load {len(said)} rules as they are meant: {said[0]}")


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
