"""Tokens that see some projects only, end by themselves, and are exchanged without a gap."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NEW = ("projects", "expires_at", "rotated_at", "previous_hash", "previous_until")


def upgrade() -> None:
    op.add_column(
        "tokens", sa.Column("projects", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"))
    )
    for name in ("expires_at", "rotated_at", "previous_until"):
        op.add_column("tokens", sa.Column(name, MOMENT))
    op.add_column("tokens", sa.Column("previous_hash", sa.Text))
    op.create_unique_constraint("uq_tokens_previous_hash", "tokens", ["previous_hash"])


def downgrade() -> None:
    op.drop_constraint("uq_tokens_previous_hash", "tokens")
    for name in NEW:
        op.drop_column("tokens", name)
