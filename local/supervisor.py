"""Starts programs in stages, watches them, and stops them in reverse. Never leaves a half-dead system.

Who dies is named and started again, later each time. Who dies too often ends everything, with its last words.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from local.machine import CannotStart
from local.processes import Program, Running
from local.setup import progress, say

WAITS_SECONDS = (0.0, 1.0, 2.0, 4.0)  # before the first, second … restart within the window
WINDOW_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.2
READY_WITHIN_SECONDS = 45.0
LARGEST_LOG = 5_000_000


class Stopped(Exception):
    """Somebody asked for the end."""


@dataclass
class Watched:
    program: Program
    log: Path
    running: Running | None = None
    is_ready: bool = False
    restart_at: float = 0.0
    deaths: deque[float] = field(default_factory=deque)

    def start(self) -> Running:
        self.is_ready = False
        self.running = Running(self.program, self.log)
        return self.running


class Supervisor:
    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._stages: list[list[Watched]] = []

    def start(self, *programs: Program) -> None:
        """One stage: all at once, and back when every one of them is ready."""
        stage: list[Watched] = []
        self._stages.append(stage)
        starting: list[tuple[Watched, Running]] = []
        for program in programs:
            watched = Watched(program, self._log(program.name))
            stage.append(watched)
            starting.append((watched, watched.start()))
        began = time.monotonic()
        for watched, running in starting:
            running.wait_ready(READY_WITHIN_SECONDS)
            watched.is_ready = True
            progress(watched.program.name, time.monotonic() - began)

    def _log(self, name: str) -> Path:
        log = self._logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".old.log"))
        return log

    def watch(self) -> None:
        """Until somebody asks for the end (`Stopped`) or a program cannot be kept up (`CannotStart`)."""
        while True:
            for stage in self._stages:
                for watched in stage:
                    self._look(watched, time.monotonic())
            time.sleep(LOOK_EVERY_SECONDS)

    def _look(self, watched: Watched, now: float) -> None:
        running = watched.running
        if running is None:
            if now >= watched.restart_at:
                watched.start()
        elif running.exit_status() is not None:
            self._mourn(watched, running, now)
        elif not watched.is_ready:
            self._await(watched, running, now)

    def _mourn(self, watched: Watched, running: Running, now: float) -> None:
        running.stop()  # the rest of its group
        name, how = watched.program.name, running.how_it_ended()
        watched.deaths.append(now)
        while watched.deaths[0] < now - WINDOW_SECONDS:
            watched.deaths.popleft()
        if len(watched.deaths) > len(WAITS_SECONDS):
            raise CannotStart(
                f"{name} ended {len(watched.deaths)} times within a minute, the last time {how}; "
                f"everything is stopped.\n{running.last_words()}"
            )
        wait = WAITS_SECONDS[len(watched.deaths) - 1]
        say(f"{name} ended {how}; it is started again{f' in {wait:.0f} s' if wait else ''}")
        watched.running, watched.restart_at = None, now + wait

    def _await(self, watched: Watched, running: Running, now: float) -> None:
        seconds = now - running.started_at
        if watched.program.ready():
            watched.is_ready = True
            say(f"{watched.program.name} is back after {seconds:.1f} s")
        elif seconds > READY_WITHIN_SECONDS:
            say(f"{watched.program.name} does not answer")
            running.stop()

    def stop(self) -> None:
        """The last stage first; within a stage all at once."""
        for stage in reversed(self._stages):
            alive = [watched.running for watched in stage if watched.running is not None]
            for running in alive:
                running.ask_to_stop()
            for running in alive:
                running.stop()
        self._stages.clear()


@contextmanager
def until_told() -> Iterator[None]:
    """Ctrl-C, TERM and HUP raise `Stopped` once; while things are being stopped they are ignored."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in told:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    told: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, stop) for each in told}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
