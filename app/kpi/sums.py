"""The statements that sum the facts of days up into cells. Shown on the page of each KPI, word for word.

:zone is the zone, :first and :last are its days, :start and :end the midnights around them. A group of
several dimensions has their names joined by a comma, and its members by the character U+001F.
"""

from __future__ import annotations

from collections.abc import Sequence

PLACES = ("locale", "country", "device", "customer")


def _sets(*extra: str) -> str:
    """Grouping sets: alone, by each and by each two; with an extra dimension, that and with each."""
    if extra:
        sets = [extra, *((one, *extra) for one in PLACES)]
    else:
        pairs = [(one, two) for at, one in enumerate(PLACES) for two in PLACES[at + 1 :]]
        sets = [(), *((one,) for one in PLACES), *pairs]
    return ", ".join(f"({', '.join(one)})" for one in sets)


def _named(names: Sequence[str]) -> str:
    """Name and member of a grouping set, as two columns."""
    dimension = ", ".join(f"CASE WHEN grouping({name}) = 0 THEN '{name}' END" for name in names)
    member = ", ".join(
        f"CASE WHEN grouping({name}) = 0 THEN coalesce(nullif({name}, ''), 'unknown') END" for name in names
    )
    return f"concat_ws(',', {dimension}) AS dimension, concat_ws(chr(31), {member}) AS member"


def _into_cells(grain: str, currency: str, values: str) -> str:
    return f"""
INSERT INTO kpi_cells (zone, measure, dimension, grain, start, member, source, currency, value)
SELECT :zone, measure, dimension, '{grain}', start, member, source, {currency}, value
FROM summed CROSS JOIN LATERAL (VALUES {values}) AS each_one (measure, value)
WHERE value <> 0"""  # noqa: S608 # nosec B608


def _visits(extra: str, join: str) -> str:
    names = (*PLACES, extra) if extra else PLACES
    return f"""
WITH visit AS (
    SELECT source, (began_at AT TIME ZONE :zone)::date AS start, locale, country, device,
           CASE WHEN seen.first_at < began_at THEN 'returning' ELSE 'new' END AS customer,
           depth, is_completed{f", {extra}" if extra else ""}, count(*) AS visits
    FROM kpi_sessions JOIN kpi_visitors AS seen USING (source, visitor) {join}
    WHERE began_at >= :start AND began_at < :end
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8{", 9" if extra else ""}
), summed AS (
    SELECT source, start, {_named(names)}, sum(visits) AS sessions,
           sum(visits) FILTER (WHERE is_completed) AS completed_sessions,
           sum(visits) FILTER (WHERE depth >= 1) AS funnel_cart,
           sum(visits) FILTER (WHERE depth >= 2) AS funnel_checkout,
           sum(visits) FILTER (WHERE depth >= 3) AS funnel_completed
    FROM visit
    GROUP BY source, start, GROUPING SETS ({_sets(extra) if extra else _sets()})
)""" + _into_cells(  # noqa: S608 # nosec B608
        "day",
        "''",
        "('sessions', sessions), ('completed_sessions', completed_sessions), ('funnel_cart', funnel_cart),"
        " ('funnel_checkout', funnel_checkout), ('funnel_completed', funnel_completed)",
    )


_FLAGS = "CROSS JOIN LATERAL (SELECT key || ':' || value AS variant FROM jsonb_each_text(flags)) AS met"

VISITS = _visits("", "")
VISITS_BY_VARIANT = _visits("variant", _FLAGS)


def _customer(moment: str) -> str:
    return f"""CASE WHEN customer IS NULL THEN 'unknown' WHEN first.first_at < {moment} THEN 'returning'
                ELSE 'new' END AS customer"""


def _orders(extra: str, join: str) -> str:
    names = (*PLACES, extra) if extra else PLACES
    more = f", {extra}" if extra else ""
    return f"""
WITH booked AS (
    SELECT source, (ordered_at AT TIME ZONE :zone)::date AS start, locale, country, device,
           {_customer("ordered_at")}, currency, 1 AS orders, gross_cents AS gross,
           discount_cents AS discounts, shipping_cents AS shipping, tax_cents AS tax, units, 0 AS refunds,
           0 AS returns, 0 AS returned_shipping{more}
    FROM kpi_orders LEFT JOIN kpi_customers AS first USING (source, customer) {join}
    WHERE ordered_at >= :start AND ordered_at < :end
    UNION ALL
    SELECT source, (refunded_at AT TIME ZONE :zone)::date, locale, country, device,
           {_customer("refunded_at")}, currency, 0, 0, 0, 0, 0, 0, 1, goods_cents, shipping_cents{more}
    FROM kpi_refunds LEFT JOIN kpi_customers AS first USING (source, customer) {join}
    WHERE refunded_at >= :start AND refunded_at < :end
), summed AS (
    SELECT source, start, currency, {_named(names)}, sum(orders) AS orders, sum(gross) AS gross,
           sum(discounts) AS discounts, sum(shipping) AS shipping, sum(tax) AS tax, sum(units) AS units,
           sum(refunds) AS refunds, sum(returns) AS returns, sum(returned_shipping) AS returned_shipping
    FROM booked
    GROUP BY source, start, currency, GROUPING SETS ({_sets(extra) if extra else _sets()})
)""" + _into_cells(  # noqa: S608 # nosec B608
        "day",
        "currency",
        "('orders', orders), ('gross', gross), ('discounts', discounts), ('shipping', shipping),"
        " ('tax', tax), ('units', units), ('refunds', refunds), ('returns', returns),"
        " ('returned_shipping', returned_shipping)",
    )


ORDERS = _orders("", "")
ORDERS_BY_VARIANT = _orders("variant", _FLAGS)

ORDERS_BY_CATEGORY = f"""
WITH booked AS (
    SELECT source, (ordered_at AT TIME ZONE :zone)::date AS start, locale, country, device,
           {_customer("ordered_at")}, currency, category, part.gross_cents AS gross, part.units
    FROM kpi_orders JOIN kpi_order_parts AS part USING (source, order_id)
    LEFT JOIN kpi_customers AS first USING (source, customer)
    WHERE ordered_at >= :start AND ordered_at < :end
), summed AS (
    SELECT source, start, currency, {_named((*PLACES, "category"))}, count(*) AS orders,
           sum(gross) AS gross, sum(units) AS units
    FROM booked
    GROUP BY source, start, currency, GROUPING SETS ({_sets("category")})
)""" + _into_cells(  # noqa: S608 # nosec B608
    "day", "currency", "('orders', orders), ('gross', gross), ('units', units)"
)

# :grain is day, week or month: a customer counts once in each, however many orders there are in it.
CUSTOMERS = """
WITH bought AS (
    SELECT source, customer, date_trunc(:grain, ordered_at AT TIME ZONE :zone) AS bucket, locale, country,
           device, flags, first.first_at
    FROM kpi_orders JOIN kpi_customers AS first USING (source, customer)
    WHERE ordered_at >= :start AND ordered_at < :end
), each_customer AS (
    SELECT source, bucket, dimension, member, customer, count(*) AS orders,
           bool_or(first_at < bucket AT TIME ZONE :zone) AS is_returning
    FROM bought CROSS JOIN LATERAL (
        VALUES ('', ''), ('locale', locale), ('country', country), ('device', device)
        UNION ALL SELECT 'variant', key || ':' || value FROM jsonb_each_text(flags)
    ) AS grouped (dimension, member)
    GROUP BY source, bucket, dimension, member, customer
), summed AS (
    SELECT source, bucket::date AS start, dimension,
           CASE WHEN dimension <> '' THEN coalesce(nullif(member, ''), 'unknown') ELSE '' END AS member,
           count(*) AS customers, count(*) FILTER (WHERE is_returning) AS returning_customers,
           count(*) FILTER (WHERE orders >= 2) AS repeat_customers
    FROM each_customer
    GROUP BY source, bucket, dimension, 4
)
INSERT INTO kpi_cells (zone, measure, dimension, grain, start, member, source, currency, value)
SELECT :zone, measure, dimension, :grain, start, member, source, '', value
FROM summed CROSS JOIN LATERAL (VALUES ('customers', customers), ('returning_customers', returning_customers),
    ('repeat_customers', repeat_customers)) AS each_one (measure, value)
WHERE value <> 0"""

# A cohort is the customers whose first order fell into one month; of each later month how many of them
# ordered, and what their orders and refunds came to.
COHORTS = """
WITH booked AS (
    SELECT source, customer, date_trunc('month', ordered_at AT TIME ZONE :zone)::date AS start, currency,
           gross_cents - discount_cents AS net, true AS is_order
    FROM kpi_orders
    WHERE customer IS NOT NULL AND ordered_at >= :start AND ordered_at < :end
    UNION ALL
    SELECT source, customer, date_trunc('month', refunded_at AT TIME ZONE :zone)::date, currency,
           -goods_cents, false
    FROM kpi_refunds
    WHERE customer IS NOT NULL AND refunded_at >= :start AND refunded_at < :end
), placed AS (
    SELECT booked.*, to_char(first.first_at AT TIME ZONE :zone, 'YYYY-MM') AS member
    FROM booked JOIN kpi_customers AS first USING (source, customer)
), summed AS (
    SELECT source, start, member, '' AS currency, 'cohort_customers' AS measure,
           count(DISTINCT customer) FILTER (WHERE is_order)::numeric AS value
    FROM placed GROUP BY source, start, member
    UNION ALL
    SELECT source, start, member, currency, 'cohort_net', sum(net) FROM placed
    GROUP BY source, start, member, currency
)
INSERT INTO kpi_cells (zone, measure, dimension, grain, start, member, source, currency, value)
SELECT :zone, measure, 'cohort', 'month', start, member, source, currency, value FROM summed
WHERE value <> 0"""
