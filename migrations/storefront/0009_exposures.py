"""Which shopper met which variant, by day; experiments read it as reporting.exposures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

VIEW = """
CREATE VIEW reporting.exposures AS
SELECT flag, visitor_id, variant, day, first_at, user_id, locale, country, device, pages, failed_pages,
       seconds, is_demo
FROM public.exposures
"""

GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        GRANT SELECT ON reporting.exposures TO reporting;
    END IF;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "exposures",
        sa.Column("flag", sa.Text, primary_key=True),
        sa.Column("visitor_id", sa.Text, primary_key=True),
        sa.Column("variant", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("failed_pages", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_exposures_flag", "exposures", ["flag", "first_at"])
    op.create_index("ix_exposures_day", "exposures", ["day"], postgresql_using="brin")
    op.execute(VIEW)
    op.execute(GRANT)


def downgrade() -> None:
    op.execute("DROP VIEW reporting.exposures")
    op.drop_table("exposures")
