"""Objectives and their five-minute rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


STATES = "state IN ('ok', 'no_traffic', 'no_data', 'excluded')"


def upgrade() -> None:
    _create_slos()
    _create_rows()
    op.create_table(
        "slo_status",
        sa.Column("slo_id", sa.BigInteger(), sa.ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bad", sa.Float(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("budget_left", sa.Float()),
        sa.Column("burns", JSONB(), nullable=False),
        sa.Column("forecast", JSONB()),
        sa.Column("spark", JSONB(), nullable=False),
    )


def downgrade() -> None:
    for table in ("slo_status", "slo_hours", "slo_buckets", "slos"):
        op.drop_table(table)


def _create_slos() -> None:
    op.create_table(
        "slos",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("runbook", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("good", sa.Text(), nullable=False),
        sa.Column("total", sa.Text(), nullable=False),
        sa.Column("durations", sa.Text(), nullable=False),
        sa.Column("threshold_seconds", sa.Float()),
        sa.Column("objective", sa.Numeric(7, 6), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("min_bad_events", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("objective > 0 AND objective < 1", name="objective"),
        sa.CheckConstraint("window_days BETWEEN 1 AND 400", name="window_days"),
    )


def _create_rows() -> None:
    op.create_table(
        "slo_buckets",
        sa.Column("slo_id", sa.BigInteger(), sa.ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("good", sa.Float(), nullable=False),
        sa.Column("bad", sa.Float(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.CheckConstraint(STATES, name="state"),
    )
    op.create_table(
        "slo_hours",
        sa.Column("slo_id", sa.BigInteger(), sa.ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("bad", sa.Float(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("ok", sa.Integer(), nullable=False),
        sa.Column("no_traffic", sa.Integer(), nullable=False),
        sa.Column("no_data", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
    )
