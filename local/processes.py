"""One child process: started so that it never outlives us, watched, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess  # nosec B404 # never through a shell
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from local.machine import CannotStart
from local.users import User


def _always() -> bool:
    return True


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Program:
    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool] = _always
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    user: User | None = None
    before: Callable[[], None] = _nothing  # run before each start, a restart too
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    # What the kernel sends when we are gone. A gentle end could wait for parts that are gone as well, so only
    # who must put something away gets one.
    orphan_signal: signal.Signals = signal.SIGKILL


class Running:
    """A started program. Its output goes to one log file; a group of its own keeps Ctrl-C from it."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.started_at = time.monotonic()
        self._was_asked = False  # a second signal would turn some programs from gentle to hasty
        program.before()
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as out:
            self.child: subprocess.Popen[bytes] = subprocess.Popen(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
                tethered(program.command, program.orphan_signal),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(program.env),
                cwd=program.folder,
                start_new_session=True,
                user=None if program.user is None else program.user.uid,
                group=None if program.user is None else program.user.gid,
                extra_groups=None if program.user is None else [],
            )

    def exit_status(self) -> int | None:
        return self.child.poll()

    def wait_ready(self, seconds: float = 30.0) -> None:
        until = time.monotonic() + seconds
        while not self.program.ready():
            if self.exit_status() is not None:
                raise CannotStart(f"{self.program.name} ended {self.how_it_ended()}.\n{self.last_words()}")
            if time.monotonic() > until:
                self.stop()
                raise CannotStart(
                    f"{self.program.name} did not answer within {seconds:.0f} s.\n{self.last_words()}"
                )
            time.sleep(0.03)

    def ask_to_stop(self) -> None:
        if self.exit_status() is None and not self._was_asked:
            self._was_asked = True
            self.child.send_signal(self.program.stop_signal)

    def stop(self) -> None:
        """Asks, waits, and then ends the whole group, whatever is left of it."""
        if self.exit_status() is None:
            self.ask_to_stop()
            with suppress(subprocess.TimeoutExpired):  # what is left is ended below
                self.child.wait(self.program.stop_seconds)
        with suppress(ProcessLookupError, PermissionError):  # nothing is left
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def how_it_ended(self) -> str:
        status = self.exit_status()
        if status is not None and status < 0:
            return f"by signal {signal.Signals(-status).name}"
        return f"with exit status {status}"

    def last_words(self, lines: int = 12) -> str:
        """The end of what this start wrote, for the message of an error."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            said = log.read().decode(errors="replace").splitlines()
        return "\n".join(f"  | {line}" for line in [*said[-lines:], f"(all of it: {self.log})"])


def tethered(command: Sequence[str | Path], number: signal.Signals = signal.SIGTERM) -> list[str | Path]:
    """The command, ended by the kernel as soon as we are gone, even by kill -9 (Linux only)."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return list(command)
    return [setpriv, "--pdeathsig", number.name.removeprefix("SIG"), "--", *command]


def completed(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: User | None = None,
) -> subprocess.CompletedProcess[str]:
    """The command run to its end, never through a shell, and what it said."""
    return subprocess.run(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=None if user is None else user.uid,
        group=None if user is None else user.gid,
        extra_groups=None if user is None else [],
    )


def become(python: str | Path, module: str, arguments: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """Turns this process into a Python module, so that its output and exit status are the caller's."""
    sys.stdout.flush()
    command = [str(python), "-m", module, *arguments]
    # nosemgrep: dangerous-os-exec-audit, dangerous-os-exec-tainted-env-args # what was typed is its arguments
    os.execve(python, command, env)  # nosec B606 # no shell


def answers(url: str, *, statuses: tuple[int, ...] = (200,)) -> bool:
    """Whether an HTTP GET is answered with one of the statuses within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # nosec B310 # nosemgrep: dynamic-urllib-use-detected # our own
            return int(answer.status) in statuses
    except urllib.error.HTTPError as error:
        return error.code in statuses
    except OSError:
        return False
