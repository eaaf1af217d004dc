"""Bills of providers, rates of currencies, and lines that are amortised or metered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BILL = ("cost_bills.id",)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "cost_rates",
        sa.Column("currency", sa.Text, primary_key=True),
        sa.Column("base", sa.Text, primary_key=True),
        sa.Column("from_day", sa.Date, primary_key=True),
        sa.Column("rate", sa.Numeric, nullable=False),
        *_texts("source", "saved_by"),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.CheckConstraint("rate > 0", name="rate_positive"),
    )
    op.create_table(
        "cost_settings",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "cost_imports",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        *_texts("name", "digest"),
        sa.Column("report", JSONB, nullable=False),
        sa.Column("imported_by", sa.Text, nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
    )
    op.create_index(op.f("ix_cost_imports_digest"), "cost_imports", ["digest"])
    op.create_table(
        "cost_bills",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        *_texts("provider", "account", "feed"),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("import_id", sa.BigInteger, sa.ForeignKey("cost_imports.id"), nullable=False),
        sa.UniqueConstraint("provider", "account", "feed", "period_start", "period_end"),
    )
    op.create_table(
        "cost_charges",
        sa.Column("bill_id", sa.BigInteger, sa.ForeignKey(*BILL, ondelete="CASCADE"), primary_key=True),
        sa.Column("row_key", sa.LargeBinary, primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("charge_start", MOMENT, nullable=False),
        sa.Column("charge_end", MOMENT, nullable=False),
        *_texts("category", "charge_class", "frequency", "description", "sub_account", "service_category"),
        *_texts("service", "component", "feature", "region", "resource", "resource_name", "sku"),
        sa.Column("tags", JSONB, nullable=False),
        *_texts("currency"),
        sa.Column("billed", sa.Numeric, nullable=False),
        sa.Column("effective", sa.Numeric, nullable=False),
        sa.Column("list_cost", sa.Numeric),
        sa.Column("contracted", sa.Numeric),
        sa.Column("consumed", sa.Numeric),
        *_texts("consumed_unit", "pricing_currency"),
        sa.Column("pricing_effective", sa.Numeric),
        *_texts("commitment", "commitment_status"),
        sa.Column("commitment_quantity", sa.Numeric),
    )
    op.create_index(
        op.f("ix_cost_charges_commitment"),
        "cost_charges",
        ["commitment"],
        postgresql_where=sa.text("commitment <> ''"),
    )
    op.create_index(
        op.f("ix_cost_charges_charge_start"), "cost_charges", ["charge_start"], postgresql_using="brin"
    )
    op.create_table(
        "cost_bill_days",
        sa.Column("bill_id", sa.BigInteger, sa.ForeignKey(*BILL, ondelete="CASCADE"), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        *(
            sa.Column(name, sa.Text, primary_key=True)
            for name in ("service", "component", "feature", "category", "currency")
        ),
        sa.Column("billed", sa.Numeric, nullable=False),
        sa.Column("effective", sa.Numeric, nullable=False),
    )
    op.create_index(op.f("ix_cost_bill_days_day"), "cost_bill_days", ["day"])
    _extend_lines()


def _extend_lines() -> None:
    op.drop_constraint(op.f("ck_cost_lines_amount_positive"), "cost_lines")
    op.create_check_constraint(op.f("ck_cost_lines_amount_not_negative"), "cost_lines", "amount_cents >= 0")
    for name, default in (("kind", "recurring"), ("service", ""), ("feature", ""), ("driver", "")):
        op.add_column("cost_lines", sa.Column(name, sa.Text, nullable=False, server_default=default))
    for name in ("unit_price", "unit_size", "percent"):
        op.add_column("cost_lines", sa.Column(name, sa.Numeric))
    op.create_table(
        "cost_metered_days",
        sa.Column(
            "line_id", sa.BigInteger, sa.ForeignKey("cost_lines.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("quantity", sa.Numeric, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
        sa.Column("measured_at", MOMENT, nullable=False),
    )
    op.create_table(
        "cost_driver_days",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("driver", "dimension", "member")),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("value", sa.Numeric, nullable=False),
        sa.Column("measured_at", MOMENT, nullable=False),
    )
    op.create_index(op.f("ix_cost_driver_days_day"), "cost_driver_days", ["day"])


def downgrade() -> None:
    op.drop_table("cost_driver_days")
    op.drop_table("cost_metered_days")
    op.execute("DELETE FROM cost_lines WHERE kind <> 'recurring' OR amount_cents <= 0")
    for name in ("percent", "unit_size", "unit_price", "driver", "feature", "service", "kind"):
        op.drop_column("cost_lines", name)
    op.drop_constraint(op.f("ck_cost_lines_amount_not_negative"), "cost_lines")
    op.create_check_constraint(op.f("ck_cost_lines_amount_positive"), "cost_lines", "amount_cents > 0")
    for name in (
        "cost_bill_days",
        "cost_charges",
        "cost_bills",
        "cost_imports",
        "cost_settings",
        "cost_rates",
    ):
        op.drop_table(name)
