"""Flags and segments as stock Unleash SDKs read them. Pure: no I/O, no clock.

Format: version 2 with features, segments, query and meta; see the client specification 6.1.0. The ETag is
strong, `"<queryHash>:<revision>:v1"`: equal ETags mean equal bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.flags.targeting import NOBODY

Json = dict[str, Any]
VERSION = 2
GZIP_LEVEL = 6  # made once per revision and read many times
SEGMENTS_SINCE = (4, 2, 0)  # of the client specification: older SDKs know no segments
CURRENT_SPEC = "6.1.0"
SPEC = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})", re.ASCII)
INNER_KEYS = frozenset({"disabled", "title", "sortOrder", "id"})  # of a strategy, for people alone


@dataclass(frozen=True)
class Segment:
    id: int
    name: str
    constraints: Sequence[Json]
    revision: int = 0

    def as_json(self) -> Json:
        return {"id": self.id, "name": self.name, "constraints": list(self.constraints)}


Segments = Mapping[int, Segment]


@dataclass(frozen=True)
class Feature:
    """A flag in one environment."""

    name: str
    project: str
    type: str
    description: str
    tags: tuple[str, ...]
    impression_data: bool
    is_stale: bool
    enabled: bool
    strategies: Sequence[Json]
    variants: Sequence[Json]
    dependencies: Sequence[Json] = field(default_factory=list)

    @property
    def segments(self) -> frozenset[int]:
        """The segments that its strategies name."""
        active = [strategy for strategy in self.strategies if not strategy.get("disabled")]
        return frozenset(number for strategy in active for number in strategy.get("segments") or ())


@dataclass(frozen=True)
class Query:
    """What an SDK may see (environment, projects) and asks for (the rest)."""

    environment: str
    projects: tuple[str, ...] | None = None  # None: all
    name_prefix: str = ""
    tags: tuple[str, ...] = ()  # any of them; empty: all
    inlines_segments: bool = False  # for SDKs that know none

    def matches(self, feature: Feature) -> bool:
        return self.admits(feature.name, feature.project, feature.tags)

    def admits(self, name: str, project: str, tags: Iterable[str]) -> bool:
        return (
            (self.projects is None or project in self.projects)
            and name.startswith(self.name_prefix)
            and (not self.tags or not set(self.tags).isdisjoint(tags))
        )

    def as_json(self) -> Json:
        found: Json = {
            "environment": self.environment,
            "inlineSegmentConstraints": self.inlines_segments,
        }
        if self.projects is not None:
            found["project"] = list(self.projects)
        if self.name_prefix:
            found["namePrefix"] = self.name_prefix
        if self.tags:
            found["tag"] = [tag.split(":", 1) for tag in self.tags]
        return found

    @property
    def hash(self) -> str:
        text = json.dumps(self.as_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Finished:
    """Bytes that only need sending."""

    revision: int
    etag: str  # with its quotes
    plain: bytes
    zipped: bytes


def query_of(
    environment: str,
    projects: Iterable[str],
    name_prefix: str,
    tags: Iterable[str],
    allowed: Iterable[str] = (),
    spec: str | None = None,
) -> Query:
    """Order and repetition do not matter, so that equal questions share one answer. "*": all projects.

    `allowed` are the projects of the token (none: all of them), `spec` the SDK's Unleash-Client-Spec.
    """
    return Query(
        environment=environment,
        projects=_scope({project for project in projects if project}, set(allowed)),
        name_prefix=name_prefix,
        tags=tuple(sorted({tag for tag in tags if ":" in tag})),
        inlines_segments=not knows_segments(spec),
    )


def _scope(wanted: set[str], allowed: set[str]) -> tuple[str, ...] | None:
    everything = not wanted or "*" in wanted
    if not allowed or "*" in allowed:
        return None if everything else tuple(sorted(wanted))
    return tuple(sorted(allowed if everything else wanted & allowed))


def knows_segments(spec: str | None) -> bool:
    """What is no version counts as an old one."""
    found = SPEC.match(spec or "")
    return found is not None and tuple(map(int, found.groups())) >= SEGMENTS_SINCE


def etag(query: Query, revision: int) -> str:
    return f'"{query.hash}:{revision}:v1"'


def finished(
    query: Query, revision: int, features: Iterable[Feature], segments: Segments | None = None
) -> Finished:
    """The whole answer to a question; texts of features that are made already come by `finished_of`."""
    known = segments or {}
    matching = [feature for feature in features if query.matches(feature)]
    texts = [feature_text(feature, known if query.inlines_segments else None) for feature in matching]
    used = frozenset().union(*(feature.segments for feature in matching))
    return finished_of(query, revision, texts, [known[n] for n in sorted(used) if n in known])


def finished_of(
    query: Query, revision: int, features: Iterable[str], segments: Iterable[Segment]
) -> Finished:
    tag = etag(query, revision)
    referenced = [] if query.inlines_segments else [segment.as_json() for segment in segments]
    meta = {"revisionId": revision, "etag": tag, "queryHash": query.hash}
    parts = (
        f'"version":{VERSION}',
        f'"features":[{",".join(features)}]',
        f'"segments":{dumps(referenced)}',
        f'"query":{dumps(query.as_json())}',
        f'"meta":{dumps(meta)}',
    )
    plain = f"{{{','.join(parts)}}}".encode()
    return Finished(revision, tag, plain, gzip.compress(plain, GZIP_LEVEL, mtime=0))


def feature_text(feature: Feature, inlined: Segments | None = None) -> str:
    """One feature as JSON; with `inlined` segments their constraints stand in the strategies."""
    return dumps(as_json(feature, inlined))


def dumps(value: object) -> str:
    """Without spaces and line breaks, so that it is one line of a stream as well."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_json(feature: Feature, inlined: Segments | None = None) -> Json:
    return {
        "name": feature.name,
        "type": feature.type,
        "description": feature.description,
        "enabled": feature.enabled,
        "project": feature.project,
        "stale": feature.is_stale,
        "impressionData": feature.impression_data,
        "strategies": [_strategy(one, inlined) for one in feature.strategies if not one.get("disabled")],
        "variants": list(feature.variants),
        "dependencies": list(feature.dependencies),
    }


def _strategy(stored: Json, inlined: Segments | None) -> Json:
    found = {key: value for key, value in stored.items() if key not in INNER_KEYS}
    if inlined is None or "segments" not in found:
        return found
    added = [constraint for number in found.pop("segments") for constraint in _inline(number, inlined)]
    return found | {"constraints": [*found.get("constraints", ()), *added]}


def _inline(number: int, known: Segments) -> Sequence[Json]:
    """A segment that is gone holds for nobody, as SDKs take an unknown one."""
    segment = known.get(number)
    return NOBODY if segment is None else segment.constraints
