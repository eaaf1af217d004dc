"""A circuit breaker: after too many failures rest, then try once. Pure: time is an argument."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock

WINDOW_SECONDS = 10.0
LEAST_CALLS = 20  # fewer calls in the window say nothing
FAILED_SHARE = 0.5
REST_SECONDS = 5.0  # how long nobody asks before one trial


@dataclass
class Breaker:
    calls: deque[tuple[float, bool]] = field(default_factory=deque)  # (when, went well), oldest first
    opened_at: float | None = None
    trial_at: float | None = None
    lock: Lock = field(default_factory=Lock)

    def allows(self, now: float) -> bool:
        """May this call go out? While open, one trial is let through after each rest."""
        with self.lock:
            if self.opened_at is None:
                return True
            if now - max(self.opened_at, self.trial_at or 0.0) < REST_SECONDS:
                return False
            self.trial_at = now
            return True

    def record(self, went_well: bool, now: float) -> None:
        with self.lock:
            if self.opened_at is not None:
                self._close_or_rest(went_well, now)
                return
            self.calls.append((now, went_well))
            while self.calls and self.calls[0][0] < now - WINDOW_SECONDS:
                self.calls.popleft()
            failed = sum(1 for _, good in self.calls if not good)
            if len(self.calls) >= LEAST_CALLS and failed >= FAILED_SHARE * len(self.calls):
                self.opened_at = now
                self.calls.clear()

    def _close_or_rest(self, went_well: bool, now: float) -> None:
        self.opened_at, self.trial_at = (None, None) if went_well else (now, None)
