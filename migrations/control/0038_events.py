"""One stream of events for webhooks and notifications, and who is told of them.

What is written to the audit trail, the timeline and the runs of jobs is noted by triggers in the same
transaction, so that no feature needs to know who listens.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

NOTE = """
CREATE FUNCTION note_happening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO happenings (source, before, after)
  VALUES (TG_ARGV[0], CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END, to_jsonb(NEW));
  RETURN NULL;
END $$;
CREATE TRIGGER note_happening AFTER INSERT ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION note_happening('audit');
CREATE TRIGGER note_happening AFTER INSERT ON timeline_entries
  FOR EACH ROW WHEN (NOT NEW.is_demo) EXECUTE FUNCTION note_happening('timeline');
CREATE TRIGGER note_change AFTER UPDATE ON timeline_entries
  FOR EACH ROW WHEN (NOT NEW.is_demo AND NEW.ends_at IS NOT NULL AND OLD.ends_at IS NULL)
  EXECUTE FUNCTION note_happening('timeline');
"""
# A job that fails at each of its slots is news once: when the run before had done its work.
NOTE_RUN = """
CREATE FUNCTION note_failed_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce((SELECT outcome = 'ok' FROM job_runs WHERE job = NEW.job AND id < NEW.id
               AND outcome IN ('ok', 'failed') ORDER BY id DESC LIMIT 1), true) THEN
    INSERT INTO happenings (source, after) VALUES ('job', to_jsonb(NEW));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_failed_run AFTER UPDATE ON job_runs
  FOR EACH ROW WHEN (NEW.outcome = 'failed' AND OLD.outcome IS DISTINCT FROM 'failed')
  EXECUTE FUNCTION note_failed_run();
"""


def upgrade() -> None:
    op.add_column("timeline_entries", sa.Column("event", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "timeline_entries", sa.Column("facts", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"))
    )
    op.create_table(
        "happenings",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("before", JSONB),
        sa.Column("after", JSONB, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("uid", sa.Uuid, nullable=False, unique=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("notified_at", MOMENT),
    )
    op.create_index("ix_events_created_at", "events", ["created_at"])
    op.create_index("ix_events_to_notify", "events", ["id"], postgresql_where=sa.text("notified_at IS NULL"))
    _webhooks()
    _notifications()
    op.execute(NOTE)
    op.execute(NOTE_RUN)


def _webhooks() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("types", JSONB, nullable=False),
        sa.Column("environments", JSONB, nullable=False),
        sa.Column("locales", JSONB, nullable=False),
        sa.Column("subjects", JSONB, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("previous_secret", sa.Text),
        sa.Column("previous_until", MOMENT),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("disabled_why", sa.Text, nullable=False),
        sa.Column("failing_since", MOMENT),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id", ondelete="CASCADE"), unique=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "endpoint_id",
            sa.BigInteger,
            sa.ForeignKey("webhook_endpoints.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("event_id", sa.BigInteger, sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.UniqueConstraint("endpoint_id", "event_id"),
    )
    op.create_index("ix_webhook_deliveries_event_id", "webhook_deliveries", ["event_id"])
    op.create_index(
        "ix_webhook_deliveries_due",
        "webhook_deliveries",
        ["endpoint_id", "due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "delivery_id",
            sa.BigInteger,
            sa.ForeignKey("webhook_deliveries.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("response", sa.Text, nullable=False),
    )
    op.create_index("ix_webhook_attempts_delivery_id_id", "webhook_attempts", ["delivery_id", "id"])
    op.create_table(
        "webhook_sources",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("received_at", MOMENT),
        sa.Column("refused_at", MOMENT),
        sa.Column("refused_why", sa.Text, nullable=False),
    )
    op.create_table(
        "webhook_receipts",
        sa.Column(
            "source_id",
            sa.BigInteger,
            sa.ForeignKey("webhook_sources.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("message", sa.Text, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
    )
    op.create_index("ix_webhook_receipts_at", "webhook_receipts", ["at"])


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
        sa.Column("event_id", sa.BigInteger, sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("is_shown", sa.Boolean, nullable=False),
        sa.Column("read_at", MOMENT),
        sa.Column("mail", sa.Text, nullable=False),
        sa.UniqueConstraint("person_id", "event_id"),
    )
    op.create_index("ix_notifications_event_id", "notifications", ["event_id"])
    op.create_index("ix_notifications_person_id_id", "notifications", ["person_id", "id"])
    op.create_index(
        "ix_notifications_mail",
        "notifications",
        ["person_id"],
        postgresql_where=sa.text("mail IN ('now', 'digest')"),
    )
    op.create_table(
        "notification_choices",
        sa.Column(
            "person_id", sa.BigInteger, sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("channels", JSONB, nullable=False),
    )
    op.create_table(
        "notification_settings",
        sa.Column(
            "person_id", sa.BigInteger, sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.Column("quiet_from", sa.Integer),
        sa.Column("quiet_to", sa.Integer),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("digest_hour", sa.Integer, nullable=False),
        sa.Column("digested_on", sa.Date),
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER note_failed_run ON job_runs")
    op.execute("DROP TRIGGER note_change ON timeline_entries")
    op.execute("DROP TRIGGER note_happening ON timeline_entries")
    op.execute("DROP TRIGGER note_happening ON audit_entries")
    op.execute("DROP FUNCTION note_failed_run()")
    op.execute("DROP FUNCTION note_happening()")
    for name in (
        "notification_settings",
        "notification_choices",
        "notifications",
        "webhook_receipts",
        "webhook_sources",
        "webhook_attempts",
        "webhook_deliveries",
        "webhook_endpoints",
        "events",
        "happenings",
    ):
        op.drop_table(name)
    op.drop_column("timeline_entries", "facts")
    op.drop_column("timeline_entries", "event")
