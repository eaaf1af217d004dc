"""Tables of words. Saving a row does nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Locale(Base):
    """A language on offer."""

    __tablename__ = "locales"

    code: Mapped[str] = mapped_column(Text, primary_key=True)  # as in the shop's addresses: pt-BR
    plural_forms: Mapped[str] = mapped_column(Text)  # the header of its file: nplurals=2; plural=(n != 1);
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    availability: Mapped[str] = mapped_column(Text, server_default="on")  # a key of locale_rules.AVAILABILITY
    fallback: Mapped[str | None] = mapped_column(ForeignKey("locales.code", ondelete="SET NULL"))
    asks_review: Mapped[bool] = mapped_column(server_default=text("false"))  # by another person


class LocaleGrant(Base):
    """Who may do what in a locale. Where nobody is listed for it, the role decides."""

    __tablename__ = "locale_grants"

    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)  # an e-mail address, or token:<name>
    permission: Mapped[str] = mapped_column(Text, primary_key=True)  # translate, review, publish
    granted_by: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Message(Base):
    """One thing that the shop says, in the language of its source."""

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(
        Text, unique=True
    )  # sha-256 of context and msgid: these have no length limit
    context: Mapped[str] = mapped_column(Text)  # msgctxt; empty: none
    msgid: Mapped[str] = mapped_column(Text)
    plural_id: Mapped[str | None] = mapped_column(Text)  # msgid_plural
    flags: Mapped[list[str]] = mapped_column(JSONB)  # such as python-format
    locations: Mapped[list[str]] = mapped_column(JSONB)  # file:line
    comments: Mapped[list[str]] = mapped_column(JSONB)  # of the programmer, for the translator
    # shop: stands in its sources, and goes when they drop it; file: somebody brought it in a file;
    # content: a name or description of the shop's goods
    origin: Mapped[str] = mapped_column(Text, server_default="shop")

    first_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    obsolete_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True)
    )  # no longer in the shop's source
    # Small letters without accents; kept by the database, so that no write forgets it.
    search_text: Mapped[str] = mapped_column(
        Text, Computed("fold_text(msgid || E'\\n' || coalesce(plural_id, ''))", persisted=True), deferred=True
    )


class Translation(Base):
    """A message in one locale. No row: untranslated.

    `forms` is what is being worked on, `approved_forms` what the next release holds: an edit that waits for
    its review takes nothing off the shop.
    """

    __tablename__ = "translations"
    __table_args__ = (
        Index(None, "locale", "state"),
        Index(None, "locale", "updated_at"),
        Index(
            "ix_translations_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True)
    forms: Mapped[list[str]] = mapped_column(
        ARRAY(Text)
    )  # one; with a plural as many as the locale has forms
    state: Mapped[str] = mapped_column(Text)  # a key of states.STATES
    approved_forms: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    shipped_forms: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text)
    )  # what the shop shows without a release

    # What the source said when the text was written, where it says something else now; a save clears it.
    previous_context: Mapped[str | None] = mapped_column(Text)
    previous_msgid: Mapped[str | None] = mapped_column(Text)
    previous_plural_id: Mapped[str | None] = mapped_column(Text)

    revision: Mapped[int] = mapped_column(
        Integer
    )  # 1 for the first text; a save must name the one it was made on
    author: Mapped[str] = mapped_column(Text)  # who saved last, be it only the state
    writer: Mapped[str] = mapped_column(Text, server_default="")  # who wrote `forms`; another one reviews
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    failed_checks: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))  # names
    search_text: Mapped[str] = mapped_column(
        Text, Computed("fold_text(join_texts(forms))", persisted=True), deferred=True
    )


class TranslationVersion(Base):
    """Every text that a translation ever had."""

    __tablename__ = "translation_versions"
    __table_args__ = (
        UniqueConstraint("message_id", "locale", "revision"),
        Index(None, "batch_id"),
        Index(None, "locale", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(Integer)
    forms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    writer: Mapped[str] = mapped_column(Text, server_default="")
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # What it was changed together with; None: by itself.
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("translation_batches.id", ondelete="SET NULL"))


class TranslationBatch(Base):
    """One action on many strings of a locale: they can be looked at and taken back together."""

    __tablename__ = "translation_batches"
    __table_args__ = (Index(None, "locale", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)  # a key of bulk.KINDS
    detail: Mapped[str] = mapped_column(Text, server_default="")  # such as what was replaced by what
    strings: Mapped[int] = mapped_column(Integer)  # how many it changed
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    undoes: Mapped[int | None] = mapped_column(ForeignKey("translation_batches.id", ondelete="SET NULL"))


class TranslationComment(Base):
    """What people say about a string in one locale. A reply names the comment that it answers."""

    __tablename__ = "translation_comments"
    __table_args__ = (Index(None, "message_id", "locale"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"))
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("translation_comments.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    resolved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # of a first comment
    resolved_by: Mapped[str | None] = mapped_column(Text)


class LocaleFile(Base):
    """The PO file that was taken in last, byte for byte: an export patches it."""

    __tablename__ = "locale_files"

    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    taken_by: Mapped[str] = mapped_column(Text)
