"""Flags of one environment as Unleash exports them. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.flags.rows import Row, SegmentRow, State
from app.flags.targeting import segments_of
from app.flags.unleash_import import OWNER_TAG

Json = dict[str, Any]
VERSION = 1


def rendered(rows: Sequence[Row], segments: Iterable[SegmentRow], environment: str) -> Json:
    """Everything in the order of names, so that equal flags make equal files."""
    flags = sorted((row for row in rows if environment in row.states), key=lambda row: row.name)
    used = segments_of([one for row in flags for one in row.states[environment].strategies])
    return {
        "version": VERSION,
        "features": [_feature(row) for row in flags],
        "featureStrategies": [one for row in flags for one in _strategies(row, row.states[environment])],
        "featureEnvironments": [_environment(row, row.states[environment]) for row in flags],
        "contextFields": [],
        "featureTags": [tag for row in flags for tag in _tags(row)],
        "segments": [_segment(one) for one in segments if one.id in used],
        "tagTypes": [{"name": kind} for kind in _tag_types(flags)],
        "dependencies": [
            {"feature": row.name, "dependencies": list(row.dependencies)} for row in flags if row.dependencies
        ],
        "links": [{"feature": row.name, "links": list(row.links)} for row in flags if row.links],
    }


def _feature(row: Row) -> Json:
    """A lifetime of the flag's own is a word of ours; Unleash, which has none, leaves it unread."""
    own = row.expected_lifetime_days
    return {
        "name": row.name,
        "description": row.description,
        "type": row.type,
        "project": row.project,
        "stale": row.is_stale,
        "impressionData": row.impression_data,
        "archived": row.archived_at is not None,
        **({} if own is None else {"expectedLifetimeDays": own}),
    }


def _environment(row: Row, state: State) -> Json:
    return {
        "enabled": state.enabled,
        "featureName": row.name,
        "environment": state.environment,
        "variants": list(state.variants),
        "name": row.name,
    }


def _strategies(row: Row, state: State) -> list[Json]:
    return [
        {
            "name": one["name"],
            "featureName": row.name,
            "title": one.get("title"),
            "parameters": one["parameters"],
            "constraints": one["constraints"],
            "variants": one["variants"],
            "disabled": one.get("disabled", False),
            "segments": one.get("segments", []),
            "sortOrder": number,
        }
        for number, one in enumerate(state.strategies)
    ]


def _tags(row: Row) -> list[dict[str, str]]:
    owner = [{"featureName": row.name, "tagType": OWNER_TAG, "tagValue": row.owner}] if row.owner else []
    split = [tag.partition(":") for tag in row.tags]
    return owner + [
        {"featureName": row.name, "tagType": kind, "tagValue": value} for kind, _colon, value in split
    ]


def _tag_types(rows: Iterable[Row]) -> list[str]:
    return sorted({tag["tagType"] for row in rows for tag in _tags(row)})


def _segment(row: SegmentRow) -> Json:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "constraints": list(row.constraints),
    }
