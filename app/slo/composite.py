"""One objective made of several. Pure.

Members count different things, so their events cannot be added. A composite is made of five minutes instead:

    all        five minutes are good when every member that had traffic kept its own objective in them
    weighted   five minutes count by the weighted mean of the members' shares of good events

A member without traffic is left out. One without data leaves the five minutes without data, unless another
member has failed already: a figure of half the members would be another figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.slo.bucket import Bucket, BucketState, Counts
from app.slo.definition import Composition


@dataclass(frozen=True)
class Part:
    """What one member says of five minutes."""

    weight: float
    allowed_ratio: float  # 1 − its objective
    counts: Counts
    state: BucketState


def composed(at: datetime, composition: Composition, parts: Sequence[Part], is_complete: bool) -> Bucket:
    spoken = [part for part in parts if part.state == "ok"]
    unknown = any(part.state == "no_data" for part in parts) or not parts
    if composition == "all" and any(_failed(part) for part in spoken):
        return Bucket(at, 0.0, 1.0, 1.0, "ok", is_complete)
    if unknown:
        return Bucket(at, 0.0, 0.0, 0.0, "no_data", is_complete)
    if not spoken:
        return Bucket(at, 0.0, 0.0, 0.0, "no_traffic", is_complete)
    bad = 0.0 if composition == "all" else _mean(spoken)
    return Bucket(at, round(1 - bad, 9), round(bad, 9), 1.0, "ok", is_complete)


def _failed(part: Part) -> bool:
    ratio = part.counts.error_ratio
    return ratio is not None and ratio > part.allowed_ratio


def _mean(parts: Sequence[Part]) -> float:
    return sum((part.counts.error_ratio or 0.0) * part.weight for part in parts) / sum(
        part.weight for part in parts
    )


def check(key: str, members: Iterable[str], known: Mapping[str, Iterable[str]]) -> None:
    """Raises `Refused` where a member does not exist or leads back to `key`. `known`: key → its members."""
    for member in members:
        if member not in known:
            raise _refused(_l("There is no SLO %(key)s.", key=member))
        if path := _path(member, key, known, ()):
            raise _refused(_l("It would be made of itself: %(path)s.", path=" → ".join((key, *path))))


def in_order(known: Mapping[str, Iterable[str]]) -> list[str]:
    """Keys so that each comes after its members; what no composite needs comes in the order given."""
    placed: dict[str, None] = {}

    def place(key: str) -> None:
        if key in known and key not in placed:
            for member in known[key]:
                place(member)
            placed[key] = None

    for key in known:
        place(key)
    return list(placed)


def _path(
    start: str, goal: str, known: Mapping[str, Iterable[str]], walked: tuple[str, ...]
) -> tuple[str, ...]:
    """The way from `start` to `goal` along members; () where there is none."""
    if start == goal:
        return (*walked, start)
    if start in walked:
        return ()
    ways = (_path(member, goal, known, (*walked, start)) for member in known.get(start, ()))
    return next((way for way in ways if way), ())


def _refused(why: object) -> Refused:
    return Refused(_l("The SLO was not saved."), {"members": why})
