"""In which language the owner of a budget is written to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cost_budgets", sa.Column("language", sa.Text, nullable=False, server_default="en"))


def downgrade() -> None:
    op.drop_column("cost_budgets", "language")
