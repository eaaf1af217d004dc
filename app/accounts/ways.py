"""In which ways somebody holds a permission, and those that differ in their place alone as one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Through:
    """One way in which somebody holds a permission."""

    permission: str
    role: str
    is_main: bool  # the role itself, not a grant beside it
    environment: str | None
    locale: str | None
    ends_at: datetime | None

    @property
    def is_everywhere(self) -> bool:
        return self.environment is None and self.locale is None


@dataclass(frozen=True)
class Ways:
    """One role until one moment, and where: neither environments nor locales is everywhere."""

    role: str
    is_main: bool
    ends_at: datetime | None
    environments: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()


def merged(ways: Iterable[Through]) -> list[Ways]:
    """In the order in which each role came first. Who holds it everywhere holds it in each place."""
    groups: dict[tuple[str, bool, datetime | None], list[Through]] = {}
    for way in ways:
        groups.setdefault((way.role, way.is_main, way.ends_at), []).append(way)
    return [Ways(*same, *_places(group)) for same, group in groups.items()]


def _places(group: Sequence[Through]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if any(way.is_everywhere for way in group):
        return (), ()
    environments = {way.environment for way in group if way.environment is not None}
    locales = {way.locale for way in group if way.locale is not None}
    return tuple(sorted(environments)), tuple(sorted(locales))
