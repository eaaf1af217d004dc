"""Imports of OpenSLO: all of a file or nothing, with a word on each of its objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import Refused, Unavailable
from app.slo import check, commands, openslo_export, openslo_read, openslo_rules, queries
from app.slo.definition import Definition, plain
from app.slo.models import OpenSloObject
from app.slo.objective import Objective
from app.slo.openslo_import import Library, Planned, plan
from app.sources import Sources


@dataclass(frozen=True)
class Said:
    """What becomes of one object; an SLO with several objectives is told once for each."""

    kind: str
    name: str
    action: str  # created, updated, unchanged, kept, refused
    warnings: tuple[object, ...] = ()
    errors: tuple[tuple[str, object], ...] = ()  # path, what is wrong


def examine(text: str | bytes) -> tuple[list[Any], list[Said]]:
    """The objects of a file, and what is wrong with those that break the specification."""
    objects = openslo_read.read(text)
    refused = [
        Said(_name(one, "kind"), _name(one, "name"), "refused", errors=tuple(found))
        for one in objects
        if (found := openslo_rules.errors(one))
    ]
    return objects, refused


def load(session: Session, sources: Sources, text: str | bytes, who: str, now: datetime) -> list[Said]:
    """Import a file in the transaction of `session`; who wants a dry run rolls it back.

    Raises `Refused` with a field for each wrong place, such as `[2].spec.objectives[0].target`.
    """
    objects, refused = examine(text)
    if refused:
        raise Refused(_l("Nothing was imported."), _fields(objects))
    library = Library([*_kept(session), *objects])
    said: list[Said] = []
    for one in objects:
        if one["kind"] == "SLO":
            said += [_save(session, sources, planned, who, now) for planned in plan(one, library)]
        else:
            said.append(_keep(session, one, now))
    return said


def export(session: Session, keys: Sequence[str] = ()) -> str:
    """These objectives, or all; and with all the other objects that were imported."""
    slos = [slo for slo in queries.objectives(session) if slo.parent_id is None]
    if keys:
        slos = [queries.objective(session, key) for key in keys]
    documents = [openslo_export.document(slo, queries.openslo_of(session, slo)) for slo in slos]
    return openslo_export.as_yaml([*([] if keys else _kept(session)), *_once(documents)])


def _once(documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """An SLO with several objectives that is counted elsewhere came as one document."""
    found: list[dict[str, Any]] = []
    for one in documents:
        if one not in found:
            found.append(one)
    return found


def _fields(objects: Sequence[Any]) -> dict[str, object]:
    several = len(objects) > 1
    return {
        f"[{index}].{path}".rstrip(".") if several else path or "document": why
        for index, one in enumerate(objects)
        for path, why in openslo_rules.errors(one)
    }


def _save(session: Session, sources: Sources, planned: Planned, who: str, now: datetime) -> Said:
    made, warnings = _completed(sources, planned, now)
    known = {slo.key: slo for slo in queries.objectives(session, archived=True)}
    before = known.get(made.key)
    if before is None:
        commands.create(session, made, who, now, openslo=dict(planned.document))
        action = "created"
    elif _is_same(before, made):
        action = "unchanged"
    else:
        commands.edit(session, made.key, before.version, made, who, now, openslo=dict(planned.document))
        action = "updated"
    return Said("SLO", made.key, action, warnings)


def _completed(sources: Sources, planned: Planned, now: datetime) -> tuple[Definition, tuple[object, ...]]:
    """What Prometheus or PostgreSQL cannot answer is imported switched off, with the reason."""
    made, warnings = planned.definition, planned.warnings
    try:
        completed = check.complete(sources, made, now, must_match=False)
    except Refused as refused:
        return replace(made, is_enabled=False), (*warnings, *refused.fields.values())
    except Unavailable as away:
        return made, (*warnings, _l("It could not be tried out: %(why)s.", why=away.message))
    return completed.definition, (*warnings, *completed.warnings.values())


def _is_same(before: Objective, made: Definition) -> bool:
    return plain(before) == plain(made)


def _keep(session: Session, document: Mapping[str, Any], now: datetime) -> Said:
    kind, name = _name(document, "kind"), _name(document, "name")
    values = {"kind": kind, "name": name, "document": dict(document), "imported_at": now}
    statement = insert(OpenSloObject).values(values)
    session.execute(statement.on_conflict_do_update(index_elements=["kind", "name"], set_=values))
    return Said(kind, name, "kept")


def _kept(session: Session) -> list[dict[str, Any]]:
    wanted = select(OpenSloObject.document).order_by(OpenSloObject.kind, OpenSloObject.name)
    return list(session.scalars(wanted))


def _name(document: Any, what: str) -> str:
    if not isinstance(document, Mapping):
        return ""
    metadata = document.get("metadata")
    found = (
        document.get("kind")
        if what == "kind"
        else metadata.get("name")
        if isinstance(metadata, Mapping)
        else ""
    )
    return str(found or "")
