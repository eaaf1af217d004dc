"""People, where they are signed in, and the tokens of machines. Secrets are kept as hashes only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class PersonRow(Base):
    __tablename__ = "people"
    __table_args__ = (Index("ix_people_email_lower", text("lower(email)"), unique=True),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)  # argon2id
    # Of one that somebody else made: from then on a sign-in asks for one of their own.
    password_ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    is_active: Mapped[bool]
    locale: Mapped[str | None] = mapped_column(Text)  # None: what the browser asks for
    theme: Mapped[str | None] = mapped_column(Text)  # None: what the system says
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signed_in_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SessionRow(Base):
    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    cookie_hash: Mapped[str] = mapped_column(Text, unique=True)  # sha-256 of what the cookie holds
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    agent: Mapped[str] = mapped_column(Text)  # the browser, so that people recognise their own
    address: Mapped[str] = mapped_column(Text, server_default="")  # where the sign-in came from
    # When password or code were last given; None: at the sign-in.
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class TokenRow(Base):
    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)  # sha-256 of the whole token
    hint: Mapped[str] = mapped_column(Text)  # its first characters, to tell tokens apart
    kind: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    projects: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))  # empty: all
    role: Mapped[str | None] = mapped_column(Text)  # of an api token
    # Of an api token, beside or in place of a role: what it may, and where alone (both empty: everywhere).
    permissions: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    environments: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    locales: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    used_from: Mapped[str | None] = mapped_column(Text)  # the network of that use
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: never
    endless_reason: Mapped[str | None] = mapped_column(Text)  # why it never ends, where it does not
    warned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # told that it ends soon
    # Exchanged for a new secret; the one before is good for a while yet, so that nobody is left outside.
    rotated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rotated_by: Mapped[str | None] = mapped_column(Text)
    previous_hash: Mapped[str | None] = mapped_column(Text, unique=True)
    previous_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
