"""`./run bench`: a house of its own with thirty days of history, measured, and taken down again.

Nothing is compared with a number from elsewhere: each measurement puts two things side by side in one run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess  # nosec B404 # never through a shell
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import memory, overview_page
from local.environment import of_process
from local.machine import PORTS, ROOT, CannotStart, free_port

READY_SECONDS = 180.0
REST_SECONDS = 30.0  # until the first round of every job is over


@dataclass(frozen=True)
class House:
    process: int
    settings: dict[str, str]
    people: dict[str, str]  # e-mail → password
    state: Path


@contextmanager
def house(shoppers: str | None = "0") -> Iterator[House]:
    """A whole ./run, on free ports, with a folder that is thrown away. None: the usual shoppers."""
    with TemporaryDirectory(prefix="backroom-bench-") as folder:
        state = Path(folder)
        state.chmod(0o755)
        ports = {name: str(free_port()) for name in PORTS}
        environment = {**os.environ, **ports, "STATE_DIR": folder, "DEMO": "1"}
        if shoppers is not None:
            environment["SHOPPERS"] = shoppers
        running = subprocess.Popen(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
            [sys.executable, "-m", "local"], cwd=ROOT, env=environment
        )
        try:
            _wait_until_ready(running, state / "ready")
            keys = json.loads((state / "keys.json").read_text())
            settings = json.loads((state / "settings.json").read_text())
            yield House(
                running.pid, settings, {name: key for name, key in keys.items() if "@" in name}, state
            )
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def _wait_until_ready(running: subprocess.Popen[bytes], mark: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while not mark.exists():
        if running.poll() is not None or time.monotonic() > until:
            raise CannotStart("The house to be measured did not start.")
        time.sleep(0.2)


def main() -> None:
    with house() as measured:
        print(f"Resting for {REST_SECONDS:.0f} s", flush=True)
        time.sleep(REST_SECONDS)
        memory.main(measured.process)
        email, password = next(iter(measured.people.items()))
        print(flush=True)
        overview_page.main(measured.settings["CONTROL_URL"], email, password)
        print(flush=True)
        _beside("benchmarks.product_page", of_process(measured.settings))
    print(flush=True)
    _beside("benchmarks.kpi", os.environ)


def _beside(module: str, environment: Mapping[str, str]) -> None:
    """In a process of its own."""
    subprocess.run(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
        [sys.executable, "-m", module], cwd=ROOT, env=environment, check=True
    )


if __name__ == "__main__":
    main()
