"""What the timeline tells of those thirty days, apart from flag changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from local.history import shape


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `minutes`: how long it lasted, None for a moment."""

    day: int
    at: timedelta
    kind: str
    title: str
    subject: str
    detail: str = ""
    minutes: int | None = None


def _at(hours: int, minutes: int) -> timedelta:
    return timedelta(hours=hours, minutes=minutes)


TIMELINE = (
    Entry(
        -29,
        _at(9, 30),
        "deploy",
        "Storefront 1.11.0",
        "storefront",
        "Listing pages read one query instead of four.",
    ),
    Entry(-27, _at(13, 5), "release", "German words of the checkout", "locale:de", "Revised and published."),
    Entry(-25, _at(10, 15), "deploy", "Storefront 1.12.0", "storefront", "Search finds words with typos."),
    Entry(-23, _at(4, 0), "maintenance", "Database moved to new disks", "shop", "No visible effect.", 25),
    Entry(
        -22,
        _at(14, 20),
        "deploy",
        "Storefront 1.12.1",
        "storefront",
        "Prices in Arabic read from right to left.",
    ),
    Entry(-19, _at(16, 55), "release", "Newsletter “The quiet kettle”", "shop", "Sent to 9,200 readers."),
    Entry(
        -19,
        _at(18, 5),
        "deploy",
        "Storefront 1.13.0",
        "storefront",
        "New payment client. Its timeout of one second was too short for the gateway.",
    ),
    Entry(
        -19,
        _at(18, 7),
        "incident",
        "Payments time out",
        "journey:pay",
        "Payments failed at the busiest hour. Caused by Storefront 1.13.0, ended by going back to 1.12.1.",
        shape.PAYMENTS_TIME_OUT.minutes,
    ),
    Entry(
        -19,
        _at(18, 52),
        "deploy",
        "Storefront 1.12.1 (rollback)",
        "storefront",
        "Back to the payment client before.",
    ),
    Entry(
        -18,
        _at(11, 0),
        "deploy",
        "Storefront 1.13.1",
        "storefront",
        "The new payment client waits long enough.",
    ),
    Entry(-15, _at(9, 45), "release", "Arabic product pages", "locale:ar", "Complete and published."),
    Entry(-13, _at(13, 30), "deploy", "Storefront 1.14.0", "storefront", "Images in four sizes."),
    Entry(
        -10,
        _at(10, 10),
        "deploy",
        "Storefront 1.15.0",
        "storefront",
        "The new checkout, behind the flag new-checkout.",
    ),
    Entry(-6, _at(17, 50), "release", "Newsletter “Bread weekend”", "shop", "Sent to 9,400 readers."),
    Entry(
        -6,
        _at(18, 34),
        "incident",
        "Checkout is slow",
        "journey:checkout",
        "Delivery options were read without an index. Caused by new-checkout at 50 %, ended by 10 %.",
        shape.SLOW_CHECKOUT.minutes,
    ),
    Entry(-5, _at(10, 25), "deploy", "Storefront 1.15.1", "storefront", "An index for delivery options."),
    Entry(-2, _at(15, 0), "release", "German words on buttons", "locale:de", "Shorter, and published."),
    Entry(-1, _at(9, 50), "deploy", "Storefront 1.16.0", "storefront", "Order pages update by themselves."),
)
