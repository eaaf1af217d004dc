"""Rollouts with a plan: where each is, what it saw, what it decided, and when all were frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")
FROZEN = sa.text("thawed_at IS NULL")


def _of_rollout() -> sa.Column[int]:
    return sa.Column(
        "rollout_id", sa.BigInteger, sa.ForeignKey("rollouts.id", ondelete="CASCADE"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "rollouts",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("flag", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("plan", JSONB, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("step_since", MOMENT, nullable=False),
        sa.Column("observed_seconds", sa.Float, nullable=False),
        sa.Column("steady_seconds", sa.Float, nullable=False),
        sa.Column("exposures", sa.BigInteger),
        sa.Column("approved", sa.Integer, nullable=False),
        sa.Column("halted", sa.Boolean, nullable=False),
        sa.Column("let_go", sa.Boolean, nullable=False),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("placed", JSONB, nullable=False),
        sa.Column("looked_at", MOMENT),
        sa.Column("seen", JSONB, nullable=False),
        sa.Column("memory", JSONB, nullable=False),
        sa.Column("facts", JSONB),
        sa.Column("reason", JSONB, nullable=False),
        sa.Column("override", JSONB),
    )
    op.create_index(
        "ix_rollouts_open", "rollouts", ["flag", "environment"], unique=True, postgresql_where=OPEN
    )
    op.create_index("ix_rollouts_flag", "rollouts", ["flag", "id"])
    op.create_table(
        "rollout_looks",
        _of_rollout(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("verdicts", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", "at"),
    )
    op.create_index("ix_rollout_looks_at", "rollout_looks", ["at"])
    op.create_table(
        "rollout_decisions",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _of_rollout(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("about", JSONB, nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("mail_to", sa.Text, nullable=False),
        sa.Column("mailed_at", MOMENT),
    )
    op.create_index("ix_rollout_decisions_rollout", "rollout_decisions", ["rollout_id", "at"])
    op.create_table(
        "rollout_freezes",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("frozen_at", MOMENT, nullable=False),
        sa.Column("frozen_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("thawed_at", MOMENT),
        sa.Column("thawed_by", sa.Text),
    )
    op.create_index(
        "ix_rollout_freezes_open",
        "rollout_freezes",
        [sa.text("(thawed_at IS NULL)")],
        unique=True,
        postgresql_where=FROZEN,
    )


def downgrade() -> None:
    for table in ("rollout_freezes", "rollout_decisions", "rollout_looks", "rollouts"):
        op.drop_table(table)
