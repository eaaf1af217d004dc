"""`./check`: everything that must hold before a change is good. Ends with `N passed, N failed`.

./check                 all of it
./check lint            format, lint, types, import contracts
./check tests           unit, integration, contracts
./check e2e             the browser tests
"""

from __future__ import annotations

import os
import subprocess  # nosec B404 # never through a shell
import sys
import time
import xml.etree.ElementTree as ElementTree  # nosec B405 # nosemgrep: use-defused-xml # pytest's own report
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from local.environment import SETTINGS
from local.machine import PORTS, ROOT
from local.processes import completed
from local.setup import progress, say
from local.translations import compile_all

PYTHON = sys.executable
BIN = Path(sys.executable).parent
OUR_CODE = ("app", "storefront", "local", "migrations", "tests", "benchmarks", "config.py", "wsgi.py")
LINT: dict[str, tuple[str, ...]] = {
    "ruff": ("ruff", "check", "--quiet", *OUR_CODE),
    "ruff format": ("ruff", "format", "--check", "--quiet", *OUR_CODE),
    "bandit": ("bandit", "-q", "-r", *(part for part in OUR_CODE if part != "tests")),
    "djlint": ("djlint", "--lint", "--quiet", "app", "storefront"),
    "import contracts": ("lint-imports", "--no-cache"),
    "mypy": ("mypy",),
}
# Loaded by name: letting pytest look for plugins costs each of its processes seconds.
PLUGINS = ("xdist.plugin", "pytest_cov.plugin", "pytest_timeout", "_hypothesis_pytestplugin")
TESTS = ("tests/unit", "tests/integration", "tests/contracts")
COVERED = 90


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    broken: tuple[str, ...] = ()  # checks that are no tests

    def plus(self, other: Outcome) -> Outcome:
        return Outcome(self.passed + other.passed, self.failed + other.failed, (*self.broken, *other.broken))


def main(arguments: list[str]) -> int:
    parts = arguments or ["lint", "tests", "e2e"]
    if unknown := set(parts) - {"lint", "tests", "e2e"}:
        say(f"no such part: {', '.join(sorted(unknown))}\n{__doc__}")
        return 2
    compile_all()  # pages in German want the words that ./run makes
    with ThreadPoolExecutor(2) as beside:
        # The tests fill the machine. The browser waits for pages and clocks most of the time, and goes first
        # where it does not; nobody waits for mypy.
        linting = beside.submit(lint) if "lint" in parts else None
        browsing = beside.submit(e2e, is_aside="tests" in parts) if "e2e" in parts else None
        outcome = tests() if "tests" in parts else Outcome()
        outcomes = [outcome, *(one.result() for one in (browsing, linting) if one)]
    return tell(reduce(Outcome.plus, outcomes))


def tests() -> Outcome:
    covering = ("--cov", "--cov-report=")
    found = pytest("tests", *TESTS, "-n", "2", "--dist", "worksteal", *covering, politeness=5)
    return found.plus(coverage())


def e2e(is_aside: bool) -> Outcome:
    return pytest("e2e", "tests/e2e", is_aside=is_aside)


def lint() -> Outcome:
    return Outcome(broken=tuple(name for name in LINT if not _lint_one(name)))


def _lint_one(name: str) -> bool:
    began = time.monotonic()
    program, *rest = LINT[name]
    done = completed([*_nice(10), BIN / program, *rest], folder=ROOT, env=environment())
    progress(name, time.monotonic() - began, "" if done.returncode == 0 else "failed")
    if done.returncode != 0:
        say((done.stdout + done.stderr).strip())
    return done.returncode == 0


def pytest(name: str, *arguments: str, politeness: int = 0, is_aside: bool = False) -> Outcome:
    """Its counts are read from its report, not from what it prints: as it goes, or in one piece if aside."""
    with TemporaryDirectory() as folder:
        report, said = Path(folder) / "report.xml", Path(folder) / "said.txt"
        command = [
            *_nice(politeness),
            PYTHON,
            "-m",
            "pytest",
            *(f"-p{plugin}" for plugin in PLUGINS),
            *arguments,
        ]
        command += ["--quiet", "--durations=5", f"--junit-xml={report}"]
        began = time.monotonic()
        with said.open("wb") as out:
            status = _status(command, out if is_aside else None)
        counted = _counts(report)
        said_aside = said.read_text(errors="replace").strip()
    progress(name, time.monotonic() - began, "" if status == 0 else "failed")
    if said_aside:
        say(said_aside)
    if status != 0 and not counted.failed:
        return counted.plus(Outcome(broken=(f"pytest {name} (exit status {status})",)))
    return counted


def _nice(politeness: int) -> tuple[str, ...]:
    """In front of a command that lets others go first; a politeness of 0 asks for nothing."""
    return ("nice", "-n", str(politeness)) if politeness else ()


def _counts(report: Path) -> Outcome:
    if not report.exists():
        return Outcome()
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # nosec B314 # nosemgrep: use-defused-xml-parse # pytest's
    tests = failed = skipped = 0
    for suite in suites:
        tests += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return Outcome(max(tests - failed - skipped, 0), failed)


def coverage() -> Outcome:
    command = [PYTHON, "-m", "coverage", "report", f"--fail-under={COVERED}"]
    return Outcome(broken=() if _status(command) == 0 else (f"coverage under {COVERED} %",))


def _status(command: Sequence[str | Path], out: IO[bytes] | None = None) -> int:
    """How a program ended that speaks for itself while it runs, into a file where one is given."""
    return subprocess.run(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
        command,
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=None if out is None else subprocess.STDOUT,
        check=False,
    ).returncode


def environment() -> dict[str, str]:
    """Without the settings of what may be running here, so that nothing of it is touched.

    Bytecode is kept: without it each of some hundred processes compiles every library anew.
    """
    ours = {*SETTINGS, *PORTS, "STATE_DIR", "PROMETHEUS_MULTIPROC_DIR", "PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {
        **kept,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "COVERAGE_CORE": "ctrace",
    }


def tell(outcome: Outcome) -> int:
    sys.stdout.flush()
    if outcome.broken:
        print(f"not good: {', '.join(outcome.broken)}")
    print(f"{outcome.passed} passed, {outcome.failed} failed", flush=True)
    return 1 if outcome.failed or outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
