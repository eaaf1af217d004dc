"""Tables of words. Saving a row does nothing else."""

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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Locale(Base):
    """A language on offer."""

    __tablename__ = "locales"

    code: Mapped[str] = mapped_column(Text, primary_key=True)  # as in the shop's addresses: pt-BR
    plural_forms: Mapped[str] = mapped_column(Text)  # the header of its file: nplurals=2; plural=(n != 1);
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Message(Base):
    """One thing that the shop says, in the language of its source."""

    __tablename__ = "messages"

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
    # shop: stands in its sources, and goes when they drop it; file: somebody brought it in a file
    origin: Mapped[str] = mapped_column(Text, server_default="shop")

    first_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    obsolete_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True)
    )  # no longer in the shop's source


class Translation(Base):
    """A message in one locale. No row: untranslated.

    `forms` is what is being worked on, `approved_forms` what the next release holds: an edit that waits for
    its review takes nothing off the shop.
    """

    __tablename__ = "translations"
    __table_args__ = (Index(None, "locale", "state"),)

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

    revision: Mapped[int] = mapped_column(
        Integer
    )  # 1 for the first text; a save must name the one it was made on
    author: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class TranslationVersion(Base):
    """Every text that a translation ever had."""

    __tablename__ = "translation_versions"
    __table_args__ = (UniqueConstraint("message_id", "locale", "revision"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(Integer)
    forms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LocaleFile(Base):
    """The PO file that was taken in last, byte for byte: an export patches it."""

    __tablename__ = "locale_files"

    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    taken_by: Mapped[str] = mapped_column(Text)


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
