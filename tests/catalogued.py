"""A shop with a few dozen of its invented goods on the shelves, and ways to read its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from config import StorefrontConfig
from storefront.products.catalogue.generate import ProductDraft, catalogue
from storefront.products.commands import put_on_sale
from storefront.products.models import Category, CategoryText, Product, ProductText, Variant
from tests.ending import end_shop

SHELVES = {model.__tablename__ for model in (Category, CategoryText, Product, ProductText, Variant)}
EVERY = 6  # each sixth product: enough of each shelf, quick to bring in


def drafts() -> list[ProductDraft]:
    return catalogue()[::EVERY]


class Shelves:
    """Goods are brought in once, by the shop's own command; their rows are laid down anew for each test."""

    def __init__(self) -> None:
        self._kept: dict[sa.Table, str] = {}  # rows as JSON, in the order in which they refer to each other

    def fill(self, session: Session) -> None:
        if not self._kept:
            put_on_sale(session, drafts(), datetime.now(UTC))
            self._kept = {
                table: session.scalar(sa.text(f"SELECT jsonb_agg(one)::text FROM {table} one"))
                for table in Product.metadata.sorted_tables
                if table.name in SHELVES
            }
            return
        for table, rows in self._kept.items():
            session.execute(
                sa.text(f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, :rows)"),
                {"rows": rows},
            )


FILLED = Shelves()


@pytest.fixture
def catalogue_app(shop_app: Flask) -> Flask:
    sessions: sessionmaker[Session] = shop_app.extensions["sessions"]
    with sessions.begin() as session:
        FILLED.fill(session)
    return shop_app


@pytest.fixture
def client(catalogue_app: Flask) -> FlaskClient:
    return catalogue_app.test_client()


@pytest.fixture
def broken_app(shop_config: StorefrontConfig) -> Iterator[Flask]:
    """A second process of the same shop whose database is gone: same Redis, no Postgres."""
    from dataclasses import replace

    from storefront.factory import create_app

    app = create_app(replace(shop_config, shop_database_url="postgresql+psycopg://shop@127.0.0.1:9/shop"))
    yield app
    end_shop(app)


def names(html: str) -> list[str]:
    """The names of the products on a page, in their order."""
    return re.findall(r'class="card__name"><bdi>([^<]*)</bdi>', html)


def prices(html: str) -> list[float]:
    found = re.findall(r'class="card__price">\s*(?:from )?(?:<bdi>)?(?:from )?€([\d.,]+)', html)
    return [float(price.replace(",", "")) for price in found]
