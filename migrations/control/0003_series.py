"""Every computed number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("labels", JSONB(), nullable=False),
        sa.UniqueConstraint("key", "labels"),
    )
    op.create_table(
        "series_points",
        sa.Column(
            "series_id", sa.BigInteger(), sa.ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("at", sa.TIMESTAMP(timezone=True), primary_key=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.CheckConstraint("value > '-Infinity' AND value < 'Infinity'", name="finite"),
    )


def downgrade() -> None:
    op.drop_table("series_points")
    op.drop_table("series")
