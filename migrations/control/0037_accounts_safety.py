"""Invitations, second factors, recovery codes, links for new passwords, known browsers, and their mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = (
    "account_mails",
    "invitations",
    "password_links",
    "known_browsers",
    "half_sign_ins",
    "required_factors",
    "recovery_codes",
    "second_factors",
)


def moment(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=optional)


def person(*, is_key: bool = False) -> sa.Column[int]:
    owner = sa.ForeignKey("people.id", ondelete="CASCADE")
    return sa.Column("person_id", sa.BigInteger(), owner, primary_key=is_key, nullable=False)


def number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True)


def upgrade() -> None:
    op.add_column("sessions", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.add_column("sessions", moment("confirmed_at", optional=True))
    op.create_table(
        "second_factors",
        person(is_key=True),
        text("seed", optional=True),
        moment("confirmed_at", optional=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default="0"),
        text("pending_seed", optional=True),
    )
    op.create_table(
        "recovery_codes",
        number(),
        person(),
        text("code_hash"),
        moment("created_at"),
        moment("used_at", optional=True),
    )
    op.create_index(None, "recovery_codes", ["person_id"])
    op.create_unique_constraint(None, "recovery_codes", ["code_hash"])
    op.create_table(
        "required_factors",
        sa.Column("role", sa.Text(), primary_key=True),
        moment("since"),
        text("set_by"),
    )
    op.create_table(
        "half_sign_ins", number(), person(), text("cookie_hash"), moment("created_at"), text("agent")
    )
    op.create_index(None, "half_sign_ins", ["person_id"])
    op.create_unique_constraint(None, "half_sign_ins", ["cookie_hash"])
    op.create_table(
        "known_browsers",
        number(),
        person(),
        text("cookie_hash"),
        text("agent"),
        moment("created_at"),
        moment("seen_at"),
    )
    op.create_unique_constraint(None, "known_browsers", ["person_id", "cookie_hash"])
    op.create_table(
        "password_links",
        number(),
        person(),
        text("link_hash"),
        moment("created_at"),
        moment("expires_at"),
        moment("used_at", optional=True),
    )
    op.create_index(None, "password_links", ["person_id"])
    op.create_unique_constraint(None, "password_links", ["link_hash"])
    op.create_table(
        "invitations",
        number(),
        text("email"),
        text("name"),
        text("role"),
        text("locale"),
        moment("created_at"),
        text("created_by"),
        text("link_hash", optional=True),
        moment("sent_at", optional=True),
        moment("expires_at"),
        moment("accepted_at", optional=True),
        moment("withdrawn_at", optional=True),
    )
    op.create_unique_constraint(None, "invitations", ["link_hash"])
    # One open invitation for an address, however it is typed.
    op.create_index(
        "ix_invitations_open",
        "invitations",
        [sa.text("lower(email)")],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "account_mails",
        number(),
        text("kind"),
        text("email"),
        text("locale"),
        text("about"),
        moment("created_at"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("sessions", "confirmed_at")
    op.drop_column("sessions", "address")
