"""Changes of flags that wait for somebody's word, or for their hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "flag_change_requests",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("environment", sa.Text, sa.ForeignKey("environments.name"), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("approvals_needed", sa.SmallInteger, nullable=False),
        sa.Column("apply_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.Column("problem", sa.Text),
        sa.Column("problem_text", sa.Text),
        sa.Column("told_at", MOMENT),
    )
    op.create_index("ix_flag_change_requests_state", "flag_change_requests", ["state", "apply_at"])
    op.create_index(
        "ix_flag_change_requests_due",
        "flag_change_requests",
        ["apply_at"],
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_table(
        "flag_proposed_changes",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _request(),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("flag", sa.Text, sa.ForeignKey("flags.name", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("base_revision", sa.BigInteger, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
    )
    op.create_index("ix_flag_proposed_changes_request", "flag_proposed_changes", ["request", "position"])
    op.create_index("ix_flag_proposed_changes_flag", "flag_proposed_changes", ["flag"])
    op.create_table(
        "flag_change_opinions",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _request(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
    )
    op.create_index("ix_flag_change_opinions_request", "flag_change_opinions", ["request"])


def downgrade() -> None:
    op.drop_table("flag_change_opinions")
    op.drop_table("flag_proposed_changes")
    op.drop_table("flag_change_requests")


def _request() -> sa.Column[int]:
    return sa.Column(
        "request",
        sa.BigInteger,
        sa.ForeignKey("flag_change_requests.id", ondelete="CASCADE"),
        nullable=False,
    )
