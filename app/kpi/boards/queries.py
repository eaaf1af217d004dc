"""Reads of dashboards: one's own and those that are shared."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.kpi.boards.models import KpiBoard


def seen_by(session: Session, who: str) -> Sequence[KpiBoard]:
    """One's own first, each by name."""
    mine = or_(KpiBoard.owner == who, KpiBoard.is_shared)
    return session.scalars(
        select(KpiBoard).where(mine).order_by(KpiBoard.owner != who, KpiBoard.name, KpiBoard.id)
    ).all()


def one(session: Session, board_id: int, who: str) -> KpiBoard:
    """One that is neither one's own nor shared does not exist, as far as anybody can tell."""
    row = session.get(KpiBoard, board_id) if 0 < board_id < 2**63 else None
    if row is None or (row.owner != who and not row.is_shared):
        raise NotFound(_l("There is no such dashboard, or it is not shared."))
    return row
