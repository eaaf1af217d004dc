"""Allocation rules and runs, budgets and quotas, scenarios of growth, promises of savings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _saved() -> list[sa.Column[object]]:
    return [sa.Column("saved_by", sa.Text, nullable=False), sa.Column("saved_at", MOMENT, nullable=False)]


def upgrade() -> None:
    op.create_table(
        "cost_rule_versions",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rules", JSONB, nullable=False),
        *_texts("note"),
        *_saved(),
    )
    op.create_table(
        "cost_runs",
        _id(),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("rules_version", sa.Integer, sa.ForeignKey("cost_rule_versions.version"), nullable=False),
        *_texts("digest"),
        sa.Column("inputs", JSONB, nullable=False),
        sa.Column("shares", JSONB, nullable=False),
        *(
            sa.Column(f"{name}_cents", sa.BigInteger, nullable=False)
            for name in ("bill", "direct", "driver", "even", "shared", "idle")
        ),
        *_texts("made_by"),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.create_index(op.f("ix_cost_runs_month_id"), "cost_runs", ["month", "id"])
    _budgets()
    op.create_table(
        "cost_scenarios",
        _id(),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("definition", JSONB, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        *_saved(),
    )
    _promises()


def _budgets() -> None:
    op.create_table(
        "cost_budgets",
        _id(),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        *_texts("scope", "member", "period"),
        sa.Column("amount_cents", sa.BigInteger, nullable=False),
        sa.Column("triggers", ARRAY(sa.Integer), nullable=False),
        sa.Column("on_forecast", sa.Boolean, nullable=False),
        *_texts("owner"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_saved(),
    )
    op.create_table(
        "cost_budget_told",
        sa.Column(
            "budget_id",
            sa.BigInteger,
            sa.ForeignKey("cost_budgets.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("period_start", sa.Date, primary_key=True),
        sa.Column("trigger", sa.Text, primary_key=True),
        sa.Column("told", JSONB, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("mailed_at", MOMENT),
    )
    op.create_table(
        "cost_quotas",
        _id(),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        *_texts("driver", "period"),
        sa.Column("most", sa.Numeric, nullable=False),
        *_saved(),
    )


def _promises() -> None:
    op.create_table(
        "cost_promises",
        _id(),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        *_texts("owner"),
        sa.Column("from_month", sa.Date, nullable=False),
        sa.Column("investments", JSONB, nullable=False),
        sa.Column("savings", JSONB, nullable=False),
        *_texts("verdict", "closed_by"),
        sa.Column("closed_at", MOMENT),
        sa.Column("revision", sa.Integer, nullable=False),
        *_saved(),
    )
    op.create_table(
        "cost_savings",
        sa.Column(
            "promise_id",
            sa.BigInteger,
            sa.ForeignKey("cost_promises.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("cents", sa.BigInteger, nullable=False),
        *_texts("evidence"),
        *_saved(),
    )


def downgrade() -> None:
    for name in (
        "cost_savings",
        "cost_promises",
        "cost_scenarios",
        "cost_quotas",
        "cost_budget_told",
        "cost_budgets",
        "cost_runs",
        "cost_rule_versions",
    ):
        op.drop_table(name)
