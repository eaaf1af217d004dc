"""The body of GET /api/client/features, as stock Unleash SDKs read it. Pure: no I/O, no clock.

Format: version 2 with features, segments, query and meta; see the client specification 6.1.0. The ETag is
strong, `"<queryHash>:<revision>:v1"`: equal ETags mean equal bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
VERSION = 2
GZIP_LEVEL = 6  # made once per revision and read many times


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
    dependencies: Sequence[Json] = ()


@dataclass(frozen=True)
class Query:
    """What an SDK may see (environment) and asks for (the rest)."""

    environment: str
    projects: tuple[str, ...] = ()  # empty: all
    name_prefix: str = ""
    tags: tuple[str, ...] = ()  # any of them; empty: all

    def matches(self, feature: Feature) -> bool:
        return (
            (not self.projects or feature.project in self.projects)
            and feature.name.startswith(self.name_prefix)
            and (not self.tags or not set(self.tags).isdisjoint(feature.tags))
        )

    def as_json(self) -> Json:
        found: Json = {"environment": self.environment, "inlineSegmentConstraints": True}
        if self.projects:
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


def query_of(environment: str, projects: Iterable[str], name_prefix: str, tags: Iterable[str]) -> Query:
    """Order and repetition do not matter, so that equal questions share one answer. "*": all projects."""
    wanted = tuple(sorted({project for project in projects if project}))
    return Query(
        environment=environment,
        projects=() if "*" in wanted else wanted,
        name_prefix=name_prefix,
        tags=tuple(sorted({tag for tag in tags if ":" in tag})),
    )


def etag(query: Query, revision: int) -> str:
    return f'"{query.hash}:{revision}:v1"'


def finished(
    query: Query, revision: int, features: Iterable[Feature], segments: Sequence[Json] = ()
) -> Finished:
    tag = etag(query, revision)
    body = {
        "version": VERSION,
        "features": [as_json(feature) for feature in features if query.matches(feature)],
        "segments": list(segments),
        "query": query.as_json(),
        "meta": {"revisionId": revision, "etag": tag, "queryHash": query.hash},
    }
    plain = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Finished(revision, tag, plain, gzip.compress(plain, GZIP_LEVEL, mtime=0))


def as_json(feature: Feature) -> Json:
    return {
        "name": feature.name,
        "type": feature.type,
        "description": feature.description,
        "enabled": feature.enabled,
        "project": feature.project,
        "stale": feature.is_stale,
        "impressionData": feature.impression_data,
        "strategies": [_strategy(one) for one in feature.strategies if not one.get("disabled")],
        "variants": list(feature.variants),
        "dependencies": list(feature.dependencies),
    }


def _strategy(stored: Json) -> Json:
    return {key: value for key, value in stored.items() if key not in ("disabled", "title")}
