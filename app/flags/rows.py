"""What pages show of flags. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.flags import flag as rules
from app.flags.lifecycle import Life
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
    project: str = rules.DEFAULT_PROJECT
    impression_data: bool = False
    links: Sequence[Mapping[str, str]] = ()
    dependencies: Sequence[Json] = ()  # parents, as on the wire
    expected_lifetime_days: int | None = None  # instead of the type's; 0: made to stay
    life: Life | None = None  # None: not read for this screen

    @property
    def is_drill(self) -> bool:
        return rules.is_drill(self.name)

    @property
    def lifetime_days(self) -> int | None:
        return rules.lifetime_days(self.name, self.type, self.expected_lifetime_days)

    def is_overdue(self, now: datetime) -> bool:
        expected = self.expected_lifetime_days
        return rules.is_overdue(self.name, self.type, self.created_at, now, expected)


@dataclass(frozen=True)
class Place:
    """An environment."""

    name: str
    type: str
    requires_approval: bool
    approvals_needed: int  # of other people, where it is required
    is_archived: bool


@dataclass(frozen=True)
class SegmentRow:
    """A segment in the list."""

    id: int
    name: str
    description: str
    project: str | None
    constraints: Sequence[Json]
    is_readable: bool  # else its constraints are none that an SDK can read: it holds for nobody
    changed_at: datetime
    changed_by: str
    revision: int
    used_by: tuple[str, ...]  # names of flags


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
    environments: tuple[str, ...]
    asked: int  # times in the last day
    seen_at: datetime
