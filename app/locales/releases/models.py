"""Tables of releases. Saving a row does nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Release(Base):
    """A compiled catalog. The database refuses to change one."""

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("locale", "number"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)  # 1, 2, 3 … in each locale
    catalog: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # .mo
    sha256: Mapped[str] = mapped_column(Text)
    strings: Mapped[int] = mapped_column(Integer)

    note: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LiveRelease(Base):
    """Which release shoppers of a locale see. No row: what ships."""

    __tablename__ = "live_releases"

    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    moved_by: Mapped[str] = mapped_column(Text)


class ReleaseMove(Base):
    """Every move of the pointer: which release was live from when."""

    __tablename__ = "release_moves"
    __table_args__ = (Index(None, "locale", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    from_number: Mapped[int | None] = mapped_column(Integer)  # None: what ships
    to_number: Mapped[int | None] = mapped_column(Integer)
    moved_by: Mapped[str] = mapped_column(Text)


class CandidateRelease(Base):
    """A release that a share of a locale's shoppers sees beside the live one. No row: nobody does."""

    __tablename__ = "candidate_releases"

    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    percent: Mapped[int] = mapped_column(Integer)  # of visitors, 1 to 99
    salt: Mapped[str] = mapped_column(Text)  # with the visitor's id it settles who is one of them
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    started_by: Mapped[str] = mapped_column(Text)


class PlannedRelease(Base):
    """A release that waits for its hour; at most one a locale."""

    __tablename__ = "planned_releases"

    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    after_number: Mapped[int] = mapped_column(Integer)  # what was live when it was planned; 0: what ships
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    planned_by: Mapped[str] = mapped_column(Text)
    planned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
