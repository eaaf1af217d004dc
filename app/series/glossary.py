"""Every series by name: what it is called, its unit, which way is good, and its formula in words.

A number that is not in this list cannot be recorded, so that no tile shows a figure nobody can explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from flask_babel import LazyString

Unit = Literal["ratio", "times", "count", "cents", "seconds", "unix_seconds", "yes_no"]
Better = Literal["up", "down", "none"]


@dataclass(frozen=True)
class Term:
    """One series in words. `labels` names what tells its members apart."""

    key: str
    name: LazyString
    unit: Unit
    better: Better
    formula: LazyString
    labels: tuple[str, ...] = ()


_TERMS = (
    Term(
        "slo.budget_left",
        _l("Error budget left"),
        "ratio",
        "up",
        _l("1 − (bad events / all events in the window) / (1 − objective); negative when overspent"),
        ("slo",),
    ),
    Term(
        "slo.objective",
        _l("Objective"),
        "ratio",
        "none",
        _l("The share of events that is promised to be good"),
        ("slo",),
    ),
    Term(
        "slo.budget_events",
        _l("Bad events that are allowed"),
        "count",
        "none",
        _l("(1 − objective) × all events in the window"),
        ("slo",),
    ),
    Term(
        "slo.burn_5m",
        _l("Burn over 5 minutes"),
        "times",
        "down",
        _l("(bad events / all events in 5 minutes) / (1 − objective)"),
        ("slo",),
    ),
    Term(
        "slo.burn_1h",
        _l("Burn over 1 hour"),
        "times",
        "down",
        _l("(bad events / all events in 1 hour) / (1 − objective)"),
        ("slo",),
    ),
    Term(
        "slo.burn",
        _l("Burn of an alert window"),
        "times",
        "down",
        _l("(bad events / all events in the window) / (1 − objective), for alerts on our own counts"),
        ("slo", "window"),
    ),
    Term(
        "slo.bad_events",
        _l("Bad events of an alert window"),
        "count",
        "down",
        _l("Bad events in the window, for alerts on our own counts"),
        ("slo", "window"),
    ),
    Term(
        "slo.policy_step",
        _l("Steps of the error budget policy taken"),
        "count",
        "down",
        _l("How many steps of the policy hold at the budget that is left"),
        ("slo",),
    ),
    Term(
        "slo.freeze",
        _l("Rollouts frozen by the error budget"),
        "yes_no",
        "down",
        _l("1 while the policy freezes rollouts and nobody has lifted it, else 0"),
        ("slo",),
    ),
    Term(
        "slo.state",
        _l("State of the objective"),
        "count",
        "down",
        _l("Place in the list: ok, no data, at risk, burning, exhausted, counted from 0"),
        ("slo",),
    ),
    Term(
        "slo.latency_p95",
        _l("Latency, p95"),
        "seconds",
        "down",
        _l("95th percentile of the durations in the hour before, from histogram buckets"),
        ("slo",),
    ),
    Term(
        "health.up",
        _l("Answers"),
        "yes_no",
        "up",
        _l("1 when the part answered the last probe, else 0"),
        ("part",),
    ),
    Term(
        "health.last_ok",
        _l("Last answer"),
        "unix_seconds",
        "none",
        _l("When the part last answered a probe"),
        ("part",),
    ),
    Term(
        "health.clock_skew_seconds",
        _l("Clock skew"),
        "seconds",
        "none",
        _l("Prometheus' clock less the control plane's; half the time of the question is taken off"),
    ),
    Term(
        "kpi.orders",
        _l("Orders"),
        "count",
        "up",
        _l("Orders paid on that day"),
    ),
    Term(
        "kpi.revenue_cents",
        _l("Revenue"),
        "cents",
        "up",
        _l("Totals of the orders paid on that day, less the refunds made on it"),
    ),
    Term(
        "kpi.sessions",
        _l("Sessions"),
        "count",
        "up",
        _l("Visits that began on that day; 30 minutes without activity end one"),
    ),
    Term(
        "kpi.conversion",
        _l("Conversion"),
        "ratio",
        "up",
        _l("Sessions with a paid order / all sessions of that day"),
    ),
    Term(
        "kpi.aov_cents",
        _l("Average order value"),
        "cents",
        "up",
        _l("(Prices of the goods − discounts) / orders; tax and shipping left out"),
    ),
    Term(
        "kpi.active_users",
        _l("Active users"),
        "count",
        "up",
        _l("Different people seen on that day; a browser whose person is unknown counts as one"),
    ),
    Term(
        "kpi.goods_cents",
        _l("Goods sold"),
        "cents",
        "up",
        _l("Prices of the goods of orders paid on that day, less discounts"),
    ),
    Term(
        "kpi.sessions_with_order",
        _l("Sessions with an order"),
        "count",
        "up",
        _l("Sessions begun on that day in which an order was placed that is paid"),
    ),
    Term(
        "kpi.gross_sales_cents",
        _l("Gross sales"),
        "cents",
        "up",
        _l("Unit price × quantity of the orders of the period, before discounts, shipping and refunds"),
    ),
    Term(
        "kpi.net_sales_cents",
        _l("Net sales"),
        "cents",
        "up",
        _l("Gross sales − discounts − returned goods, booked on the day of the refund"),
    ),
    Term(
        "kpi.refund_rate",
        _l("Refund rate"),
        "ratio",
        "down",
        _l("Value of returned goods / (gross sales − discounts)"),
    ),
    Term(
        "kpi.customers",
        _l("Customers"),
        "count",
        "up",
        _l("Different customers with an order in the period"),
    ),
    Term(
        "kpi.returning_customer_rate",
        _l("Returning customer rate"),
        "ratio",
        "up",
        _l("Customers with an order before the period / all customers of the period"),
    ),
    Term(
        "kpi.repeat_rate",
        _l("Repeat rate"),
        "ratio",
        "up",
        _l("Customers with two orders or more in the period / all customers of the period"),
    ),
    Term(
        "kpi.cart_abandonment",
        _l("Cart abandonment"),
        "ratio",
        "down",
        _l("1 − sessions that completed / sessions with an item in the cart"),
    ),
    Term(
        "kpi.checkout_abandonment",
        _l("Checkout abandonment"),
        "ratio",
        "down",
        _l("1 − sessions that completed / sessions that reached the checkout with a cart"),
    ),
    Term(
        "kpi.weekly_active_users",
        _l("Weekly active users"),
        "count",
        "up",
        _l("Different people seen in the seven days up to and with that day"),
    ),
    Term(
        "kpi.monthly_active_users",
        _l("Monthly active users"),
        "count",
        "up",
        _l("Different people seen in the thirty days up to and with that day"),
    ),
    Term(
        "kpi.stickiness",
        _l("Stickiness"),
        "ratio",
        "up",
        _l("Mean of the daily active users of thirty days / monthly active users"),
    ),
    Term(
        "kpi.conversion_by",
        _l("Conversion of a group"),
        "ratio",
        "up",
        _l("Sessions with a paid order / all sessions of that day, of one locale or one variant of a flag"),
        ("dimension", "member"),
    ),
    Term(
        "kpi.revenue_by_cents",
        _l("Revenue of a group"),
        "cents",
        "up",
        _l("Totals of the orders of one locale or one variant of a flag, less the refunds made that day"),
        ("dimension", "member"),
    ),
    Term(
        "cost.total_cents",
        _l("Cost"),
        "cents",
        "down",
        _l("Sum of the cost lines of the month"),
        ("month",),
    ),
    Term(
        "cost.per_active_user_cents",
        _l("Cost per active user"),
        "cents",
        "down",
        _l("Cost of the month / people active in that month"),
        ("month",),
    ),
    Term(
        "cost.per_order_cents",
        _l("Cost per order"),
        "cents",
        "down",
        _l("Cost of the month / orders paid in that month"),
        ("month",),
    ),
    Term(
        "cost.active_users",
        _l("Active users of the month"),
        "count",
        "up",
        _l("Different people seen in that month, counted exactly"),
        ("month",),
    ),
    Term(
        "live.visitors",
        _l("Visitors now"),
        "count",
        "none",
        _l("Different visitors in the last 5 minutes"),
    ),
    Term(
        "live.orders_today",
        _l("Orders today"),
        "count",
        "up",
        _l("Orders paid since midnight UTC"),
    ),
    Term(
        "live.revenue_today_cents",
        _l("Revenue today"),
        "cents",
        "up",
        _l("Totals of the orders paid since midnight UTC"),
    ),
    Term(
        "live.shoppers_hour",
        _l("Shoppers of the last hour"),
        "count",
        "none",
        _l("Different visitors with any usage event in the hour before"),
    ),
    Term(
        "flag.share",
        _l("Share of shoppers who get the flag"),
        "ratio",
        "none",
        _l("The percentage that the flag has in production from that moment on; 0 while it is off"),
        ("flag",),
    ),
    Term(
        "locales.strings_share",
        _l("Strings translated"),
        "ratio",
        "up",
        _l("Strings whose text is approved / all strings that the shop uses"),
        ("locale",),
    ),
    Term(
        "locales.words_share",
        _l("Words translated"),
        "ratio",
        "up",
        _l("Words of the sources whose text is approved / words of all sources"),
        ("locale",),
    ),
    Term(
        "locales.impressions_share",
        _l("Translated by what shoppers saw"),
        "ratio",
        "up",
        _l("Impressions of strings that are approved now / all impressions of the last 30 days"),
        ("locale",),
    ),
    Term(
        "locales.in_language_share",
        _l("Read in the shopper's language"),
        "ratio",
        "up",
        _l("1 − impressions in the language of the source / all impressions since midnight UTC"),
        ("locale",),
    ),
    Term(
        "locales.fell_back_today",
        _l("Fallbacks today"),
        "count",
        "down",
        _l("Impressions in the language of the source since midnight UTC"),
        ("locale",),
    ),
    Term(
        "locales.failures",
        _l("Translations that could not be filled in"),
        "count",
        "down",
        _l("Impressions in this hour and the one before that showed the source, for the translation failed"),
        ("locale",),
    ),
)

# What the numbers of slo.state stand for; new states go to the end.
SLO_STATES = ("ok", "nodata", "risk", "burning", "exhausted")

GLOSSARY: dict[str, Term] = {term.key: term for term in _TERMS}
