"""Accounts, who is signed in where, and what happened at sign-ins."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.db import Base

MOMENT = sa.DateTime(timezone=True)


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
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    is_demo: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())


class UserSession(Base):
    """One browser that is signed in. The cookie holds the token, the table only its hash."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)  # what its owner ends it by
    user_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    seen_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())  # to the hour
    expires_at: Mapped[datetime] = mapped_column(MOMENT, index=True)  # moves with seen_at, up to an end
    device: Mapped[str] = mapped_column(sa.Text, server_default="")  # "Firefox · Linux"; "" where not known
    network: Mapped[str] = mapped_column(sa.Text, server_default="")  # shortened, see devices.py


class PasswordLink(Base):
    """A mailed link to a new password. The mail holds the link, the table only its hash."""

    __tablename__ = "password_links"

    link_hash: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    expires_at: Mapped[datetime] = mapped_column(MOMENT)
    used_at: Mapped[datetime | None] = mapped_column(MOMENT)


class SignInNote(Base):
    """What happened at a door of an account. No address that was typed is kept, no password, no whole IP."""

    __tablename__ = "sign_ins"
    __table_args__ = (sa.Index("ix_sign_ins_user_id_at", "user_id", "at"), sa.Index("ix_sign_ins_at", "at"))

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(  # None: no account has the address
        sa.BigInteger, sa.ForeignKey("users.id", ondelete="CASCADE")
    )
    at: Mapped[datetime] = mapped_column(MOMENT)
    kind: Mapped[str] = mapped_column(sa.Text)  # one of trail.KINDS
    device: Mapped[str] = mapped_column(sa.Text)
    network: Mapped[str] = mapped_column(sa.Text)
