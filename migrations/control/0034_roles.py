"""Own roles, and roles beside the main one: everywhere, in one environment or in one locale."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "roles",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("permissions", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
    )
    op.create_table(
        "role_grants",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column(
            "person_id", sa.BigInteger(), sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text()),
        sa.Column("locale", sa.Text()),
        sa.Column("ends_at", MOMENT),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("approved_at", MOMENT),
        sa.Column("approved_by", sa.Text()),
        sa.CheckConstraint("environment IS NULL OR locale IS NULL", "one_scope"),
    )
    op.create_index(
        "ix_role_grants_once",
        "role_grants",
        ["person_id", "role", "environment", "locale", "is_main"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(None, "role_grants", ["role"])


def downgrade() -> None:
    op.drop_table("role_grants")
    op.drop_table("roles")
