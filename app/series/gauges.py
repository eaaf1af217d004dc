"""Every series as a gauge on /metrics, so that any alert rule can watch any figure of ours.

`kpi.orders` is `backroom_kpi_orders`, with the newest point's value; beside it `…_timestamp_seconds` says how
old that is. A series without a point has no sample: absent is absent, never 0.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Sessions, transaction
from app.errors import Unavailable
from app.series.glossary import GLOSSARY

PREFIX = "backroom_"
KEPT_SECONDS = 5.0
# Of months past only the newest is a figure that still moves.
NEWEST_ONLY = "month"

_NEWEST = text("""
    SELECT series.key, series.labels, newest.at, newest.value
    FROM series
    CROSS JOIN LATERAL (
        SELECT at, value FROM series_points WHERE series_id = series.id ORDER BY at DESC LIMIT 1
    ) AS newest
    ORDER BY series.key, series.labels::text
""")


class Newest(NamedTuple):
    key: str
    labels: dict[str, str]
    at: datetime
    value: float


def gauge_name(key: str) -> str:
    return PREFIX + key.replace(".", "_").replace("-", "_")


def newest(session: Session) -> list[Newest]:
    """The newest point of each member of each series, in one statement."""
    rows = [Newest(*row) for row in session.execute(_NEWEST) if row.key in GLOSSARY]
    last: dict[str, str] = {}
    for row in rows:
        last[row.key] = max(last.get(row.key, ""), row.labels.get(NEWEST_ONLY, ""))
    return [row for row in rows if row.labels.get(NEWEST_ONLY, "") == last[row.key]]


def tell(session: Session) -> Iterator[str]:
    return lines(newest(session))


def lines(rows: Iterable[Newest]) -> Iterator[str]:
    """Prometheus' text format: a block of values for each key, then one of their moments."""
    by_key: dict[str, list[Newest]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    for key, members in by_key.items():
        name = gauge_name(key)
        yield from block(name, str(GLOSSARY[key].unit), ((row.labels, row.value) for row in members))
        moments = ((row.labels, row.at.timestamp()) for row in members)
        yield from block(f"{name}_timestamp_seconds", "when it was computed", moments)


def block(name: str, about: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        yield sample(name, labels, value)


def sample(name: str, labels: Mapping[str, str], value: float) -> str:
    shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in sorted(labels.items()))
    return f"{name}{{{shown}}} {value!r}" if shown else f"{name} {value!r}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


class Exposition:
    """What features tell of the database, read once in a few seconds however often it is scraped.

    `tell` answers lines in Prometheus' format. Where the database does not answer there are no samples: rules
    see that, and /metrics stays fast.
    """

    def __init__(self, sessions: Sessions, *tell: Callable[[Session], Iterable[str]]) -> None:
        self._sessions = sessions
        self._tell = tell
        self._text = ""
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def __call__(self) -> str:
        with self._lock:
            if time.monotonic() - self._read_at > KEPT_SECONDS:
                self._text = self._read()
                self._read_at = time.monotonic()
            return self._text

    def _read(self) -> str:
        try:
            with transaction(self._sessions, "PostgreSQL") as session:
                return "".join(f"{line}\n" for tell in self._tell for line in tell(session))
        except Unavailable:
            return ""
