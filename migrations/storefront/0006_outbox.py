"""Events written with the business they report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True)),
        sa.Column("dead_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("event_id", name="uq_outbox_event_id"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_try_at"],
        postgresql_where=sa.text("handled_at IS NULL AND dead_at IS NULL"),
    )
    op.create_index("ix_outbox_dead", "outbox", ["dead_at"], postgresql_where=sa.text("dead_at IS NOT NULL"))
    op.create_index("ix_outbox_handled_at", "outbox", ["handled_at"])


def downgrade() -> None:
    op.drop_table("outbox")
