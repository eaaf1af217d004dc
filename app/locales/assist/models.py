"""Tables of what helps a translator decide. Saving a row does nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Identity, Index, Integer, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.locales.models import Message

# The translation memory: messages that resemble one, without looking at all of them.
Index(
    "ix_messages_msgid_trgm", Message.msgid, postgresql_using="gin", postgresql_ops={"msgid": "gin_trgm_ops"}
)


class CheckDismissal(Base):
    """Somebody said that a warning does not matter for one text; another text is warned of again."""

    __tablename__ = "check_dismissals"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True)
    check: Mapped[str] = mapped_column(Text, primary_key=True)  # a name of checks.CHECKS
    form: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(Text)  # the very text that it was said of

    reason: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class GlossaryTerm(Base):
    """How a word of the shop is said in a locale."""

    __tablename__ = "glossary_terms"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"))
    term: Mapped[str] = mapped_column(Text)
    translation: Mapped[str] = mapped_column(Text)  # the term itself where it is not translated
    note: Mapped[str] = mapped_column(Text)
    is_kept: Mapped[bool] = mapped_column(Boolean)  # a name: it stays as it is in every language
    is_case_sensitive: Mapped[bool] = mapped_column(Boolean)

    updated_by: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


Index("uq_glossary_terms_locale_term", GlossaryTerm.locale, func.lower(GlossaryTerm.term), unique=True)
