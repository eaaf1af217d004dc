"""Sign-ins that wait for their second step, browsers that are known, and links for a new password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class HalfSignInRow(Base):
    """The password was right and something is still to come. A table of its own: it opens no page."""

    __tablename__ = "half_sign_ins"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    cookie_hash: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    agent: Mapped[str] = mapped_column(Text)
    # The second factor is given as well, where there is one: a password of one's own is to come.
    is_proven: Mapped[bool] = mapped_column(server_default=false())


class KnownBrowserRow(Base):
    """A browser that somebody signed in with before. It opens nothing; it only has tries of its own."""

    __tablename__ = "known_browsers"
    __table_args__ = (UniqueConstraint("person_id", "cookie_hash"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    cookie_hash: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PasswordLinkRow(Base):
    """A link, mailed to its owner, that sets a new password once."""

    __tablename__ = "password_links"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    link_hash: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
