"""What a fresh machine lacks, each step done once: a stamp says from what it was made.

Standard library only: runs before there is a venv. Everything lands in .venv/ and .tools/; only the
Chromium of ./check is installed on the machine, and only by root.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from local import browser_libraries, chromium, debian, python_packages
from local.machine import ROOT, TOOLS, CannotStart

VENV = python_packages.VENV
STAMPS = TOOLS / "stamps"


@dataclass(frozen=True)
class Step:
    name: str
    made_from: tuple[str, ...]  # contents; another one makes the step run again
    is_there: Callable[[], bool]  # what it makes has not been deleted
    make: Callable[[], str]  # says in a few words what was done
    may_fail: bool = False  # the system runs without it, and says so

    @property
    def stamp(self) -> str:
        return hashlib.sha256("\0".join(self.made_from).encode()).hexdigest()

    def is_done(self) -> bool:
        file = STAMPS / self.name.replace(" ", "-")
        return file.exists() and file.read_text() == self.stamp and self.is_there()

    def mark_done(self) -> None:
        STAMPS.mkdir(parents=True, exist_ok=True)
        (STAMPS / self.name.replace(" ", "-")).write_text(self.stamp)


def for_run() -> list[Step]:
    packages = _packages("check")
    steps = [packages if packages.is_done() else _packages("local"), _browser_libraries(may_fail=True)]
    if not (os.environ.get("PROMETHEUS_URL") and os.environ.get("ALERTMANAGER_URL")):
        steps.append(_services())
    return steps


def for_check() -> list[Step]:
    return [_packages("check"), _browser_libraries(), _test_libraries(), _services(), _chromium()]


def _packages(name: str) -> Step:
    """One stamp for all sets: installing one replaces the other."""
    return Step(
        "python packages",
        (_text(ROOT / "requirements" / f"{name}.txt"), sys.version, str(ROOT)),
        lambda: (VENV / "bin" / "python").exists(),
        lambda: python_packages.install(name),
    )


def _browser_libraries(*, may_fail: bool = False) -> Step:
    return Step(
        "browser libraries",
        (_text(ROOT / "package-lock.json"), repr(browser_libraries.FILES)),
        browser_libraries.are_there,
        browser_libraries.fetch,
        may_fail,
    )


def _test_libraries() -> Step:
    return Step(
        "test libraries",
        (_text(ROOT / "package-lock.json"),),
        browser_libraries.test_libraries_are_there,
        browser_libraries.fetch_test_libraries,
    )


def _services() -> Step:
    return Step("prometheus", debian.PACKAGES, lambda: not debian.missing(), debian.fetch_services, True)


def _chromium() -> Step:
    return Step("chromium", (), lambda: chromium.find() is not None, chromium.fetch)


def _text(path: Path) -> str:
    return path.read_text()


def run(steps: Iterable[Step]) -> None:
    """All steps that are due, side by side; a line on standard error as each one ends."""
    due = [step for step in steps if not step.is_done()]
    if not due:
        return
    TOOLS.mkdir(exist_ok=True)
    failures: list[str] = []
    threads = [threading.Thread(target=_run_one, args=(step, failures), daemon=True) for step in due]
    say(f"Setting up in {ROOT}")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise CannotStart("\n".join(failures))


def _run_one(step: Step, failures: list[str]) -> None:
    started = time.monotonic()
    try:
        done = step.make()
        step.mark_done()
        progress(step.name, time.monotonic() - started, done)
    except (OSError, RuntimeError, CannotStart) as error:
        progress(step.name, time.monotonic() - started, f"failed: {error}")
        if not step.may_fail:
            failures.append(f"{step.name} could not be set up: {error}")


def progress(name: str, seconds: float, note: str = "") -> None:
    say(f"  {name:<24} {seconds:6.1f} s  {note}".rstrip())


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def forget() -> None:
    """So that the next start sets everything up again."""
    shutil.rmtree(STAMPS, ignore_errors=True)
