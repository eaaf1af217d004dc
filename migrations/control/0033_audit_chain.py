"""Where each change came from, and a chain of seals over the audit trail that nobody mends unseen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# Sealing fills in three empty columns once; retention says what it is about to do. All else is refused.
KEPT = """
CREATE FUNCTION audit_entries_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('backroom.audit_retention', true) = 'on' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.seal IS NULL AND to_jsonb(NEW) - '{sequence,previous,seal}'::text[]
       = to_jsonb(OLD) - '{sequence,previous,seal}'::text[] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'entries of the audit trail are neither changed nor removed';
END $$
"""
TRIGGER = """
CREATE TRIGGER audit_entries_are_kept BEFORE UPDATE OR DELETE ON audit_entries
FOR EACH ROW EXECUTE FUNCTION audit_entries_are_kept()
"""


def upgrade() -> None:
    for name in ("via", "address", "agent", "request_id"):
        op.add_column("audit_entries", sa.Column(name, sa.Text()))
    op.add_column("audit_entries", sa.Column("token_id", sa.BigInteger()))
    op.add_column("audit_entries", sa.Column("sequence", sa.BigInteger()))
    op.add_column("audit_entries", sa.Column("previous", sa.Text()))
    op.add_column("audit_entries", sa.Column("seal", sa.Text()))
    op.create_unique_constraint(None, "audit_entries", ["sequence"])
    op.create_index(None, "audit_entries", ["action", "at"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("base_seal", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("entry_seal", sa.Text(), nullable=False),
        sa.Column("adopts_to", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
    )
    op.create_table(
        "audit_checks",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("broken_at", sa.BigInteger()),
        sa.Column("how", sa.Text()),
    )
    op.execute(KEPT)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entries_are_kept ON audit_entries")
    op.execute("DROP FUNCTION audit_entries_are_kept()")
    op.drop_table("audit_checks")
    op.drop_table("audit_head")
    op.drop_index("ix_audit_entries_action_at", "audit_entries")
    for name in (
        "seal",
        "previous",
        "sequence",
        "token_id",
        "request_id",
        "agent",
        "address",
        "via",
    ):
        op.drop_column("audit_entries", name)
