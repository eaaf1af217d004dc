"""What receivers of alerts sign in with is sealed: nobody reads it out of the table or a copy of it.

Needs ENCRYPTION_KEYS where somebody has set up such receivers.
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from app.vault import Vault

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

PLACE = "alert_delivery.secrets"


def _vault() -> Vault:
    keys = [key.strip() for key in os.environ.get("ENCRYPTION_KEYS", "").split(",") if key.strip()]
    if not keys:
        raise SystemExit("Set ENCRYPTION_KEYS: there are secrets of receivers to seal.")
    return Vault(keys)


def upgrade() -> None:
    op.execute("ALTER TABLE alert_delivery ALTER secrets TYPE text USING secrets::text")
    for row in op.get_bind().execute(sa.text("SELECT id, secrets FROM alert_delivery")):
        _write(row.id, _vault().seal(row.secrets, PLACE))


def downgrade() -> None:
    for row in op.get_bind().execute(sa.text("SELECT id, secrets FROM alert_delivery")):
        _write(row.id, _vault().open(row.secrets, PLACE))
    op.execute("ALTER TABLE alert_delivery ALTER secrets TYPE jsonb USING secrets::jsonb")


def _write(row_id: int, text: str) -> None:
    statement = sa.text("UPDATE alert_delivery SET secrets = :text WHERE id = :id")
    op.get_bind().execute(statement, {"text": text, "id": row_id})
