"""Invitations, and the mails about accounts that are to be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.vault import Sealed


class InvitationRow(Base):
    """Somebody who may join. There is no person before the link is used."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "ix_invitations_open",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)  # language of the mail, and of the pages afterwards
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)
    link_hash: Mapped[str | None] = mapped_column(Text, unique=True)  # None: not mailed yet
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AccountMailRow(Base):
    """A mail to be written and sent. Links are made when it is sent, so that none is kept anywhere."""

    __tablename__ = "account_mails"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Sealed("account_mails.email"))  # as typed, by whomever
    locale: Mapped[str] = mapped_column(Text)  # where the person has chosen none
    about: Mapped[str] = mapped_column(Sealed("account_mails.about"))  # JSON: browser, address, number
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
