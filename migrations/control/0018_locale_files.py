"""The file of each locale that was taken in last, and messages that came in files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("origin", sa.Text(), nullable=False, server_default="shop"))
    op.create_table(
        "locale_files",
        sa.Column("locale", sa.Text(), sa.ForeignKey("locales.code", ondelete="CASCADE"), primary_key=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("locale_files")
    op.drop_column("messages", "origin")
