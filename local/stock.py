"""Goods onto the shelves of a new shop: `python -m local.stock`, a process of its own. May run again."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from config import storefront_config
from storefront import db
from storefront.products.catalogue.generate import catalogue
from storefront.products.commands import put_on_sale
from storefront.products.models import Product


def main() -> None:
    sessions = db.connect(storefront_config().shop_database_url)
    with db.transaction(sessions) as session:
        if session.scalar(select(func.count()).select_from(Product)) == 0:
            print(put_on_sale(session, catalogue(), datetime.now(UTC)), "products")


if __name__ == "__main__":
    main()
