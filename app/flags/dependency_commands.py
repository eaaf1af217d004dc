"""Writes of who depends on whom. Nothing commits here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.flags import dependency
from app.flags.models import Flag
from app.flags.writing import change_flag, lock_graph

Json = dict[str, Any]


def set_dependencies(
    session: Session, name: str, raw: object, now: datetime, who: str, expected: int | None = None
) -> int | None:
    """All parents of a flag at once; an empty list frees it."""
    wanted = dependency.checked_dependencies(raw)
    lock_for(session, name, wanted)

    def change(flag: Flag) -> None:
        check(session, name, wanted)
        flag.dependencies = wanted

    return change_flag(session, name, "flag.dependencies", change, now, who, expected)


def lock_for(session: Session, name: str, wanted: Sequence[Json]) -> None:
    """Before parents are given: nobody archives one of them in between, nobody closes a circle."""
    lock_graph(session)
    names = {name, *(item["feature"] for item in wanted)}
    query = select(Flag.name).where(Flag.name.in_(names)).order_by(Flag.name)
    session.execute(query.with_for_update(key_share=True)).all()


def check(session: Session, name: str, wanted: Sequence[Json]) -> None:
    """Refuse parents that are not there and what SDKs do not follow."""
    names = [item["feature"] for item in wanted]
    found = set(session.scalars(select(Flag.name).where(Flag.name.in_(names), Flag.archived_at.is_(None))))
    if missing := [parent for parent in names if parent not in found]:
        missing_one = _l("There is no flag %(name)s.", name=missing[0])
        raise NotFound(missing_one, {dependency.FIELD: missing_one})
    dependency.check_graph(name, wanted, graph(session))


def graph(session: Session) -> dict[str, list[str]]:
    """Child → parents, of all flags that are not archived."""
    query = select(Flag.name, Flag.dependencies).where(Flag.dependencies != [], Flag.archived_at.is_(None))
    return {
        name: [item["feature"] for item in found if isinstance(item, dict) and "feature" in item]
        for name, found in session.execute(query)
        if isinstance(found, list)
    }


def children(session: Session, name: str) -> list[str]:
    """Flags that depend on this one."""
    return sorted(child for child, parents in graph(session).items() if name in parents)


def check_archived(session: Session, flag: Flag, archived: bool) -> None:
    """A parent in use stays; a child comes back only after its parents."""
    if archived:
        if found := children(session, flag.name):
            raise Conflict(
                _l("Other flags depend on this one: %(names)s. Free them first.", names=", ".join(found))
            )
        return
    parents = [item["feature"] for item in flag.dependencies or []]
    query = select(Flag.name).where(Flag.name.in_(parents), Flag.archived_at.is_not(None))
    if gone := sorted(session.scalars(query)):
        raise Conflict(
            _l("It depends on flags that are archived: %(names)s. Revive them first.", names=", ".join(gone))
        )
