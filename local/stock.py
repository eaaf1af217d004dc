"""Goods onto the shelves of a new shop, or their words in a new language: `python -m local.stock`.

May run again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import func, select

from config import storefront_config
from storefront import db
from storefront.products.catalogue.generate import WORDS, catalogue
from storefront.products.commands import put_on_sale
from storefront.products.models import ProductText
from storefront.rates import ExchangeRate

# One euro in other currencies, about what it was worth when this was written.
RATES = {
    "USD": "1.1585",
    "GBP": "0.8762",
    "CHF": "0.9328",
    "PLN": "4.2340",
    "BRL": "6.1980",
    "JPY": "181.20",
    "AED": "4.2545",
    "SAR": "4.3446",
    "BHD": "0.43680",
}


def main() -> None:
    sessions = db.connect(storefront_config().shop_database_url)
    with db.transaction(sessions) as session:
        if not set(WORDS) <= set(session.scalars(select(ProductText.locale).distinct())):
            print(put_on_sale(session, catalogue(), datetime.now(UTC)), "products")
        if not session.scalar(select(func.count()).select_from(ExchangeRate)):
            session.add_all(_rates(datetime.now(UTC)))


def _rates(now: datetime) -> list[ExchangeRate]:
    return [
        ExchangeRate(currency=currency, per_base=Decimal(per_base), as_of=now, source="example figures")
        for currency, per_base in RATES.items()
    ]


if __name__ == "__main__":
    main()
