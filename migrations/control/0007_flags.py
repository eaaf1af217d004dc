"""Feature flags, their metrics and the SDKs that ask."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "environments",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("position", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "flags",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("tags", JSONB, nullable=False),
        sa.Column("impression_data", sa.Boolean, nullable=False),
        sa.Column("is_stale", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("archived_at", MOMENT),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    _create_states()
    revision_counter = op.create_table(
        "flag_revision",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(revision_counter, [{"id": 1, "revision": 1}])
    op.bulk_insert(
        sa.table("environments", sa.column("name"), sa.column("position")),
        [{"name": "development", "position": 1}, {"name": "production", "position": 2}],
    )
    _create_metrics()
    _create_clients()


def _create_states() -> None:
    op.create_table(
        "flag_states",
        sa.Column("flag", sa.Text, sa.ForeignKey("flags.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("environment", sa.Text, sa.ForeignKey("environments.name"), primary_key=True),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("strategies", JSONB, nullable=False),
        sa.Column("variants", JSONB, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("moved_at", MOMENT),
        sa.Column("moved_from", sa.SmallInteger),
        sa.Column("moved_by", sa.Text),
    )


def _counted(*more: sa.Column[Any]) -> tuple[sa.Column[Any], ...]:
    names: list[sa.Column[Any]] = [
        sa.Column(name, sa.Text, primary_key=True) for name in ("flag", "environment", "app_name")
    ]
    return (*names, sa.Column("hour", MOMENT, primary_key=True), *more)


def _create_metrics() -> None:
    op.create_table(
        "flag_metrics",
        *_counted(
            sa.Column("yes", sa.BigInteger, nullable=False),
            sa.Column("no", sa.BigInteger, nullable=False),
            sa.Column("seen_at", MOMENT, nullable=False),
        ),
    )
    op.create_index("ix_flag_metrics_hour", "flag_metrics", ["hour"])
    op.create_table(
        "flag_variant_metrics",
        *_counted(
            sa.Column("variant", sa.Text, primary_key=True),
            sa.Column("count", sa.BigInteger, nullable=False),
        ),
    )
    op.create_index("ix_flag_variant_metrics_hour", "flag_variant_metrics", ["hour"])


def _create_clients() -> None:
    op.create_table(
        "flag_clients",
        sa.Column("environment", sa.Text, primary_key=True),
        sa.Column("app_name", sa.Text, primary_key=True),
        sa.Column("instance_id", sa.Text, primary_key=True),
        sa.Column("connection_id", sa.Text, primary_key=True),
        sa.Column("sdk", sa.Text, nullable=False),
        sa.Column("interval_seconds", sa.BigInteger),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
    )
    op.create_index("ix_flag_clients_seen_at", "flag_clients", ["seen_at"])


def downgrade() -> None:
    for table in (
        "flag_clients",
        "flag_variant_metrics",
        "flag_metrics",
        "flag_revision",
        "flag_states",
        "flags",
        "environments",
    ):
        op.drop_table(table)
