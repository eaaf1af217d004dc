"""Goods onto the shelves of a new shop, or their words in a new language: `python -m local.stock`.

May run again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from config import storefront_config
from storefront import db
from storefront.products.catalogue.generate import WORDS, catalogue
from storefront.products.commands import put_on_sale
from storefront.products.models import ProductText


def main() -> None:
    sessions = db.connect(storefront_config().shop_database_url)
    with db.transaction(sessions) as session:
        if not set(WORDS) <= set(session.scalars(select(ProductText.locale).distinct())):
            print(put_on_sale(session, catalogue(), datetime.now(UTC)), "products")


if __name__ == "__main__":
    main()
