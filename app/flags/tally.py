"""What SDKs told and is not written yet, added up in memory and written about once a second.

Without `start()` (tests, one-off processes) each report is written at once. While the database is away the
sums wait; they are bounded, and only a killed process (kill -9) loses those of its last second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError

from app.db import Sessions, transaction
from app.errors import Unavailable
from app.flags import sightings
from app.flags.reports import Instance, Report
from app.flags.sightings import Sighting
from app.flags.sums import Sums

log = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
MOST_SUMS = 200_000  # rows that may wait while the database is away
MOST_INSTANCES = 10_000
SIGHTING_SECONDS = 20.0  # an instance is written down this often
STOP_SECONDS = 3.0


class Tally:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._due: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._sums = Sums()
        self._instances: dict[tuple[str, ...], Sighting] = {}

    def start(self) -> None:
        """Write in a thread of this process from now on."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="flags-tally", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what is left."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
        self.flush()

    def count(self, environment: str, report: Report, now: datetime) -> None:
        """Raises `Unavailable` where too much waits already; SDKs keep such a report and send it again."""
        with self._lock:
            if len(self._sums) > MOST_SUMS:
                raise Unavailable(_l("Too many counts wait for the database."), "PostgreSQL")
            self._sums.add(environment, report, now)
        self._write_at_once()

    def saw(self, environment: str, instance: Instance, now: datetime) -> None:
        self._note(Sighting(environment, instance, now))
        self._write_at_once()

    def polled(self, environment: str, instance: Instance, now: datetime) -> None:
        """As `saw`, but not each time."""
        seconds = time.monotonic()
        key = (environment, instance.app_name, instance.instance_id, instance.connection_id)
        if self._due.get(key, 0.0) > seconds:
            return
        with self._lock:
            self._due[key] = seconds + SIGHTING_SECONDS
            self._due.move_to_end(key)
            while len(self._due) > MOST_INSTANCES:
                self._due.popitem(last=False)
        self.saw(environment, instance, now)

    def flush(self) -> bool:
        """False where the database did not take it; everything is kept for the next time then."""
        with self._writing:
            with self._lock:
                sums, self._sums = self._sums, Sums()
                instances, self._instances = self._instances, {}
            try:
                with transaction(self._sessions, "PostgreSQL") as session:
                    sightings.add(session, sums)
                    sightings.note(session, instances.values())
            except Unavailable:
                log.warning("flags: counts wait for the database")
                self._put_back(sums, instances)
                return False
            except SQLAlchemyError:
                log.exception("flags: the database refused counts for good, they are dropped")
            return True

    def _run(self) -> None:
        while not self._stopped.wait(FLUSH_SECONDS):
            if self._sums or self._instances:
                self.flush()

    def _write_at_once(self) -> None:
        if self._thread is None:
            self.flush()

    def _note(self, sighting: Sighting) -> None:
        with self._lock:
            earlier = self._instances.get(sighting.key)
            if earlier is not None or len(self._instances) < MOST_INSTANCES:
                self._instances[sighting.key] = sighting if earlier is None else sighting.later(earlier)

    def _put_back(self, sums: Sums, instances: dict[tuple[str, ...], Sighting]) -> None:
        for seen in instances.values():
            self._note(seen)
        with self._lock:
            self._sums.merge(sums)
