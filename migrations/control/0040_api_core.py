"""Keys of requests that may be sent twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def moment(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=optional)


def number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True)


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        number(),
        text("key_hash"),
        text("request_mark"),
        text("state"),
        text("lease"),
        moment("claimed_at"),
        moment("created_at"),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", JSONB()),
        text("body", optional=True),
    )
    op.create_unique_constraint(None, "idempotency_keys", ["key_hash"])
    op.create_index(None, "idempotency_keys", ["created_at"])


def downgrade() -> None:
    op.drop_table("idempotency_keys")
