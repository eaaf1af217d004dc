"""What fired, when, and who took it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_alerts()
    op.create_table(
        "alert_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column(
            "alert_id", sa.BigInteger(), sa.ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index(None, "alert_events", ["alert_id", "id"])
    op.create_table(
        "alert_rules",
        sa.Column("group_name", sa.Text(), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("labels", JSONB(), nullable=False),
        sa.Column("annotations", JSONB(), nullable=False),
        sa.Column("expr", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True)),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    for table in ("alert_rules", "alert_events", "alerts"):
        op.drop_table(table)


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("slo", sa.Text()),
        sa.Column("labels", JSONB(), nullable=False),
        sa.Column("annotations", JSONB(), nullable=False),
        sa.Column("silenced_by", JSONB(), nullable=False),
        sa.Column("inhibited_by", JSONB(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_by", sa.Text()),
        sa.Column("acknowledged_note", sa.Text()),
        sa.UniqueConstraint("fingerprint", "starts_at"),
    )
    op.create_index("ix_alerts_firing", "alerts", ["starts_at"], postgresql_where=sa.text("ends_at IS NULL"))
    op.create_index(None, "alerts", ["starts_at", "id"])
