"""Messages, translations and releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TEXTS = ARRAY(sa.Text)


def upgrade() -> None:
    op.create_table(
        "locales",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("plural_forms", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("msgid", sa.Text, nullable=False),
        sa.Column("plural_id", sa.Text),
        sa.Column("flags", JSONB, nullable=False),
        sa.Column("locations", JSONB, nullable=False),
        sa.Column("comments", JSONB, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("obsolete_at", MOMENT),
    )
    _create_translations()
    _create_releases()


def _message() -> sa.Column[int]:
    return sa.Column(
        "message_id", sa.BigInteger, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False
    )


def _locale() -> sa.Column[str]:
    return sa.Column("locale", sa.Text, sa.ForeignKey("locales.code", ondelete="CASCADE"), nullable=False)


def _create_translations() -> None:
    op.create_table(
        "translations",
        _message(),
        _locale(),
        sa.Column("forms", TEXTS, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("approved_forms", TEXTS),
        sa.Column("shipped_forms", TEXTS),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "locale"),
    )
    op.create_index(None, "translations", ["locale", "state"])
    op.create_table(
        "translation_versions",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _message(),
        _locale(),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("forms", TEXTS, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("message_id", "locale", "revision"),
    )


def _create_releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _locale(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("catalog", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("strings", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("locale", "number"),
    )
    op.execute(
        """
        CREATE FUNCTION releases_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'release % of % is immutable', OLD.number, OLD.locale;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER never_change BEFORE UPDATE ON releases"
        " FOR EACH ROW EXECUTE FUNCTION releases_never_change()"
    )
    op.create_table(
        "live_releases",
        sa.Column("locale", sa.Text, sa.ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True),
        sa.Column("release_id", sa.BigInteger, sa.ForeignKey("releases.id"), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("moved_by", sa.Text, nullable=False),
    )
    op.create_table(
        "release_moves",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _locale(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("from_number", sa.Integer),
        sa.Column("to_number", sa.Integer),
        sa.Column("moved_by", sa.Text, nullable=False),
    )
    op.create_index(None, "release_moves", ["locale", "at"])


def downgrade() -> None:
    for table in ("release_moves", "live_releases", "releases"):
        op.drop_table(table)
    op.execute("DROP FUNCTION releases_never_change()")
    for table in ("translation_versions", "translations", "messages", "locales"):
        op.drop_table(table)
