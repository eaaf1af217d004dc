"""What we know of a silence beyond what Alertmanager keeps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class SilenceNote(Base):
    __tablename__ = "alert_silences"

    id: Mapped[str] = mapped_column(Text, primary_key=True)  # Alertmanager's
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until_resolved: Mapped[bool]
    reminded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
