"""Who was shown the secret that a token has now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tokens", sa.Column("rotated_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("tokens", "rotated_by")
