"""What costs grow with, and which of it can be measured by what. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

Source = Literal["PostgreSQL (reporting)", "Prometheus", "Redis"]


@dataclass(frozen=True)
class Driver:
    """Something that is counted a day. `by`: what its parts can be told apart by, beside all of it."""

    key: str
    name: LazyString
    unit: LazyString
    source: Source
    by: tuple[str, ...] = ()
    expr: str = ""  # PromQL: a total that only grows, asked with increase() over a day
    label: str = ""  # of the expression, which `part_of` turns into a service


SERVICES = ("products", "users", "cart", "orders", "payments")
# The first word of a path of the shop, after the locale → the service that answers it.
PATHS = {
    "": "products",
    "products": "products",
    "search": "products",
    "media": "products",
    "account": "users",
    "cart": "cart",
    "checkout": "orders",
    "orders": "orders",
    "webhooks": "payments",
    "payments": "payments",
}
_FACTS: Source = "PostgreSQL (reporting)"

DRIVERS: dict[str, Driver] = {
    driver.key: driver
    for driver in (
        Driver("orders", _l("Orders paid"), _l("orders"), _FACTS, ("locale", "flag")),
        Driver("active_users", _l("Active users"), _l("people"), _FACTS, ("service", "locale", "flag")),
        Driver("actions", _l("Actions of shoppers"), _l("actions"), _FACTS, ("service", "locale", "flag")),
        Driver(
            "requests",
            _l("Requests"),
            _l("requests"),
            "Prometheus",
            ("service",),
            "shop_requests_total",
            "route",
        ),
        Driver(
            "request_seconds",
            _l("Time spent on requests"),
            _l("seconds"),
            "Prometheus",
            ("service",),
            "shop_request_duration_seconds_sum",
            "route",
        ),
        Driver(
            "cpu_seconds",
            _l("CPU time"),
            _l("seconds"),
            "Prometheus",
            ("service",),
            "shop_cpu_seconds_total",
            "route",
        ),
        Driver(
            "egress_bytes",
            _l("Bytes sent to shoppers"),
            _l("bytes"),
            "Prometheus",
            ("service",),
            "shop_response_bytes_total",
            "route",
        ),
        Driver(
            "ai_tokens",
            _l("AI tokens"),
            _l("tokens"),
            "Prometheus",
            (),
            "ai_tokens_total",
        ),
        Driver("db_seconds", _l("Time the database worked"), _l("seconds"), _FACTS),
        Driver("cache_bytes", _l("Bytes kept in the cache"), _l("bytes"), "Redis"),
    )
}


def service_of(path: str) -> str:
    """The service that answers a path or a route's template, such as /<locale:locale>/cart/add."""
    words = [word for word in path.split("/") if word]
    if words and (words[0].startswith("<locale") or (len(words[0]) <= 5 and words[0] not in PATHS)):
        words = words[1:]
    return PATHS.get(words[0] if words else "", "")
