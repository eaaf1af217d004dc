"""Unhandled errors, kept for a week; others read them as reporting.error_reports."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

VIEW = """
CREATE VIEW reporting.error_reports AS
SELECT event_id, recorded_at, fingerprint, kind, message, place, traceback, source, release, first_at,
       at, count, request, people
FROM public.error_reports
"""
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        GRANT SELECT ON reporting.error_reports TO reporting;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("""
        CREATE TABLE error_reports (
            event_id uuid CONSTRAINT pk_error_reports PRIMARY KEY,
            recorded_at timestamptz NOT NULL DEFAULT now(),
            fingerprint text NOT NULL, kind text NOT NULL, message text NOT NULL, place text NOT NULL,
            traceback text NOT NULL, source text NOT NULL, release text NOT NULL,
            first_at timestamptz NOT NULL, at timestamptz NOT NULL, count bigint NOT NULL,
            request jsonb NOT NULL, people jsonb NOT NULL
        )""")
    op.execute("CREATE INDEX ix_error_reports_recorded_at ON error_reports (recorded_at)")
    op.execute(VIEW)
    op.execute(GRANT)


def downgrade() -> None:
    op.execute("DROP VIEW reporting.error_reports")
    op.drop_table("error_reports")
