"""Facts: the views of the schema `reporting`, read by a role that can read nothing else."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from tests.services import Services
from tests.shopping import Shop, gateway, shop

__all__ = ["gateway", "shop"]

MOMENT, NUMBER, WORDS, YES_NO, SUM, JSON = (
    "timestamp with time zone",
    "bigint",
    "text",
    "boolean",
    "integer",
    "jsonb",
)
TABLES = """
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
"""
VIEWS = {
    "orders": {
        "order_id": NUMBER, "number": WORDS, "placed_at": MOMENT, "status": WORDS, "paid_at": MOMENT,
        "confirmed_at": MOMENT, "currency": WORDS, "gross_cents": SUM, "discount_cents": SUM,
        "shipping_cents": SUM, "tax_cents": SUM, "total_cents": SUM, "refunded_cents": SUM, "user_id": NUMBER,
        "visitor_id": WORDS, "session_id": WORDS, "locale": WORDS, "country": WORDS, "device": WORDS,
        "flags": JSON, "is_demo": YES_NO, "changed_at": MOMENT, "release": SUM,
        "bucket": WORDS, "shown_currency": WORDS, "shown_rate": "numeric",
    },
    "erasures": {
        "erasure_id": "uuid", "at": MOMENT, "user_id": NUMBER, "former_user": NUMBER, "order_numbers": JSON,
        "done_at": MOMENT,
    },
    "erased_visitors": {"erasure_id": "uuid", "visitor_before": NUMBER, "visitor_after": NUMBER},
    "order_lines": {
        "order_id": NUMBER, "placed_at": MOMENT, "variant_id": NUMBER, "product_id": NUMBER,
        "category": WORDS, "quantity": SUM, "unit_price_cents": SUM,
    },
    "payments": {
        "payment_id": NUMBER, "order_id": NUMBER, "created_at": MOMENT, "outcome": WORDS, "amount_cents": SUM,
        "settled_at": MOMENT, "changed_at": MOMENT,
    },
    "usage_events": {
        "event_id": "uuid", "at": MOMENT, "session_id": WORDS, "visitor_id": WORDS, "user_id": NUMBER,
        "kind": WORDS, "locale": WORDS, "country": WORDS, "device": WORDS, "flags": JSON, "path": WORDS,
        "is_demo": YES_NO, "recorded_at": MOMENT, "release": SUM,
        "bucket": WORDS,
    },
    "products": {
        "product_id": NUMBER, "slug": WORDS, "name": WORDS, "category": WORDS, "is_active": YES_NO,
        "stock": SUM,
    },
    "exposures": {
        "flag": WORDS, "visitor_id": WORDS, "variant": WORDS, "day": "date", "first_at": MOMENT,
        "user_id": NUMBER, "locale": WORDS, "country": WORDS, "device": WORDS, "pages": SUM,
        "failed_pages": SUM, "seconds": "double precision", "is_demo": YES_NO,
    },
    "message_impressions": {
        "hour": MOMENT, "locale": WORDS, "release": SUM, "bucket": WORDS, "message_key": WORDS,
        "shown": NUMBER, "fell_back": NUMBER, "failed": NUMBER, "is_demo": YES_NO,
    },
    "message_sightings": {
        "message_key": WORDS, "locale": WORDS, "endpoint": WORDS, "path": WORDS, "last_seen_at": MOMENT,
    },
    "content_texts": {"context": WORDS, "msgid": WORDS, "path": WORDS},
    "content_translations": {"context": WORDS, "locale": WORDS, "text": WORDS},
    "error_reports": {
        "event_id": "uuid", "recorded_at": MOMENT, "fingerprint": WORDS, "kind": WORDS, "message": WORDS,
        "place": WORDS, "traceback": WORDS, "source": WORDS, "release": WORDS, "first_at": MOMENT,
        "at": MOMENT, "count": NUMBER, "request": JSON, "people": JSON,
    },
    "users": {"user_id": NUMBER, "created_at": MOMENT, "locale": WORDS, "country": WORDS},
}  # fmt: skip


@pytest.fixture
def reader(services: Services, shop_database: str) -> psycopg.Connection:
    """Signed in as the role `reporting`."""
    url = services.reporting_database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_the_views_have_the_columns_of_the_contract(reader: psycopg.Connection) -> None:
    rows = reader.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'reporting' ORDER BY table_name, ordinal_position"
    ).fetchall()

    found: dict[str, dict[str, str]] = {}
    for view, column, kind in rows:
        found.setdefault(view, {})[column] = kind
    assert found == VIEWS


@pytest.mark.parametrize("view", VIEWS)
def test_the_role_may_read_each_view_and_change_none(reader: psycopg.Connection, view: str) -> None:
    reader.execute(f"SELECT * FROM reporting.{view}")
    column = next(iter(VIEWS[view]))

    for statement in (f"DELETE FROM reporting.{view}", f"UPDATE reporting.{view} SET {column} = {column}"):
        with pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
        ):
            reader.execute(statement)


def test_the_role_may_read_no_table_and_make_nothing(
    reader: psycopg.Connection, shop_sessions: sessionmaker[Session]
) -> None:
    with shop_sessions() as session:
        tables = session.scalars(text(TABLES)).all()

    assert {"orders", "users", "usage_events"} <= set(tables)
    for table in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(f'SELECT * FROM public."{table}"')
    for statement in (
        "CREATE TABLE public.mine (id int)",
        "CREATE TABLE reporting.mine (id int)",
        "CREATE SCHEMA mine",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(statement)


def test_an_order_is_told_without_a_name_or_an_address(shop: Shop, reader: psycopg.Connection) -> None:
    variant = shop.shelve(price_cents=2_000)
    browser = shop.browser("de")
    browser.add(variant, 3)
    browser.pay()

    order = reader.execute(
        "SELECT status, gross_cents, shipping_cents, total_cents, locale, country FROM reporting.orders"
    ).fetchall()
    assert order == [("paid", 6_000, 0, 6_000, "de", "DE")]
    assert reader.execute(
        "SELECT quantity, unit_price_cents, category FROM reporting.order_lines"
    ).fetchall() == [(3, 2_000, "kitchen")]
    assert reader.execute("SELECT outcome, amount_cents FROM reporting.payments").fetchall() == [
        ("captured", 6_000)
    ]
    assert reader.execute("SELECT name, stock FROM reporting.products").fetchall() == [("Kettle Ember", 2)]
    told = {column for columns in VIEWS.values() for column in columns}
    assert told & {"email", "street", "city", "postcode", "card_last4", "password_hash", "key"} == set()


def test_a_shop_without_the_role_migrates_all_the_same(fresh_database: object) -> None:
    """Who runs another cluster may make the role later and grant it what the migration grants."""
    from migrations.__main__ import upgrade

    assert callable(fresh_database)
    url = fresh_database("storefront")
    upgrade("storefront", url)

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM reporting.orders").fetchone() == (0,)
