"""Incidents with what was said and done, their check-lists and actions; edited copies of runbooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_incidents()
    op.create_table(
        "incident_updates",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        _incident(),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("who", "kind", "state", "text")),
        sa.Column("is_public", sa.Boolean(), nullable=False),
    )
    op.create_index(None, "incident_updates", ["incident_id", "id"])
    op.create_table(
        "incident_alerts",
        sa.Column(
            "alert_id", sa.BigInteger(), sa.ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True
        ),
        _incident(),
    )
    op.create_table(
        "incident_steps",
        sa.Column(
            "incident_id",
            sa.BigInteger(),
            sa.ForeignKey("incidents.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("within_minutes", sa.SmallInteger()),
        sa.Column("action", sa.Text()),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.Text()),
    )
    _create_actions_and_runbooks()


def downgrade() -> None:
    for table in (
        "runbook_copies",
        "incident_actions",
        "incident_steps",
        "incident_alerts",
        "incident_updates",
        "incidents",
    ):
        op.drop_table(table)


def _incident() -> sa.Column[int]:
    return sa.Column(
        "incident_id", sa.BigInteger(), sa.ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False
    )


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "severity", "procedure", "state")),
        sa.Column("components", JSONB(), nullable=False),
        sa.Column("roles", JSONB(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("tells_shoppers", sa.Boolean(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("taken_at", MOMENT),
        sa.Column("mitigated_at", MOMENT),
        sa.Column("resolved_at", MOMENT),
        sa.Column("resolved_by", sa.Text()),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("lessons", sa.Text(), nullable=False),
        sa.Column("reviewed_at", MOMENT),
        sa.Column("reviewed_by", sa.Text()),
    )
    op.create_index(None, "incidents", ["started_at"])
    op.create_index("ix_incidents_open", "incidents", ["id"], postgresql_where=sa.text("resolved_at IS NULL"))


def _create_actions_and_runbooks() -> None:
    op.create_table(
        "incident_actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        _incident(),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.Text()),
    )
    op.create_index(None, "incident_actions", ["incident_id", "id"])
    op.create_table(
        "runbook_copies",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
    )
