"""Rates and price points: `python -m storefront.prices …`, with the shop's settings.

    rates                                   all rates, with their age
    rate JPY 163.25 --source "ECB" [--as-of 2026-11-24]      write one; the currency is on offer from now on
    drop-rate JPY                           nobody can choose the currency any more
    points                                  prices set by hand, beside what the conversion would say
    set HL-0101-CRE-12L JPY 7980            one price; --yes where it is far from the conversion
    unset HL-0101-CRE-12L JPY               converted again
    export > prices.csv, import prices.csv  all price points as sku,currency,price; all lines or none

Exit status 0 only when it did what it says.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from config import StorefrontConfig, storefront_config
from storefront import cache, db
from storefront.errors import ShopError
from storefront.exchange import Rate, off_by
from storefront.money import plain
from storefront.prices import commands, queries
from storefront.prices.files import (
    PricedSku,
    read_currency,
    read_per_base,
    read_points,
    read_price,
    write_points,
)
from storefront.rates import read_rates

FAR = 0.15  # a price that differs more from the conversion wants a yes


def main(arguments: list[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    config, now = storefront_config(), datetime.now(UTC)
    try:
        with db.transaction(db.connect(config.shop_database_url)) as session:
            WORK[chosen.action](session, chosen, config, now)
    except ShopError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    commands.forget_prices(cache.connect(config.redis_url))
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m storefront.prices",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = made.add_subparsers(dest="action", required=True)
    for name in ("rates", "points", "export"):
        actions.add_parser(name)
    rate = actions.add_parser("rate")
    rate.add_argument("currency")
    rate.add_argument("per_base")
    rate.add_argument("--source", required=True, help="who says so")
    rate.add_argument("--as-of", type=datetime.fromisoformat, help="since when it is true; now if not given")
    actions.add_parser("drop-rate").add_argument("currency")
    one = actions.add_parser("set")
    for name in ("sku", "currency", "price"):
        one.add_argument(name)
    one.add_argument("--yes", action="store_true", help="however far it is from the conversion")
    gone = actions.add_parser("unset")
    gone.add_argument("sku")
    gone.add_argument("currency")
    many = actions.add_parser("import")
    many.add_argument("file", type=Path)
    many.add_argument("--yes", action="store_true", help="however far prices are from the conversion")
    return made


def show_rates(session: Session, _: argparse.Namespace, config: StorefrontConfig, now: datetime) -> None:
    for rate in read_rates(session):
        age = f"{(now - rate.as_of).days} days old" + (", stale" if rate.is_stale(now) else "")
        _say(f"1 {config.currency} = {rate.per_base.normalize():f} {rate.currency}  {rate.source}, {age}")


def write_rate(session: Session, chosen: argparse.Namespace, config: StorefrontConfig, now: datetime) -> None:
    as_of = chosen.as_of or now
    as_of = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    rate = Rate(
        read_currency(chosen.currency), read_per_base(chosen.per_base), min(as_of, now), chosen.source
    )
    commands.set_rate(session, rate, config.currency)


def drop_rate(session: Session, chosen: argparse.Namespace, _: StorefrontConfig, __: datetime) -> None:
    commands.drop_rate(session, chosen.currency)


def show_points(session: Session, _: argparse.Namespace, config: StorefrontConfig, __: datetime) -> None:
    for point in queries.points(session):
        exact = queries.conversion(session, point.sku, point.currency, config.currency)
        beside = (
            "no rate: not on offer"
            if exact is None
            else f"converted {plain(exact, point.currency)}, {off_by(point.minor, exact):+.1%}"
        )
        _say(f"{point.sku:<24} {point.currency} {plain(point.minor, point.currency):>12}  {beside}")


def set_one(session: Session, chosen: argparse.Namespace, config: StorefrontConfig, now: datetime) -> None:
    currency = read_currency(chosen.currency)
    _set(session, [PricedSku(chosen.sku, currency, read_price(chosen.price, currency))], chosen, config, now)


def unset(session: Session, chosen: argparse.Namespace, _: StorefrontConfig, __: datetime) -> None:
    commands.drop_point(session, chosen.sku, chosen.currency)


def export(session: Session, _: argparse.Namespace, __: StorefrontConfig, ___: datetime) -> None:
    sys.stdout.write(write_points(queries.points(session)))


def take_in(session: Session, chosen: argparse.Namespace, config: StorefrontConfig, now: datetime) -> None:
    _set(session, read_points(chosen.file.read_text("utf-8")), chosen, config, now)


def _set(
    session: Session,
    prices: list[PricedSku],
    chosen: argparse.Namespace,
    config: StorefrontConfig,
    now: datetime,
) -> None:
    count = commands.set_points(session, prices, now)
    far = commands.far_off(session, prices, config.currency, FAR)
    if far and not chosen.yes:
        raise ShopError("Nothing was changed. If this is meant, say --yes:\n  " + "\n  ".join(far[:20]))
    _say(f"{count} set")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


WORK = {
    "rates": show_rates,
    "rate": write_rate,
    "drop-rate": drop_rate,
    "points": show_points,
    "set": set_one,
    "unset": unset,
    "export": export,
    "import": take_in,
}

if __name__ == "__main__":
    sys.exit(main())
