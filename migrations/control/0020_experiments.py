"""Experiments with a plan, and the moments that were counted of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("flag", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("definition", postgresql.JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("stopped_at", MOMENT),
        sa.Column("decided_at", MOMENT),
        sa.Column("decision", sa.Text),
        sa.Column("shipped", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("counted_from", MOMENT),
        sa.Column("counted_at", MOMENT),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_experiments_flag", "experiments", ["flag"])
    op.create_index(
        "uq_experiments_running",
        "experiments",
        ["flag", "environment"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "experiment_counts",
        sa.Column(
            "experiment_id",
            sa.Integer,
            sa.ForeignKey("experiments.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("dimension", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("variant", sa.Text, primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("sums", postgresql.JSONB, nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
    )
    op.create_table(
        "experiment_baselines",
        sa.Column("flag", sa.Text, primary_key=True),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("sums", postgresql.JSONB, nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
    )
    op.drop_table("experiment_arms")


def downgrade() -> None:
    op.create_table(
        "experiment_arms",
        sa.Column("flag", sa.Text, primary_key=True),
        sa.Column("variant", sa.Text, primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.Column("exposures", sa.BigInteger, nullable=False),
        sa.Column("converted", sa.BigInteger, nullable=False),
        sa.Column("mixed", sa.BigInteger, nullable=False),
    )
    op.drop_table("experiment_baselines")
    op.drop_table("experiment_counts")
    op.drop_table("experiments")
