"""What pages show of flags. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.flags import flag as rules
from app.flags.percent import Reach, reach

Json = dict[str, Any]


@dataclass(frozen=True)
class State:
    """A flag in one environment."""

    environment: str
    enabled: bool
    is_readable: bool  # else what is stored is no targeting: off, until somebody saves a new one
    reach: Reach
    can_move: bool  # whether one slider is enough
    strategies: Sequence[Json]
    variants: Sequence[Json]
    revision: int
    changed_at: datetime
    changed_by: str
    moved_at: datetime | None
    moved_from: int | None
    moved_by: str | None

    @property
    def reach_when_on(self) -> Reach:
        """Who would get it once it is switched on."""
        return reach(True, self.strategies)


@dataclass(frozen=True)
class Row:
    """A flag in the list."""

    name: str
    type: str
    description: str
    owner: str
    tags: tuple[str, ...]
    is_stale: bool  # marked by a person
    created_at: datetime
    created_by: str
    archived_at: datetime | None
    revision: int
    states: Mapping[str, State]
    apps: int  # applications that asked for it in the last day
    seen_at: datetime | None  # last report of any SDK

    @property
    def is_drill(self) -> bool:
        return rules.is_drill(self.name)

    @property
    def lifetime_days(self) -> int | None:
        return rules.lifetime_days(self.name, self.type)

    def is_overdue(self, now: datetime) -> bool:
        return rules.is_overdue(self.name, self.type, self.created_at, now)


@dataclass(frozen=True)
class Hour:
    hour: datetime
    yes: int
    no: int


@dataclass(frozen=True)
class App:
    """An application that asks for a flag."""

    name: str
    sdks: tuple[str, ...]
    connected: int  # instances that polled lately
    seen_at: datetime


@dataclass(frozen=True)
class Unknown:
    """A flag that SDKs ask for and nobody defined."""

    name: str
    apps: tuple[str, ...]
    asked: int  # times in the last day
    seen_at: datetime
