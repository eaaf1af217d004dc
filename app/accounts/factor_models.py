"""Second factors and recovery codes, and which roles must have them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.vault import Sealed


class SecondFactorRow(Base):
    """One per person. `pending_seed` waits for its first code; until then `seed` is the one that counts."""

    __tablename__ = "second_factors"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    seed: Mapped[str | None] = mapped_column(Sealed("second_factors.seed"))
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: not in use yet
    # The 30 s step of the last code that was taken; only later ones are.
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    pending_seed: Mapped[str | None] = mapped_column(Sealed("second_factors.pending_seed"))


class RecoveryCodeRow(Base):
    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(Text, unique=True)  # sha-256 of 140 random bits; 80 before
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RequiredFactorRow(Base):
    """A role whose people must have a second factor; `*` is everybody."""

    __tablename__ = "required_factors"

    role: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    set_by: Mapped[str] = mapped_column(Text)
