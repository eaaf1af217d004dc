"""Who gets the reports of the objectives by mail, and which were sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "slo_report_recipients",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("email", sa.Text, primary_key=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('week', 'month')", name="kind"),
    )
    op.create_table(
        "slo_report_mails",
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("email", sa.Text, primary_key=True),
        sa.Column("sent_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("slo_report_mails")
    op.drop_table("slo_report_recipients")
