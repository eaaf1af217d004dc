"""Locales on offer and who may do what there; comments; what was changed together; search without accents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEARCHED = {"messages": "msgid || E'\\n' || coalesce(plural_id, '')", "translations": "join_texts(forms)"}


def upgrade() -> None:
    _locales()
    _batches()
    _comments()
    op.add_column("translations", sa.Column("writer", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "translations",
        sa.Column("failed_checks", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    )
    op.execute("UPDATE translations SET writer = author")
    op.execute("UPDATE translation_versions SET writer = author")
    op.create_index(None, "translations", ["locale", "updated_at"])
    _search()


def _locale() -> sa.Column[str]:
    return sa.Column("locale", sa.Text, sa.ForeignKey("locales.code", ondelete="CASCADE"), nullable=False)


def _locales() -> None:
    op.add_column("locales", sa.Column("availability", sa.Text, nullable=False, server_default="on"))
    op.add_column(
        "locales", sa.Column("fallback", sa.Text, sa.ForeignKey("locales.code", ondelete="SET NULL"))
    )
    op.add_column(
        "locales", sa.Column("asks_review", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    op.create_table(
        "locale_grants",
        _locale(),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("permission", sa.Text, nullable=False),
        sa.Column("granted_by", sa.Text, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("locale", "person", "permission"),
    )


def _batches() -> None:
    op.create_table(
        "translation_batches",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _locale(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False, server_default=""),
        sa.Column("strings", sa.Integer, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undoes", sa.BigInteger, sa.ForeignKey("translation_batches.id", ondelete="SET NULL")),
    )
    op.create_index(None, "translation_batches", ["locale", "at"])
    op.add_column("translation_versions", sa.Column("writer", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "translation_versions",
        sa.Column("batch_id", sa.BigInteger, sa.ForeignKey("translation_batches.id", ondelete="SET NULL")),
    )
    op.create_index(None, "translation_versions", ["batch_id"])
    op.create_index(None, "translation_versions", ["locale", "at"])


def _comments() -> None:
    op.create_table(
        "translation_comments",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "message_id", sa.BigInteger, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False
        ),
        _locale(),
        sa.Column("reply_to", sa.BigInteger, sa.ForeignKey("translation_comments.id", ondelete="CASCADE")),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT),
        sa.Column("resolved_by", sa.Text),
    )
    op.create_index(None, "translation_comments", ["message_id", "locale"])


def _search() -> None:
    """What is typed without accents finds what is written with them. Neither function is marked immutable
    by PostgreSQL's parts alone (array_to_string could depend on a type's output; for text it does not)."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(
        "CREATE FUNCTION fold_text(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS"
        " $$ SELECT lower(regexp_replace(normalize(words, NFKD), U&'[\\0300-\\036F]', '', 'g')) $$"
    )
    op.execute(
        "CREATE FUNCTION join_texts(texts text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS"
        " $$ SELECT array_to_string(texts, E'\\n') $$"
    )
    for table, words in SEARCHED.items():
        computed = sa.Computed(f"fold_text({words})", persisted=True)
        op.add_column(table, sa.Column("search_text", sa.Text, computed, nullable=False))
        op.create_index(
            f"ix_{table}_search_text",
            table,
            ["search_text"],
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        )


def downgrade() -> None:
    for table in SEARCHED:
        op.drop_column(table, "search_text")
    op.execute("DROP FUNCTION join_texts(text[])")
    op.execute("DROP FUNCTION fold_text(text)")
    op.drop_index("ix_translations_locale_updated_at", "translations")
    for column in ("failed_checks", "writer"):
        op.drop_column("translations", column)
    for index in ("ix_translation_versions_locale_at", "ix_translation_versions_batch_id"):
        op.drop_index(index, "translation_versions")
    for column in ("batch_id", "writer"):
        op.drop_column("translation_versions", column)
    for table in ("translation_comments", "translation_batches", "locale_grants"):
        op.drop_table(table)
    for column in ("asks_review", "fallback", "availability"):
        op.drop_column("locales", column)
