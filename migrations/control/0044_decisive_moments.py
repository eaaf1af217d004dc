"""When a target by date was reached or missed and an experiment had enough data, so that each is told once.

Targets whose day is over already are no news.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("kpi_goals", sa.Column("reached_at", MOMENT))
    op.add_column("kpi_goals", sa.Column("missed_at", MOMENT))
    op.add_column("experiments", sa.Column("ready_at", MOMENT))
    op.execute("UPDATE kpi_goals SET missed_at = now() WHERE due_on < current_date")


def downgrade() -> None:
    op.drop_column("experiments", "ready_at")
    op.drop_column("kpi_goals", "missed_at")
    op.drop_column("kpi_goals", "reached_at")
