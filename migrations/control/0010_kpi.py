"""Targets of KPIs, and which days are computed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kpi_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("computed_at", MOMENT, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "kpi_targets",
        sa.Column("kpi", sa.Text, primary_key=True),
        sa.Column("from_day", sa.Date, primary_key=True),
        sa.Column("value", sa.Float),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("kpi_targets")
    op.drop_table("kpi_days")
