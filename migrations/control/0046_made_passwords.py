"""A password that somebody else made opens nothing but the page to choose one of one's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("people", "password_is_made"), ("half_sign_ins", "is_proven")):
        op.add_column(table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("half_sign_ins", "is_proven")
    op.drop_column("people", "password_is_made")
