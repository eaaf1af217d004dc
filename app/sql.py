"""Statements put together of our own words. What others send is bound and stands in none of them."""

from __future__ import annotations

from psycopg.sql import Identifier
from sqlalchemy import TextClause, text


def statement(words: str, **parts: str | Identifier) -> TextClause:
    """`{name}` in the words stands for a part: more words of our own, or an `Identifier`, which is quoted."""
    filled = {name: _quoted(part) if isinstance(part, Identifier) else part for name, part in parts.items()}
    return text(words.format_map(filled))  # nosemgrep: avoid-sqlalchemy-text # of our own words alone


def _quoted(name: Identifier) -> str:
    """SQLAlchemy would take a colon in it for a parameter."""
    return name.as_string().replace(":", r"\:")
