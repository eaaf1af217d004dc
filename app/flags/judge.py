"""Flags of one question and revision, ready to be asked: for frontends and OpenFeature, which evaluate
with us.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from app.flags import wire
from app.flags.evaluator import Answer, Evaluator
from app.flags.snapshot import Snapshot
from app.flags.wire import Feature, Query

Context = Mapping[str, Any]


class Judge:
    """An engine answers one thread at a time."""

    def __init__(self, snapshot: Snapshot, query: Query) -> None:
        entries = snapshot.for_(query)
        segments = [segment.as_json() for segment in snapshot.segments_of(entries)]
        self.revision = snapshot.revision
        self.features: Mapping[str, Feature] = {entry.feature.name: entry.feature for entry in entries}
        self._evaluator = Evaluator([wire.as_json(entry.feature) for entry in entries], segments)
        self._lock = threading.Lock()

    def one(self, name: str, context: Context) -> Answer:
        with self._lock:
            return self._evaluator.one(name, context)

    def all(self, context: Context) -> list[Answer]:
        with self._lock:
            return self._evaluator.all(context)
