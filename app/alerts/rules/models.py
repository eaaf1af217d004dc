"""Alert rules as people made them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class RuleRow(Base):
    __tablename__ = "alert_definitions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    is_enabled: Mapped[bool]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)  # as rule.as_dict writes it and rule.read takes it

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_by: Mapped[str] = mapped_column(Text)

    # Selectors that match no series at the moment; None: not looked yet.
    unmatched: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
