"""Whom the shop erased, followed here once."""

from __future__ import annotations

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE kpi_erasures (
            erasure_id uuid CONSTRAINT pk_kpi_erasures PRIMARY KEY, erased_at timestamptz NOT NULL,
            user_id bigint, followed_at timestamptz NOT NULL
        )""")


def downgrade() -> None:
    op.drop_table("kpi_erasures")
