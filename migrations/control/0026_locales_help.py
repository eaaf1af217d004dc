"""What helps a translator decide: glossary, memory, dismissals; and what shoppers saw of each message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PREVIOUS = ("previous_context", "previous_msgid", "previous_plural_id")


def upgrade() -> None:
    for name in PREVIOUS:
        op.add_column("translations", sa.Column(name, sa.Text))
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_index(
        "ix_messages_msgid_trgm",
        "messages",
        ["msgid"],
        postgresql_using="gin",
        postgresql_ops={"msgid": "gin_trgm_ops"},
    )
    _create_assist()
    _create_insight()
    op.create_table(
        "extractions",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("messages", "added", "changed", "gone", "back")
        ),
    )


def _locale() -> sa.ForeignKey:
    return sa.ForeignKey("locales.code", ondelete="CASCADE")


def _create_assist() -> None:
    op.create_table(
        "check_dismissals",
        sa.Column("message_id", sa.BigInteger, sa.ForeignKey("messages.id", ondelete="CASCADE")),
        sa.Column("locale", sa.Text, _locale()),
        sa.Column("check", sa.Text),
        sa.Column("form", sa.Integer),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "locale", "check", "form"),
    )
    op.create_table(
        "glossary_terms",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("locale", sa.Text, _locale(), nullable=False),
        sa.Column("term", sa.Text, nullable=False),
        sa.Column("translation", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("is_kept", sa.Boolean, nullable=False),
        sa.Column("is_case_sensitive", sa.Boolean, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_index(
        "uq_glossary_terms_locale_term", "glossary_terms", ["locale", sa.text("lower(term)")], unique=True
    )


def _create_insight() -> None:
    op.create_table(
        "message_days",
        sa.Column("locale", sa.Text),
        sa.Column("day", sa.Date),
        sa.Column("message_key", sa.Text),
        sa.Column("shown", sa.BigInteger, nullable=False),
        sa.Column("fell_back", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("locale", "day", "message_key"),
    )
    op.create_table(
        "message_failures",
        sa.Column("hour", MOMENT),
        sa.Column("locale", sa.Text),
        sa.Column("message_key", sa.Text),
        sa.Column("release", sa.Integer),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("hour", "locale", "message_key", "release"),
    )
    op.create_index(None, "message_failures", ["locale", "hour"])
    op.create_table(
        "message_sightings",
        sa.Column("message_key", sa.Text),
        sa.Column("locale", sa.Text),
        sa.Column("endpoint", sa.Text),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_key", "locale", "endpoint"),
    )
    op.create_index(None, "message_sightings", ["last_seen_at"])


def downgrade() -> None:
    for table in (
        "extractions",
        "message_sightings",
        "message_failures",
        "message_days",
        "glossary_terms",
        "check_dismissals",
    ):
        op.drop_table(table)
    op.drop_index("ix_messages_msgid_trgm", "messages")
    for name in reversed(PREVIOUS):
        op.drop_column("translations", name)
