"""Releases of words that wait for their hour, and those that a share of shoppers sees first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "candidate_releases",
        _locale(primary_key=True),
        _release(),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
    )
    op.create_table(
        "planned_releases",
        _locale(primary_key=True),
        _release(),
        sa.Column("after_number", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("planned_by", sa.Text, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
    )
    op.create_index(None, "planned_releases", ["at"])
    _rollouts()
    _decisions()


def _locale(**more: bool) -> sa.Column[str]:
    key = sa.ForeignKey("locales.code", ondelete="CASCADE")
    return sa.Column("locale", sa.Text, key, nullable=False, **more)  # type: ignore[arg-type]


def _release() -> sa.Column[int]:
    return sa.Column("release_id", sa.BigInteger, sa.ForeignKey("releases.id"), nullable=False)


def _rollouts() -> None:
    op.create_table(
        "word_rollouts",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _locale(),
        sa.Column("candidate", sa.Integer, nullable=False),
        sa.Column("stable", sa.Integer, nullable=False),
        sa.Column("plan", JSONB, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
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
        sa.Column("looked_at", MOMENT),
        sa.Column("seen", JSONB, nullable=False),
        sa.Column("memory", JSONB, nullable=False),
        sa.Column("looks", JSONB, nullable=False),
        sa.Column("facts", JSONB),
        sa.Column("verdicts", JSONB, nullable=False),
        sa.Column("reason", JSONB, nullable=False),
    )
    op.create_index("ix_word_rollouts_open", "word_rollouts", ["locale"], unique=True, postgresql_where=OPEN)
    op.create_index("ix_word_rollouts_locale", "word_rollouts", ["locale", "id"])


def _decisions() -> None:
    op.create_table(
        "word_decisions",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "rollout_id",
            sa.BigInteger,
            sa.ForeignKey("word_rollouts.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("about", JSONB, nullable=False),
        sa.Column("verdicts", JSONB, nullable=False),
        sa.Column("mail_to", sa.Text, nullable=False),
        sa.Column("mailed_at", MOMENT),
    )
    op.create_index("ix_word_decisions_rollout", "word_decisions", ["rollout_id", "at"])


def downgrade() -> None:
    for table in ("word_decisions", "word_rollouts", "planned_releases", "candidate_releases"):
        op.drop_table(table)
