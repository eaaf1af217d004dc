"""A password that somebody else made ends: after that it opens the page to choose one of one's own alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("password_ends_at", sa.DateTime(timezone=True)))
    proven: sa.Column[bool] = sa.Column("is_proven", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("half_sign_ins", proven)


def downgrade() -> None:
    op.drop_column("half_sign_ins", "is_proven")
    op.drop_column("people", "password_ends_at")
