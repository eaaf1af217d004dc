"""Puts generated rules where Prometheus loads them: checked first, swapped in whole, seen as loaded after."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from app.errors import Refused, Unavailable
from app.prometheus import Prometheus
from app.slo.rules import Group, text

FILE = "backroom.yml"
CHECK_SECONDS = 20

Loaded = set[tuple[str, str, tuple[tuple[str, str], ...]]]  # group, alert, labels


def install(wanted: Sequence[Group], folder: Path, promtool: str, prometheus: Prometheus) -> str:
    """Write, reload and verify. The same text is not written again, a wrong one never."""
    path, new = folder / FILE, text(wanted)
    is_new = not path.exists() or path.read_text() != new
    if is_new:
        _write(path, new, promtool)
    elif not _missing(wanted, prometheus):
        return "unchanged and loaded"
    prometheus.reload()
    if missing := _missing(wanted, prometheus):
        group, alert, _ = min(missing)
        raise Refused(f"Prometheus did not load {len(missing)} rules, such as {alert} of {group}")
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


def _missing(wanted: Sequence[Group], prometheus: Prometheus) -> Loaded:
    loaded = {
        (group["name"], rule["name"], tuple(sorted(rule["labels"].items())))
        for group in prometheus.rules()
        for rule in group["rules"]
    }
    return {
        (group.name, rule.alert, tuple(sorted(rule.labels.items())))
        for group in wanted
        for rule in group.rules
    } - loaded
