"""Rule files where Prometheus loads them: checked first, swapped in whole, seen as loaded after.

Where Prometheus does not take the new file the old one is put back, so that it keeps the rules it had.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from app import programs
from app.errors import Refused, Unavailable
from app.prometheus import Prometheus

CHECK_SECONDS = 20

Done = Literal["unchanged and loaded", "loaded", "written and loaded"]


def put(
    path: Path, new: str, promtool: str, prometheus: Prometheus, missing: Callable[[], list[str]]
) -> Done:
    """Write, reload and verify. The same text is not written again, a wrong one never.

    `missing` names the rules that Prometheus should have loaded by now and has not.
    """
    old = path.read_text() if path.exists() else None
    if old == new and not missing():
        return "unchanged and loaded"
    if old != new:
        write(path, new, lambda draft: check_rules(draft, promtool))
    try:
        prometheus.reload()
        if lost := missing():
            raise Refused(f"Prometheus did not load {len(lost)} rules, such as {lost[0]}")
    except Exception:
        _put_back(path, old, prometheus)
        raise
    return "loaded" if old == new else "written and loaded"


def _put_back(path: Path, old: str | None, prometheus: Prometheus) -> None:
    if old is None:
        path.unlink(missing_ok=True)
    else:
        write(path, old)
    try:
        prometheus.reload()
    except (Refused, Unavailable):
        return  # it is away, and reads the file when it starts


def write(
    path: Path, text: str, check: Callable[[Path], None] = lambda draft: None, mode: int = 0o644
) -> None:
    """All of it or none: a checked draft under a name that nobody loads, synced, renamed."""
    draft = path.with_suffix(".draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        check(draft)
        os.replace(draft, path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", str(path)) from error
    finally:
        draft.unlink(missing_ok=True)


def check_rules(path: Path, promtool: str) -> None:
    """What promtool only frowns at, such as two rules that cannot be told apart, counts as refused."""
    run_check([promtool, "check", "rules", "--lint-fatal", str(path)], "promtool")


def run_check(command: list[str], name: str) -> None:
    """Raises `Refused` with the tool's own words, `Unavailable` where it cannot be run."""
    try:
        done = programs.run(command, seconds=CHECK_SECONDS)
    except OSError as error:
        raise Unavailable(f"{name} could not be run as {command[0]}", name) from error
    if done.returncode != 0:
        said = f"{done.stdout.strip()} {done.stderr.strip()}".strip()
        raise Refused(f"{name} refuses it: {said[:500]}")
