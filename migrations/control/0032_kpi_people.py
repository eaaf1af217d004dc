"""People of a day by how long ago they were there before, of which every longer span is a sum."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE kpi_people (
            zone text NOT NULL, day date NOT NULL, source text NOT NULL, measure text NOT NULL,
            dimension text NOT NULL, member text NOT NULL, gap smallint NOT NULL, people integer NOT NULL,
            CONSTRAINT pk_kpi_people PRIMARY KEY (zone, day, source, measure, dimension, member, gap)
        )""")
    op.execute("UPDATE kpi_zones SET computed_at = NULL")  # so that every day is counted once more


def downgrade() -> None:
    op.drop_table("kpi_people")
