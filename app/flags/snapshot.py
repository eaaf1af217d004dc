"""All flags of one environment as they were at one revision, and what changed since another. Pure: no I/O,
no clock.

What SDKs download is cut from here: everything (`finished`), or events since a revision (`changes`).
Archived flags and deleted segments are kept, each with the revision at which it went, so that a change can
be told to whoever knows an older state, whichever process it asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.flags import wire
from app.flags.wire import Feature, Finished, Query, Segment, Segments

Scope = tuple[str, tuple[str, ...]]  # project and tags, by which a question admits a flag


@dataclass(frozen=True)
class Entry:
    """One flag, archived ones too."""

    feature: Feature
    revision: int  # of its last change
    is_gone: bool = False  # archived or deleted
    past: frozenset[Scope] = frozenset()  # what it was admitted by earlier, as far as is known

    @cached_property
    def text(self) -> str:
        return wire.feature_text(self.feature)

    @property
    def scope(self) -> Scope:
        return self.feature.project, self.feature.tags

    def is_for(self, query: Query) -> bool:
        return not self.is_gone and query.matches(self.feature)

    def was_for(self, query: Query) -> bool:
        """Whether somebody who asks this may have it from before."""
        return any(query.admits(self.feature.name, *scope) for scope in (*self.past, self.scope))

    def after(self, earlier: Entry | None) -> Entry:
        """This one, remembering what the earlier was admitted by."""
        if earlier is None or (earlier.scope == self.scope and earlier.past == self.past):
            return self
        return Entry(self.feature, self.revision, self.is_gone, earlier.past | {earlier.scope})


@dataclass(frozen=True)
class Snapshot:
    environment: str
    revision: int
    entries: Mapping[str, Entry]  # by name, in the order of names
    segments: Segments = field(default_factory=dict)  # that can be used
    gone_segments: Mapping[int, int] = field(default_factory=dict)  # id → revision at which it went
    known_since: int = 0  # `past` is complete from this revision on

    def with_changes(
        self,
        revision: int,
        entries: Iterable[Entry],
        segments: Segments,
        gone_segments: Mapping[int, int],
    ) -> Snapshot:
        """A newer one: `entries` that changed, and all segments."""
        changed = {entry.feature.name: entry.after(self.entries.get(entry.feature.name)) for entry in entries}
        merged = {**self.entries, **changed}
        ordered = {name: merged[name] for name in sorted(merged)}
        return Snapshot(self.environment, revision, ordered, segments, gone_segments, self.known_since)

    def for_(self, query: Query) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.is_for(query)]

    def segments_of(self, entries: Iterable[Entry]) -> list[Segment]:
        used = frozenset().union(*(entry.feature.segments for entry in entries))
        return [self.segments[number] for number in sorted(used) if number in self.segments]

    def finished(self, query: Query) -> Finished:
        """The body of GET /api/client/features."""
        entries = self.for_(query)
        if query.inlines_segments:
            texts = [wire.feature_text(entry.feature, self.segments) for entry in entries]
        else:
            texts = [entry.text for entry in entries]
        return wire.finished_of(query, self.revision, texts, self.segments_of(entries))

    def hydration(self, query: Query) -> str:
        """One event that replaces whatever an SDK has."""
        entries = self.for_(query)
        features = ",".join(entry.text for entry in entries)
        segments = wire.dumps([segment.as_json() for segment in self.segments_of(entries)])
        return _event(self.revision, "hydration", f'"features":[{features}],"segments":{segments}')

    def changes(self, query: Query, since: int) -> list[str] | None:
        """Events after a revision, segments before the flags that use them. None: only a hydration will do.

        A flag that changed always comes with its segments: an SDK has only those that it needed so far.
        """
        if not 0 < since <= self.revision:
            return None
        changed = [entry for entry in self.entries.values() if entry.revision > since]
        current = [entry for entry in changed if entry.is_for(query)]
        left = [entry for entry in changed if not entry.is_for(query)]
        if since < self.known_since and any(not entry.was_for(query) for entry in left):
            return None  # it may have been moved out of sight before this process knew it
        return [
            *(self._segment_updated(segment) for segment in self._news(query, current, since)),
            *(_event(entry.revision, "feature-updated", f'"feature":{entry.text}') for entry in current),
            *(_removed(entry) for entry in left if entry.was_for(query)),
            *(
                _event(revision, "segment-removed", f'"segmentId":{number}')
                for number, revision in self.gone_segments.items()
                if revision > since
            ),
        ]

    def _news(self, query: Query, current: list[Entry], since: int) -> list[Segment]:
        """Segments that changed and are in use here, and those of flags that changed."""
        needed = {segment.id for segment in self.segments_of(current)}
        return [
            segment
            for segment in self.segments_of(self.for_(query))
            if segment.revision > since or segment.id in needed
        ]

    def _segment_updated(self, segment: Segment) -> str:
        return _event(segment.revision, "segment-updated", f'"segment":{wire.dumps(segment.as_json())}')


def body(events: Iterable[str]) -> str:
    """Of GET /api/client/delta, and of each message of a stream."""
    return f'{{"events":[{",".join(events)}]}}'


def _removed(entry: Entry) -> str:
    names = wire.dumps({"featureName": entry.feature.name, "project": entry.feature.project})
    return _event(entry.revision, "feature-removed", names[1:-1])


def _event(revision: int, kind: str, rest: str) -> str:
    return f'{{"eventId":{revision},"type":"{kind}",{rest}}}'
