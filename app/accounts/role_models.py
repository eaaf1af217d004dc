"""Own roles, and what people hold beside their main role. Built-in roles are code (app/guards.py)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class RoleRow(Base):
    """A role that this house made for itself."""

    __tablename__ = "roles"

    key: Mapped[str] = mapped_column(Text, primary_key=True)  # never that of a built-in role
    name: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    permissions: Mapped[list[str]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer)  # one more with each change
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_by: Mapped[str] = mapped_column(Text)


class GrantRow(Base):
    """A role that a person holds beside the main one: everywhere, in one environment or in one locale."""

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint("environment IS NULL OR locale IS NULL", "one_scope"),
        Index(
            "ix_role_grants_once",
            "person_id",
            "role",
            "environment",
            "locale",
            "is_main",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "role"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(Text)  # of a built-in or an own role
    environment: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str | None] = mapped_column(Text)
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: it does not
    is_main: Mapped[bool]  # a main role that waits for a second admin; it is none of these once approved
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: it waits
    approved_by: Mapped[str | None] = mapped_column(Text)  # who made it, where nobody else has to agree
