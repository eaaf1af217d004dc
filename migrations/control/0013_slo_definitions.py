"""Objectives of every kind: their definitions, revisions, corrections, and what their policies say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in _of_slos():
        op.add_column("slos", column)
    op.create_unique_constraint("uq_slos_parent_id_group_value", "slos", ["parent_id", "group_value"])
    for table, columns in _of_rows().items():
        for column in columns:
            op.add_column(table, column)
    op.execute("UPDATE slo_buckets SET measured_state = state WHERE state <> 'ok'")
    _create_tables()
    op.execute(
        "INSERT INTO slo_revisions (slo_id, revision, began_at, who, definition)"
        " SELECT id, revision, created_at, 'job:migration',"
        " jsonb_build_object('good', good, 'total', total) FROM slos"
    )


def downgrade() -> None:
    for table in ("openslo_objects", "slo_overrides", "slo_corrections", "slo_revisions"):
        op.drop_table(table)
    for table, columns in _of_rows().items():
        for column in columns:
            op.drop_column(table, column.name)
    op.execute("DELETE FROM slos WHERE parent_id IS NOT NULL OR indicator NOT IN ('events', 'latency')")
    op.drop_constraint("uq_slos_parent_id_group_value", "slos")
    for column in _of_slos():
        op.drop_column("slos", column.name)


def _of_slos() -> list[sa.Column[object]]:
    return [
        sa.Column("labels", JSONB(), nullable=False, server_default="{}"),
        sa.Column("bad", sa.Text(), nullable=False, server_default=""),
        sa.Column("query", sa.Text(), nullable=False, server_default=""),
        sa.Column("op", sa.Text(), nullable=False, server_default="lte"),
        sa.Column("threshold", sa.Float()),
        sa.Column("composition", sa.Text(), nullable=False, server_default="all"),
        sa.Column("members", JSONB(), nullable=False, server_default="{}"),
        sa.Column("method", sa.Text(), nullable=False, server_default="occurrences"),
        sa.Column("slice_target", sa.Numeric(9, 8)),
        sa.Column("slice_seconds", sa.Integer(), nullable=False, server_default="300"),
        sa.Column("window_kind", sa.Text(), nullable=False, server_default="rolling"),
        sa.Column("time_zone", sa.Text(), nullable=False, server_default="UTC"),
        sa.Column("group_label", sa.Text(), nullable=False, server_default=""),
        sa.Column("parent_id", sa.BigInteger(), sa.ForeignKey("slos.id", ondelete="CASCADE")),
        sa.Column("group_value", sa.Text(), nullable=False, server_default=""),
        sa.Column("tiers", JSONB(), nullable=False, server_default="[]"),
        sa.Column("absent_minutes", sa.Integer(), nullable=False, server_default="5"),
        sa.Column("policy", JSONB()),
        sa.Column("is_enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("openslo", JSONB()),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
    ]


def _of_rows() -> dict[str, list[sa.Column[object]]]:
    return {
        "slo_buckets": [sa.Column("measured_state", sa.Text(), nullable=False, server_default="ok")],
        "slo_hours": [
            sa.Column("excluded_bad", sa.Float(), nullable=False, server_default="0"),
            sa.Column("excluded_total", sa.Float(), nullable=False, server_default="0"),
        ],
        "slo_status": [
            sa.Column("budget_left_uncorrected", sa.Float()),
            sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
            sa.Column("filled_from", sa.DateTime(timezone=True)),
            sa.Column("foretold_at", sa.DateTime(timezone=True)),
            sa.Column("steps_taken", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("freezes", sa.Boolean(), nullable=False, server_default=sa.false()),
        ],
    }


def _create_tables() -> None:
    op.create_table(
        "slo_revisions",
        sa.Column("slo_id", sa.BigInteger(), sa.ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("definition", JSONB(), nullable=False),
    )
    op.create_table(
        "slo_corrections",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("slo_id", sa.BigInteger(), sa.ForeignKey("slos.id", ondelete="CASCADE")),
        sa.Column("labels", JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repeats", sa.Text(), nullable=False),
        sa.Column("weekdays", JSONB(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Text(), nullable=False, server_default=""),
    )
    op.create_table(
        "slo_overrides",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("slo_id", sa.BigInteger(), sa.ForeignKey("slos.id", ondelete="CASCADE"), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_slo_overrides_slo_id", "slo_overrides", ["slo_id"])
    op.create_table(
        "openslo_objects",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
    )
