"""The table of readings. Saving a row does nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Identity, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Extraction(Base):
    """What one reading of the shop's sources changed."""

    __tablename__ = "extractions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)  # the folder or the template
    sha256: Mapped[str] = mapped_column(Text)  # of all messages: the same again changes nothing
    messages: Mapped[int] = mapped_column(Integer)
    added: Mapped[int] = mapped_column(Integer)
    changed: Mapped[int] = mapped_column(Integer)  # of the added: those that an older message became
    gone: Mapped[int] = mapped_column(Integer)
    back: Mapped[int] = mapped_column(Integer)
