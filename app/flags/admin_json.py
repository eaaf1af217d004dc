"""Flags, segments and environments as JSON for programs. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.flags.explain import Explanation
from app.flags.import_report import Report
from app.flags.rows import Place, Row, SegmentRow, State, Unknown

Json = dict[str, Any]


def flag(row: Row, now: datetime, is_favourite: bool) -> Json:
    life = row.life
    return {
        "name": row.name,
        "project": row.project,
        "type": row.type,
        "description": row.description,
        "owner": row.owner,
        "tags": list(row.tags),
        "links": list(row.links),
        "dependencies": list(row.dependencies),
        "impression_data": row.impression_data,
        "is_stale": row.is_stale,
        "is_overdue": row.is_overdue(now),
        "expected_lifetime_days": row.expected_lifetime_days,
        "lifetime_days": row.lifetime_days,
        "stage": life.stage if life else None,
        "stage_since": moment(life.since) if life else None,
        "live_at": moment(life.live_at) if life else None,
        "completed_at": moment(life.completed_at) if life else None,
        "outcome": life.outcome if life else None,
        "outcome_variant": life.variant if life else None,
        "archived_at": moment(row.archived_at),
        "created_at": moment(row.created_at),
        "created_by": row.created_by,
        "is_favourite": is_favourite,
        "seen_at": moment(row.seen_at),
        "apps": row.apps,
        "revision": row.revision,
        "environments": {name: state(found) for name, found in row.states.items()},
    }


def state(found: State) -> Json:
    """`percent` is null where one number cannot say who gets it."""
    return {
        "environment": found.environment,
        "enabled": found.enabled,
        "is_readable": found.is_readable,
        "percent": found.reach.percent,
        "is_targeted": found.reach.is_targeted,
        "strategies": list(found.strategies),
        "variants": list(found.variants),
        "revision": found.revision,
        "changed_at": moment(found.changed_at),
        "changed_by": found.changed_by,
        "moved_at": moment(found.moved_at),
        "moved_from": found.moved_from,
        "moved_by": found.moved_by,
    }


def segment(row: SegmentRow) -> Json:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "project": row.project,
        "constraints": list(row.constraints),
        "is_readable": row.is_readable,
        "used_by": list(row.used_by),
        "revision": row.revision,
        "changed_at": moment(row.changed_at),
        "changed_by": row.changed_by,
    }


def place(found: Place) -> Json:
    return asdict(found)


def unknown(found: Unknown) -> Json:
    return {
        "name": found.name,
        "apps": list(found.apps),
        "asked": found.asked,
        "seen_at": moment(found.seen_at),
    }


def explanation(found: Explanation) -> Json:
    """Every step that was taken; null is "by chance"."""
    return {
        "cause": found.cause,
        "parents": [asdict(parent) for parent in found.parents],
        "strategies": [asdict(step) for step in found.steps],
        "variant": asdict(found.variant) if found.variant else None,
    }


def report(found: Report) -> Json:
    return {
        "created": found.count("created"),
        "changed": found.count("changed"),
        "unchanged": found.count("unchanged"),
        "refused": found.count("refused"),
        "lines": [
            {
                "kind": line.kind,
                "name": line.name,
                "outcome": line.outcome,
                "reason": str(line.reason) or None,
                "changes": list(line.changes),
            }
            for line in found.lines
        ],
    }


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
