"""What each KPI is: its formula over measures, where it comes from, what to mind. Pure: no I/O, no clock.

A measure is a sum or a count of a day in a zone (`cells.py` makes them). A KPI divides sums of measures; what
counts different people is counted anew for each day, week and month, for people cannot be added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

Fold = Literal["sum", "mean", "ratio"]
Grain = Literal["day", "week", "month"]
Room = Literal["sales", "customers", "visits", "people", "speed"]

GRAINS: tuple[Grain, ...] = ("day", "week", "month")
# What a figure may be broken down by: by two at once where one of them is of the first four.
DIMENSIONS = ("locale", "country", "device", "customer", "category", "variant")
JOINER = "\x1f"  # between the members of two dimensions

MONEY = frozenset({"gross", "discounts", "returns", "shipping", "tax", "returned_shipping"})
PEOPLE = frozenset({"active_users", "customers", "returning_customers", "repeat_customers"})
# Of so many days up to and with each day; of a week or month: those of its last day.
TRAILING = frozenset({"active_users_7d", "active_users_30d", "mean_active_users_30d"})


@dataclass(frozen=True)
class Kpi:
    """One KPI; its name, unit and formula in words stand in the glossary under `series`."""

    key: str  # in addresses
    series: str
    fold: Fold
    inputs: LazyString  # where the figures come from
    caveat: LazyString
    query: str  # what is asked, a key of facts.SQL
    numerator: tuple[str, ...]  # measures; one that begins with - is taken off
    denominator: tuple[str, ...] = ()
    is_complement: bool = False  # 1 − numerator / denominator
    room: Room = "sales"
    by: tuple[str, ...] = ("locale", "country", "device", "customer", "variant")
    device: str = ""  # of page loads: whose 75th percentile is taken
    part: str = ""  # of a ratio: the series above and below the line
    whole: str = ""

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(name.removeprefix("-") for name in (*self.numerator, *self.denominator))

    @property
    def is_money(self) -> bool:
        return bool(MONEY & set(self.measures))

    @property
    def counts_people(self) -> bool:
        return bool((PEOPLE | TRAILING) & set(self.measures))


_ORDERS = _l("Orders and payments of the shop’s reporting views, and imported orders")
_VISITS = _l("Usage events and orders of the shop’s reporting views, and imported usage events")
_LOADS = _l("Page loads that browsers measured and requests that the shop answered, as Prometheus holds them")
_PEOPLE_BY = ("locale", "country", "device", "variant")

_IN_ORDER = _l(
    "The steps count in this order within one session: what was done before the step in front of it does not."
)
_COUNTED_IN_BUCKETS = _l(
    "Browsers and the shop count into buckets, so the figure is exact at their bounds and estimated between."
)
_ONE_BROWSER = _l(
    "Counted exactly. Somebody with two browsers counts once only on days when signed in on both."
)
_SAME_CUSTOMER = _l(
    "Orders without a customer count in revenue, not in customers. Customers of imported orders are told"
    " apart from those of the shop."
)

_ALL = (
    Kpi(
        "revenue",
        "kpi.revenue_cents",
        "sum",
        _ORDERS,
        _l("A refund counts on the day it is made, not on the day of its order."),
        "orders",
        ("gross", "-discounts", "-returns", "shipping", "-returned_shipping", "tax"),
    ),
    Kpi(
        "gross-sales",
        "kpi.gross_sales_cents",
        "sum",
        _ORDERS,
        _l(
            "An order that is cancelled later stays on the day it was paid."
            " The shop’s prices contain their tax."
        ),
        "orders",
        ("gross",),
        by=DIMENSIONS,
    ),
    Kpi(
        "net-sales",
        "kpi.net_sales_cents",
        "sum",
        _ORDERS,
        _l("A refund counts on the day it is made, so a day with many refunds may be below zero."),
        "orders",
        ("gross", "-discounts", "-returns"),
    ),
    Kpi(
        "refund-rate",
        "kpi.refund_rate",
        "ratio",
        _ORDERS,
        _l("Refunds of a day belong mostly to orders of earlier days: read it over weeks."),
        "orders",
        ("returns",),
        ("gross", "-discounts"),
    ),
    Kpi(
        "orders",
        "kpi.orders",
        "sum",
        _ORDERS,
        _l("An order that is cancelled later stays on the day it was paid."),
        "orders",
        ("orders",),
        by=DIMENSIONS,
    ),
    Kpi(
        "aov",
        "kpi.aov_cents",
        "ratio",
        _ORDERS,
        _l("Tax and shipping are left out, so a change of either does not move it."),
        "orders",
        ("gross", "-discounts"),
        ("orders",),
        part="kpi.goods_cents",
        whole="kpi.orders",
    ),
    Kpi(
        "customers",
        "kpi.customers",
        "mean",
        _ORDERS,
        _SAME_CUSTOMER,
        "customers",
        ("customers",),
        room="customers",
        by=_PEOPLE_BY,
    ),
    Kpi(
        "returning-customer-rate",
        "kpi.returning_customer_rate",
        "ratio",
        _ORDERS,
        _SAME_CUSTOMER,
        "customers",
        ("returning_customers",),
        ("customers",),
        room="customers",
        by=_PEOPLE_BY,
    ),
    Kpi(
        "repeat-rate",
        "kpi.repeat_rate",
        "ratio",
        _ORDERS,
        _SAME_CUSTOMER,
        "customers",
        ("repeat_customers",),
        ("customers",),
        room="customers",
        by=_PEOPLE_BY,
    ),
    Kpi(
        "sessions",
        "kpi.sessions",
        "sum",
        _VISITS,
        _l("A browser that takes no cookies makes a visit of every page."),
        "sessions",
        ("sessions",),
        room="visits",
    ),
    Kpi(
        "conversion",
        "kpi.conversion",
        "ratio",
        _VISITS,
        _l(
            "A visit over midnight belongs to the day it began."
            " Visits whose events were lost are not counted."
        ),
        "sessions",
        ("completed_sessions",),
        ("sessions",),
        room="visits",
        part="kpi.sessions_with_order",
        whole="kpi.sessions",
    ),
    Kpi(
        "cart-abandonment",
        "kpi.cart_abandonment",
        "ratio",
        _VISITS,
        _IN_ORDER,
        "sessions",
        ("funnel_completed",),
        ("funnel_cart",),
        is_complement=True,
        room="visits",
    ),
    Kpi(
        "checkout-abandonment",
        "kpi.checkout_abandonment",
        "ratio",
        _VISITS,
        _IN_ORDER,
        "sessions",
        ("funnel_completed",),
        ("funnel_checkout",),
        is_complement=True,
        room="visits",
    ),
    Kpi(
        "active-users",
        "kpi.active_users",
        "mean",
        _VISITS,
        _ONE_BROWSER,
        "people",
        ("active_users",),
        room="people",
        by=_PEOPLE_BY,
    ),
    Kpi(
        "weekly-active-users",
        "kpi.weekly_active_users",
        "mean",
        _VISITS,
        _ONE_BROWSER,
        "people",
        ("active_users_7d",),
        room="people",
        by=("locale",),
    ),
    Kpi(
        "monthly-active-users",
        "kpi.monthly_active_users",
        "mean",
        _VISITS,
        _ONE_BROWSER,
        "people",
        ("active_users_30d",),
        room="people",
        by=("locale",),
    ),
    Kpi(
        "stickiness",
        "kpi.stickiness",
        "ratio",
        _VISITS,
        _l("In the first 30 days of a shop the month is not full, and the figure is too high."),
        "people",
        ("mean_active_users_30d",),
        ("active_users_30d",),
        room="people",
        by=("locale",),
    ),
    Kpi(
        "lcp-phone",
        "kpi.lcp_phone",
        "mean",
        _LOADS,
        _COUNTED_IN_BUCKETS,
        "speed",
        ("lcp_within",),
        room="speed",
        by=(),
        device="mobile",
    ),
    Kpi(
        "lcp-desktop",
        "kpi.lcp_desktop",
        "mean",
        _LOADS,
        _COUNTED_IN_BUCKETS,
        "speed",
        ("lcp_within",),
        room="speed",
        by=(),
        device="desktop",
    ),
    Kpi(
        "inp-phone",
        "kpi.inp_phone",
        "mean",
        _LOADS,
        _COUNTED_IN_BUCKETS,
        "speed",
        ("inp_within",),
        room="speed",
        by=(),
        device="mobile",
    ),
    Kpi(
        "inp-desktop",
        "kpi.inp_desktop",
        "mean",
        _LOADS,
        _COUNTED_IN_BUCKETS,
        "speed",
        ("inp_within",),
        room="speed",
        by=(),
        device="desktop",
    ),
    Kpi(
        "cls-phone",
        "kpi.cls_phone",
        "mean",
        _LOADS,
        _COUNTED_IN_BUCKETS,
        "speed",
        ("cls_within",),
        room="speed",
        by=(),
        device="mobile",
    ),
    Kpi(
        "cls-desktop",
        "kpi.cls_desktop",
        "mean",
        _LOADS,
        _COUNTED_IN_BUCKETS,
        "speed",
        ("cls_within",),
        room="speed",
        by=(),
        device="desktop",
    ),
    Kpi(
        "apdex",
        "kpi.apdex",
        "ratio",
        _LOADS,
        _COUNTED_IN_BUCKETS,
        "speed",
        ("apdex_points",),
        ("requests",),
        room="speed",
        by=(),
    ),
)

KPIS: dict[str, Kpi] = {kpi.key: kpi for kpi in _ALL}
