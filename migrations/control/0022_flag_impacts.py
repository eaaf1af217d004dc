"""What applications count beside their flags, by variant and hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _key(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in names]


def upgrade() -> None:
    op.create_table(
        "flag_impacts",
        *_key("metric", "environment", "app_name", "flag", "variant"),
        sa.Column("hour", MOMENT, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("samples", sa.BigInteger, nullable=False),
        sa.Column("total", sa.Double, nullable=False),
    )
    op.create_index("ix_flag_impacts_hour", "flag_impacts", ["hour"])
    op.create_table(
        "flag_impact_buckets",
        *_key("metric", "environment", "app_name", "flag", "variant"),
        sa.Column("hour", MOMENT, primary_key=True),
        sa.Column("up_to", sa.Double, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_flag_impact_buckets_hour", "flag_impact_buckets", ["hour"])


def downgrade() -> None:
    op.drop_table("flag_impact_buckets")
    op.drop_table("flag_impacts")
