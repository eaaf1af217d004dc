"""Dashboards that people made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class KpiBoard(Base):
    __tablename__ = "kpi_boards"
    __table_args__ = (Index("uq_kpi_boards_owner_name", "owner", "name", unique=True),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    tiles: Mapped[list[str]] = mapped_column(JSONB)  # keys of KPIS, in their order
    filters: Mapped[dict[str, str]] = mapped_column(JSONB)  # arguments of the address
    is_shared: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
