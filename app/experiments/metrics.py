"""What an experiment may ask: six questions about shoppers, and the sums each is answered from. Pure.

For each shopper the shop's facts give eight numbers (NUMBERS). Stored are their sums and the sums of the
products in PRODUCTS, per variant; every metric is made of those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.experiments.moments import Adjusted, Ratio, Sample, Statistic

Sums = Mapping[str, float]
Unit = Literal["ratio", "cents", "seconds"]

# Of one shopper, from her first exposure on (…_before: in the 28 days before it).
NUMBERS = (
    "bought",  # 1 where she paid for an order
    "orders",  # paid
    "revenue",  # cents: gross less discounts of paid orders, as in the KPI of the order value
    "pages",  # that asked for the flag
    "failed",  # of those, answered with a 5xx
    "seconds",  # that they took
    "bought_before",
    "revenue_before",
)
PRODUCTS = (
    ("orders", "orders"),
    ("revenue", "revenue"),
    ("revenue", "orders"),
    ("pages", "pages"),
    ("failed", "failed"),
    ("failed", "pages"),
    ("seconds", "seconds"),
    ("seconds", "pages"),
    ("pages", "orders"),
    ("bought", "bought_before"),
    ("revenue", "revenue_before"),
    ("revenue_before", "revenue_before"),
)
DAYS_BEFORE = 28


@dataclass(frozen=True)
class Costs:
    """What a shopper costs, in cents; both are inputs of the experiment."""

    page_cents: float = 0.0  # each page that asked for the flag
    order_cents: float = 0.0  # each order: payment fee, parcel


@dataclass(frozen=True)
class Metric:
    key: str
    name: object
    unit: Unit
    formula: object
    of: Callable[[int, Sums, Costs], Statistic]
    less_is_better: bool = False
    can_adjust: bool = False  # by what the shopper did before (CUPED)


def _conversion(n: int, sums: Sums, _costs: Costs) -> Statistic:
    return Sample(n, sums["bought"])


def _revenue(n: int, sums: Sums, _costs: Costs) -> Statistic:
    return _numbers(n, sums, "revenue")


def _order_value(n: int, sums: Sums, _costs: Costs) -> Statistic:
    return _share_of(n, sums, "revenue", "orders")


def _latency(n: int, sums: Sums, _costs: Costs) -> Statistic:
    return _share_of(n, sums, "seconds", "pages")


def _errors(n: int, sums: Sums, _costs: Costs) -> Statistic:
    return _share_of(n, sums, "failed", "pages")


def _cost(n: int, sums: Sums, costs: Costs) -> Statistic:
    page, order = costs.page_cents, costs.order_cents
    total = page * sums["pages"] + order * sums["orders"]
    squares = (
        page**2 * sums["pages*pages"]
        + 2 * page * order * sums["pages*orders"]
        + order**2 * sums["orders*orders"]
    )
    return Sample(n, total, squares)


def _numbers(n: int, sums: Sums, name: str) -> Sample:
    return Sample(n, sums[name], sums[f"{name}*{name}"])


def _share_of(n: int, sums: Sums, above: str, below: str) -> Ratio:
    return Ratio(_numbers(n, sums, above), _numbers(n, sums, below), sums[f"{above}*{below}"])


METRICS = {
    metric.key: metric
    for metric in (
        Metric(
            "conversion",
            _l("Conversion"),
            "ratio",
            _l("shoppers with a paid order / shoppers exposed"),
            _conversion,
            can_adjust=True,
        ),
        Metric(
            "revenue",
            _l("Revenue per shopper"),
            "cents",
            _l("gross less discounts of paid orders / shoppers exposed"),
            _revenue,
            can_adjust=True,
        ),
        Metric(
            "order_value",
            _l("Order value"),
            "cents",
            _l("gross less discounts of paid orders / paid orders"),
            _order_value,
        ),
        Metric(
            "latency",
            _l("Latency"),
            "seconds",
            _l("seconds of the pages that ask for the flag / those pages"),
            _latency,
            less_is_better=True,
        ),
        Metric(
            "errors",
            _l("Error share"),
            "ratio",
            _l("pages that ask for the flag and fail / those pages"),
            _errors,
            less_is_better=True,
        ),
        Metric(
            "cost",
            _l("Cost per shopper"),
            "cents",
            _l("(pages × cost of a page + orders × cost of an order) / shoppers exposed"),
            _cost,
            less_is_better=True,
        ),
    )
}


def statistic(metric: Metric, n: int, sums: Sums, costs: Costs, *, adjusted: bool = False) -> Statistic:
    """The metric's moments; with CUPED where it is wanted and the metric has a past."""
    post = metric.of(n, sums, costs)
    if not (adjusted and metric.can_adjust) or not isinstance(post, Sample):
        return post
    if metric.key == "conversion":
        return Adjusted(post, Sample(n, sums["bought_before"]), sums["bought*bought_before"])
    return Adjusted(post, _numbers(n, sums, "revenue_before"), sums["revenue*revenue_before"])
