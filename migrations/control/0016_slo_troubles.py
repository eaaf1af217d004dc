"""Why an objective is not gathered, and why its rules are not loaded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("slo_status", sa.Column("error", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "slo_rules",
        sa.Column("place", sa.Text(), primary_key=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_loaded", sa.Boolean(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("slo_rules")
    op.drop_column("slo_status", "error")
