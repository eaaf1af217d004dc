"""Accounts and who is signed in where."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.db import Base


class User(Base):
    """`email` is kept in small letters, so that one address is one account."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(sa.Text, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    password_hash: Mapped[str] = mapped_column(sa.Text)
    locale: Mapped[str] = mapped_column(sa.Text)
    country: Mapped[str] = mapped_column(sa.Text)
    currency: Mapped[str | None] = mapped_column(sa.Text)  # that prices are shown in; None: the shop's own
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    is_demo: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())


class UserSession(Base):
    """One browser that is signed in. The cookie holds the token, the table only its hash."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), index=True)
