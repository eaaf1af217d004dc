"""What the variants of a flag did: readings of rollouts, counts of experiments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rollout_readings",
        sa.Column("flag", sa.Text, primary_key=True),
        sa.Column("variant", sa.Text, primary_key=True),
        sa.Column("at", MOMENT, primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("exposures", sa.BigInteger),
        sa.Column("converted", sa.BigInteger),
        sa.Column("good", sa.Float),
        sa.Column("bad", sa.Float),
    )
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


def downgrade() -> None:
    op.drop_table("experiment_arms")
    op.drop_table("rollout_readings")
