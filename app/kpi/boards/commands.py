"""Writes of dashboards. Whoever made one changes it; a shared one is everybody's to see and to copy."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, Forbidden
from app.kpi.boards import queries
from app.kpi.boards.board import Wanted
from app.kpi.boards.models import KpiBoard


def make(session: Session, wanted: Wanted, owner: str, now: datetime) -> int:
    """Answers its number. `Conflict` where the owner has one of that name already."""
    row = insert(KpiBoard).values(revision=1, owner=owner, changed_at=now, **_columns(wanted))
    made = session.scalar(row.on_conflict_do_nothing().returning(KpiBoard.id))
    if made is None:
        raise _taken(wanted)
    record(session, owner, "kpi.board", f"kpi-board:{made}", None, asdict(wanted), now)
    return int(made)


def change(session: Session, board_id: int, wanted: Wanted, revision: int, who: str, now: datetime) -> None:
    before = queries.one(session, board_id, who)
    _check_owner(before, who)
    same_name = (KpiBoard.owner == who) & (KpiBoard.name == wanted.name) & (KpiBoard.id != board_id)
    if session.scalar(select(KpiBoard.id).where(same_name)) is not None:
        raise _taken(wanted)
    old = _shown(before)
    changed = session.execute(
        update(KpiBoard)
        .where(KpiBoard.id == board_id, KpiBoard.revision == revision)
        .values(revision=revision + 1, changed_at=now, **_columns(wanted))
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Conflict(_l("Somebody changed this dashboard meanwhile. Nothing was overwritten."))
    record(session, who, "kpi.board", f"kpi-board:{board_id}", old, asdict(wanted), now)


def remove(session: Session, board_id: int, who: str, now: datetime) -> None:
    before = queries.one(session, board_id, who)
    _check_owner(before, who)
    session.execute(delete(KpiBoard).where(KpiBoard.id == board_id))
    record(session, who, "kpi.board", f"kpi-board:{board_id}", _shown(before), None, now)


def _columns(wanted: Wanted) -> dict[str, Any]:
    return asdict(wanted) | {"tiles": list(wanted.tiles), "filters": dict(wanted.filters)}


def _shown(row: KpiBoard) -> dict[str, Any]:
    return {"name": row.name, "tiles": row.tiles, "filters": row.filters, "is_shared": row.is_shared}


def _check_owner(row: KpiBoard, who: str) -> None:
    if row.owner != who:
        raise Forbidden(
            _l("Only %(owner)s may change this dashboard. Make a copy of your own.", owner=row.owner)
        )


def _taken(wanted: Wanted) -> Conflict:
    words = _l("You have a dashboard called %(name)s already.", name=wanted.name)
    return Conflict(words, {"name": words})
