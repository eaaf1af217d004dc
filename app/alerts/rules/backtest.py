"""When a rule would have fired: Prometheus' own states, replayed over moments that have passed. Pure.

At each evaluation an alert is there (its series is in the result) or not. Prometheus 2.42 then does this:

- there, and not known: it is pending from now on; firing as soon as it has been pending for `for`
- pending and not there: forgotten
- firing and not there: kept firing until it has been away for `keep_firing_for`, then resolved
- firing and there again before that: the same alert goes on

Only the stretches during which a series is there matter, so a month costs as little as its changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Timing:
    """The evaluations: the first at `start`, then every so many seconds, `count` of them."""

    start: datetime
    every_seconds: int
    count: int

    def moment(self, index: int) -> datetime:
        return self.start + timedelta(seconds=index * self.every_seconds)

    @property
    def end(self) -> datetime:
        return self.moment(max(0, self.count - 1))


@dataclass(frozen=True)
class Track:
    """One series of a rule's result, by the numbers of the evaluations that it is in."""

    labels: Labels
    present: Sequence[int]  # ascending


@dataclass(frozen=True)
class Firing:
    labels: Labels
    active_at: datetime  # pending since; Alertmanager's startsAt is `starts_at`
    starts_at: datetime
    ends_at: datetime | None  # None: still firing at the last evaluation
    began_before: bool  # there already at the first evaluation: it may have begun earlier

    def length(self, until: datetime) -> timedelta:
        return (self.ends_at or until) - self.starts_at


def runs(present: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each stretch without a gap: 3 4 5 9 → (3, 5) (9, 9)."""
    first = last = None
    for index in present:
        if last is not None and first is not None and index != last + 1:
            yield first, last
            first = index
        first, last = index if first is None else first, index
    if first is not None and last is not None:
        yield first, last


def firings_of(track: Track, timing: Timing, hold_seconds: int, keep_seconds: int) -> list[Firing]:
    hold, keep = (-(-seconds // timing.every_seconds) for seconds in (hold_seconds, keep_seconds))
    found: list[Firing] = []
    active = fires = resolves = None
    for first, last in runs(track.present):
        if fires is not None and resolves is not None and first > resolves:
            found.append(_firing(track, timing, active or 0, fires, resolves))
            active = fires = None
        if fires is None:
            active = first
            fires = first + hold if first + hold <= last else None
        resolves = last + 1 + keep
    if fires is not None and resolves is not None:
        found.append(_firing(track, timing, active or 0, fires, resolves))
    return found


def _firing(track: Track, timing: Timing, active: int, fires: int, resolves: int) -> Firing:
    return Firing(
        track.labels,
        timing.moment(active),
        timing.moment(fires),
        timing.moment(resolves) if resolves < timing.count else None,
        began_before=active == 0,
    )


def firings(tracks: Iterable[Track], timing: Timing, hold_seconds: int, keep_seconds: int) -> list[Firing]:
    """Of all series, the oldest first. Each series is an alert of its own."""
    found = [one for track in tracks for one in firings_of(track, timing, hold_seconds, keep_seconds)]
    return sorted(found, key=lambda one: (one.starts_at, sorted(one.labels.items())))


def doubles(tracks: Sequence[Track]) -> Labels | None:
    """Labels that two series share: Prometheus does not evaluate such a rule."""
    seen: set[tuple[tuple[str, str], ...]] = set()
    for track in tracks:
        key = tuple(sorted(track.labels.items()))
        if key in seen:
            return track.labels
        seen.add(key)
    return None
