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
import xml.etree.ElementTree as ElementTree  # nosec B405 # pytest's own report
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from local.environment import SETTINGS
from local.machine import PORTS, ROOT
from local.setup import progress, say
from local.translations import compile_all

PYTHON = sys.executable
BIN = Path(sys.executable).parent
OUR_CODE = ("app", "storefront", "local", "migrations", "tests", "benchmarks", "config.py", "wsgi.py")
LINT: dict[str, tuple[str, ...]] = {
    "ruff": ("ruff", "check", "--quiet", *OUR_CODE),
    "ruff format": ("ruff", "format", "--check", "--quiet", *OUR_CODE),
    "bandit": ("bandit", "-q", "-r", "app", "storefront", "local", "migrations", "config.py", "wsgi.py"),
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
    with ThreadPoolExecutor(1) as beside:
        # One after the other beside the tests, which often wait for services: nobody waits for mypy.
        linting = [beside.submit(_lint_one, name) for name in LINT] if "lint" in parts else []
        outcome = tests(parts)
        broken = [name for name, is_good in zip(LINT, linting, strict=False) if not is_good.result()]
    return tell(outcome.plus(Outcome(broken=tuple(broken))))


def tests(parts: list[str]) -> Outcome:
    compile_all()  # pages in German want the words that ./run makes
    outcome = Outcome()
    if "tests" in parts:
        outcome = outcome.plus(pytest("tests", *TESTS, "-n", "2", "--dist", "worksteal"))
    if "e2e" in parts:
        outcome = outcome.plus(pytest("e2e", "tests/e2e", "--cov-append"))
    if {"tests", "e2e"} <= set(parts):
        outcome = outcome.plus(coverage())
    return outcome


def _lint_one(name: str) -> bool:
    began = time.monotonic()
    program, *rest = LINT[name]
    done = subprocess.run(  # nosec B603 # no shell
        [BIN / program, *rest],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    progress(name, time.monotonic() - began, "" if done.returncode == 0 else "failed")
    if done.returncode != 0:
        say((done.stdout + done.stderr).strip())
    return done.returncode == 0


def pytest(name: str, *arguments: str) -> Outcome:
    """pytest writes as it goes; its counts are read from the report, not from what it prints."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [PYTHON, "-m", "pytest", *(f"-p{plugin}" for plugin in PLUGINS), *arguments]
        command += ["--quiet", "--durations=5", "--cov", "--cov-report=", f"--junit-xml={report}"]
        status = subprocess.run(  # nosec B603 # no shell
            command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, check=False
        ).returncode
        counted = _counts(report)
    if status != 0 and not counted.failed:
        return counted.plus(Outcome(broken=(f"pytest {name} (exit status {status})",)))
    return counted


def _counts(report: Path) -> Outcome:
    if not report.exists():
        return Outcome()
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # nosec B314 # pytest's own report
    tests = failed = skipped = 0
    for suite in suites:
        tests += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return Outcome(max(tests - failed - skipped, 0), failed)


def coverage() -> Outcome:
    command = [PYTHON, "-m", "coverage", "report", f"--fail-under={COVERED}"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, check=False)  # nosec B603 # no shell
    return Outcome(broken=() if done.returncode == 0 else (f"coverage under {COVERED} %",))


def environment() -> dict[str, str]:
    """Without the settings of what may be running here, so that nothing of it is touched."""
    ours = {*SETTINGS, *PORTS, "STATE_DIR", "PROMETHEUS_MULTIPROC_DIR"}
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
