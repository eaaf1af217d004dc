"""The statements that sum the facts of days up into cells. Shown on the page of each KPI, word for word.

:zone is the zone, :first and :last are its days, :start and :end the midnights around them. A group of
several dimensions has their names joined by a comma, and its members by the character U+001F.
"""

from __future__ import annotations

from collections.abc import Sequence

PLACES = ("locale", "country", "device", "customer")
PEOPLE_BY = ("locale", "country", "device")


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
WHERE value <> 0"""  # noqa: S608


def _visits(extra: str, join: str) -> str:
    names = (*PLACES, extra) if extra else PLACES
    return f"""
WITH visit AS (
    SELECT source, (began_at AT TIME ZONE :zone)::date AS start, locale, country, device,
           CASE WHEN seen.first_at < began_at THEN 'returning' ELSE 'new' END AS customer,
           depth, is_completed{f", {extra}" if extra else ""}
    FROM kpi_sessions JOIN kpi_visitors AS seen USING (source, visitor) {join}
    WHERE began_at >= :start AND began_at < :end
), summed AS (
    SELECT source, start, {_named(names)}, count(*) AS sessions,
           count(*) FILTER (WHERE is_completed) AS completed_sessions,
           count(*) FILTER (WHERE depth >= 1) AS funnel_cart,
           count(*) FILTER (WHERE depth >= 2) AS funnel_checkout,
           count(*) FILTER (WHERE depth >= 3) AS funnel_completed
    FROM visit
    GROUP BY source, start, GROUPING SETS ({_sets(extra) if extra else _sets()})
)""" + _into_cells(  # noqa: S608
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
)""" + _into_cells(  # noqa: S608
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
)""" + _into_cells(  # noqa: S608
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

# A browser is its person where the shop knew somebody on that day. A visit over midnight is of both days.
_SEEN = """
WITH visit AS (
    SELECT source, visitor, account, locale, country, device, flags, kinds, day
    FROM kpi_sessions
    CROSS JOIN LATERAL (
        SELECT (began_at AT TIME ZONE :zone)::date UNION SELECT (ended_at AT TIME ZONE :zone)::date
    ) AS seen (day)
    WHERE began_at >= CAST(:start AS timestamptz) - interval '12 hours' AND began_at < :end
      AND day BETWEEN :first AND :last
), known AS (
    SELECT source, visitor, day, coalesce(max(account), visitor) AS person FROM visit
    GROUP BY source, visitor, day
)"""

PEOPLE = (
    _SEEN  # noqa: S608
    + """, met AS (
    SELECT DISTINCT source, date_trunc(:grain, day::timestamp)::date AS start, measure, dimension, member,
           person
    FROM visit JOIN known USING (source, visitor, day)
    CROSS JOIN LATERAL (
        VALUES ('active_users', '', ''), ('active_users', 'locale', locale),
               ('active_users', 'country', country), ('active_users', 'device', device)
        UNION ALL SELECT 'active_users', 'variant', key || ':' || value FROM jsonb_each_text(flags)
        UNION ALL SELECT 'feature_users', 'feature', key || ':' || value FROM jsonb_each_text(flags)
        UNION ALL SELECT 'feature_users', 'feature', jsonb_object_keys(kinds)
    ) AS grouped (measure, dimension, member)
)
INSERT INTO kpi_cells (zone, measure, dimension, grain, start, member, source, currency, value)
SELECT :zone, measure, dimension, :grain, start,
       CASE WHEN dimension <> '' THEN coalesce(nullif(member, ''), 'unknown') ELSE '' END, source, '',
       count(*)
FROM met
GROUP BY measure, dimension, start, 6, source"""
)

# Somebody seen on a day is among those of the next 7 or 30 days, until the next day on which they were seen:
# +1 where that begins, −1 where it ends, and the sum over time is the number of different people.
TRAILING = (
    _SEEN  # noqa: S608
    + """, met AS (
    SELECT DISTINCT source, dimension, member, person, day
    FROM visit JOIN known USING (source, visitor, day)
    CROSS JOIN LATERAL (VALUES ('', ''), ('locale', coalesce(nullif(locale, ''), 'unknown')))
        AS grouped (dimension, member)
), gap AS (
    SELECT *, lead(day) OVER (PARTITION BY source, dimension, member, person ORDER BY day) AS again FROM met
), step AS (
    SELECT source, dimension, member, day + lasts AS day, measure, -count(*) AS change
    FROM gap CROSS JOIN LATERAL (
        VALUES ('active_users_7d', least(again - day, 7)), ('active_users_30d', least(again - day, 30)),
               ('mean_active_users_30d', 30)
    ) AS window_of (measure, lasts)
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT source, dimension, member, day, measure, count(*)
    FROM gap CROSS JOIN (VALUES ('active_users_7d'), ('active_users_30d'), ('mean_active_users_30d'))
        AS window_of (measure)
    GROUP BY 1, 2, 3, 4, 5
), change AS (
    SELECT source, dimension, member, measure, day, sum(change) AS change FROM step GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT source, dimension, member, measure, each_day::date, 0
    FROM (SELECT DISTINCT source, dimension, member, measure FROM step) AS there
    CROSS JOIN generate_series(CAST(:from AS date), CAST(:last AS date), interval '1 day') AS each_day
), level AS (
    SELECT source, dimension, member, measure, day,
           sum(sum(change)) OVER (PARTITION BY source, dimension, member, measure ORDER BY day) AS value
    FROM change GROUP BY source, dimension, member, measure, day
)
INSERT INTO kpi_cells (zone, measure, dimension, grain, start, member, source, currency, value)
SELECT :zone, measure, dimension, 'day', day, member, source, '',
       CASE WHEN measure = 'mean_active_users_30d'
            THEN value / least(30, day - CAST(:earliest AS date) + 1) ELSE value END
FROM level
WHERE day BETWEEN :from AND :last AND value <> 0"""
)
