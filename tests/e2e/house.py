"""A running house for the browser tests: `./run` in a folder and on ports of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.machine import ROOT


@dataclass(frozen=True)
class House:
    """A running house. `settings` are what its processes were given."""

    settings: dict[str, str]
    passwords: dict[str, str]  # e-mail → password
    state: Path
    environment: dict[str, str]

    @property
    def control(self) -> str:
        return self.settings["CONTROL_URL"]

    @property
    def shop(self) -> str:
        return self.settings["SHOP_URL"]

    def email(self, role: str) -> str:
        return next(email for email in self.passwords if email.startswith(role.replace("_", "-") + "@"))

    def backroom(self, *arguments: str) -> str:
        """What the command line says; fails with it where the command fails."""
        command = [sys.executable, "-m", "local", "backroom", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def pids(self, program: str) -> list[int]:
        """The processes of a program of this house, known by the log that they write to."""
        log = str(self.state / "log" / f"{program}.log")
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(folder / "fd" / "1") == log:
                    found.append(int(folder.name))
            except OSError:
                continue
        return found


def wait_until(true: Callable[[], object], seconds: float = 30.0, every: float = 0.25) -> object:
    """What `true()` answers once that is true; fails the test when it never is."""
    end = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        assert time.monotonic() < end, f"not within {seconds} s: {true}"
        time.sleep(every)
