from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local.machine import PORTS, ROOT, free_port

Ask = Callable[[], object]


def wait_for(ask: Ask, seconds: float = 20) -> object:
    until = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)
    return answer


class Starter:
    """Starts ./run again and again in one state folder, on free ports; ends what has not ended."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)  # as whom PostgreSQL runs must come through
        self.folder = folder
        self.state = folder / "state"
        self.ports = {name: str(free_port()) for name in PORTS}
        self.started: list[Run] = []

    def __call__(self, *arguments: str, **environment: str) -> Run:
        ours = {**os.environ, **self.ports, "STATE_DIR": str(self.state), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, "-m", "local", *arguments],
            cwd=self.folder,
            env={**ours, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(Run(process))
        return self.started[-1]

    def close(self) -> None:
        for run in self.started:
            if run.process.poll() is None:
                run.process.send_signal(signal.SIGINT)
                run.process.wait(30)
            run.process.stdout.close()


@contextmanager
def starter() -> Iterator[Starter]:
    with TemporaryDirectory(prefix="backroom-run-") as folder:
        made = Starter(Path(folder))
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def run():
    with starter() as made:
        yield made


@pytest.fixture(scope="module")
def house():
    """One that several tests look at; it must be running when they leave it."""
    with starter() as made:
        yield made


@pytest.fixture(scope="module")
def running(house):
    started = house("services")
    started.says("ALERTMANAGER_URL=")
    return started


class Run:
    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process
        self.said = ""

    def says(self, text: str) -> str:
        """Reads on until the text was said."""
        while text not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended without saying {text!r}:\n{self.said}"
            self.said += line
        return self.said

    def ends(self) -> int:
        self.said += self.process.stdout.read()
        return self.process.wait(30)
