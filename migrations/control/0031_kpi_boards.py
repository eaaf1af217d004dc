"""Dashboards of one's own, how forecasts came about, and reviews of periods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kpi_boards",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tiles", JSONB(), nullable=False),
        sa.Column("filters", JSONB(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_index("uq_kpi_boards_owner_name", "kpi_boards", ["owner", "name"], unique=True)
    op.create_table(
        "kpi_outlooks",
        sa.Column("kpi", sa.Text(), primary_key=True),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("method", sa.Text()),
        sa.Column("mase", sa.Float()),
        sa.Column("naive_mase", sa.Float()),
        sa.Column("origins", sa.SmallInteger()),
        sa.Column("computed_at", MOMENT, nullable=False),
    )
    op.create_table(
        "kpi_goals",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("labels", JSONB(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("began_at", sa.Float()),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
    )
    _create_reports()


def _create_reports() -> None:
    op.create_table(
        "reports",
        sa.Column("period", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("sections", JSONB(), nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", sa.Text()),
        sa.Column("decision", sa.Text(), nullable=False),
    )
    op.create_index(None, "reports", ["last_day"])
    op.create_table(
        "report_notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        _period(),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index(None, "report_notes", ["period"])
    op.create_table(
        "report_actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        _period(),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.Text()),
    )
    op.create_index(None, "report_actions", ["period"])
    op.create_table(
        "report_recipients",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("email", sa.Text(), primary_key=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
    )
    op.create_table(
        "report_mails",
        sa.Column("period", sa.Text(), primary_key=True),
        sa.Column("email", sa.Text(), primary_key=True),
        sa.Column("sent_at", MOMENT, nullable=False),
    )


def _period() -> sa.Column[str]:
    return sa.Column("period", sa.Text(), sa.ForeignKey("reports.period", ondelete="CASCADE"), nullable=False)


def downgrade() -> None:
    for table in (
        "report_mails",
        "report_recipients",
        "report_actions",
        "report_notes",
        "reports",
        "kpi_goals",
        "kpi_outlooks",
        "kpi_boards",
    ):
        op.drop_table(table)
