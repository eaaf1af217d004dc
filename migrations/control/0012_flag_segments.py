"""Flags with segments, parents, links, a life of their own; environments that people make."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
EMPTY = sa.text("'[]'::jsonb")


# The previous release goes on inserting rows, so each new column that may not be null has a default.
def _of_environments() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("type", sa.Text, nullable=False, server_default="development"),
        sa.Column("requires_approval", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("approvals_needed", sa.SmallInteger, nullable=False, server_default="1"),
        sa.Column("archived_at", MOMENT),
    )


def _of_flags() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("links", JSONB, nullable=False, server_default=EMPTY),
        sa.Column("dependencies", JSONB, nullable=False, server_default=EMPTY),
        sa.Column("expected_lifetime_days", sa.Integer),
        sa.Column("live_at", MOMENT),
        sa.Column("completed_at", MOMENT),
        sa.Column("outcome", sa.Text),
        sa.Column("outcome_variant", sa.Text),
        sa.Column("deleted_at", MOMENT),
    )


def upgrade() -> None:
    for column in _of_environments():
        op.add_column("environments", column)
    op.execute("UPDATE environments SET type = 'production' WHERE name = 'production'")
    for column in _of_flags():
        op.add_column("flags", column)
    op.execute(
        "UPDATE flags SET live_at = moved.at FROM (SELECT flag, min(moved_at) AS at FROM flag_states"
        " WHERE environment = 'production' GROUP BY flag) AS moved WHERE moved.flag = flags.name"
    )
    op.create_table(
        "segments",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("project", sa.Text),
        sa.Column("constraints", JSONB, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("deleted_at", MOMENT),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "ix_segments_name", "segments", ["name"], unique=True, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_table(
        "flag_favourites",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("flag", sa.Text, sa.ForeignKey("flags.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("flag_favourites")
    op.drop_table("segments")
    for column in _of_flags():
        op.drop_column("flags", str(column.name))
    for column in _of_environments():
        op.drop_column("environments", str(column.name))
