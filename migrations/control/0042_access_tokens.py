"""Access tokens of people, and what tokens of machines are held to: an end, and places."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def moment(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=optional)


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(), primary_key=True),
        text("public_key"),
        text("private_key"),
        moment("created_at"),
        moment("signs_from"),
        moment("signs_until"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        text("token_hash"),
        sa.Column(
            "session_id", sa.BigInteger(), sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False
        ),
        moment("created_at"),
        moment("used_at", optional=True),
    )
    op.create_unique_constraint(None, "refresh_tokens", ["token_hash"])
    op.create_index(None, "refresh_tokens", ["session_id"])
    for name in ("permissions", "environments", "locales"):
        empty = sa.text("'[]'::jsonb")
        op.add_column("tokens", sa.Column(name, JSONB(), nullable=False, server_default=empty))
    op.add_column("tokens", text("endless_reason", optional=True))
    op.add_column("tokens", text("used_from", optional=True))
    op.add_column("tokens", moment("warned_at", optional=True))


def downgrade() -> None:
    for name in ("warned_at", "used_from", "endless_reason", "locales", "environments", "permissions"):
        op.drop_column("tokens", name)
    op.drop_table("refresh_tokens")
    op.drop_table("signing_keys")
