"""A thread of this process that works beside the pages: every few seconds, and once more before the end."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

STOP_SECONDS = 3.0  # how long a stopping process waits for the last work


@dataclass
class Beside:
    """Starts when it is first needed, so always after the fork; a forked process has one of its own."""

    name: str
    work: Callable[[], None]  # must not raise: that would end the thread
    at_exit: Callable[[], None]
    every_seconds: Callable[[], float]  # asked each time: an owner may change it
    _thread: threading.Thread | None = None
    _pid: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ensure(self) -> None:
        """Cheap where it runs already."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()
            self._pid = os.getpid()
            atexit.register(self.at_exit)

    def stop(self) -> bool:
        """Have it work a last time, for at most STOP_SECONDS. False: it does not run in this process."""
        thread = self._thread
        if thread is None or self._pid != os.getpid():
            return False
        self._stopping.set()
        thread.join(STOP_SECONDS)
        self._thread, self._pid = None, 0
        return True

    def _run(self) -> None:
        while not self._stopping.wait(self.every_seconds()):
            self.work()
        self.work()
