"""Each run of each scheduled job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_runs",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("said", sa.Text, nullable=False, server_default=""),
        sa.CheckConstraint(
            "outcome IN ('requested', 'running', 'ok', 'failed')", name=op.f("ck_job_runs_outcome")
        ),
    )
    op.create_index(
        "uq_job_runs_job_slot",
        "job_runs",
        ["job", "slot"],
        unique=True,
        postgresql_where=sa.text("cause = 'schedule'"),
    )
    op.create_index("ix_job_runs_job_id", "job_runs", ["job", "id"])
    op.create_index(
        "ix_job_runs_requested", "job_runs", ["id"], postgresql_where=sa.text("outcome = 'requested'")
    )


def downgrade() -> None:
    op.drop_table("job_runs")
