"""What is asked of the sources. Shown on the page of each KPI, word for word.

:since is the moment up to which was read before; :start and :end are midnights, UTC.
"""

from __future__ import annotations

from app.kpi import people, speed, sums

# Of a refund the goods are its share of goods in the total; the rest is shipping given back.
ORDERS = """
SELECT 'shop' AS source, orders.order_id::text AS order_id,
       coalesce('u' || user_id, 'v' || visitor_id) AS customer, paid_at AS ordered_at, currency, gross_cents,
       discount_cents, shipping_cents, 0 AS tax_cents,
       coalesce((SELECT sum(quantity) FROM reporting.order_lines AS line
                 WHERE line.order_id = orders.order_id), 0) AS units,
       locale, country, device, flags, is_demo, placed_at
FROM reporting.orders
WHERE changed_at >= :since AND paid_at IS NOT NULL"""

ORDER_PARTS = """
SELECT 'shop' AS source, order_id::text, category, sum(quantity * unit_price_cents) AS gross_cents,
       sum(quantity) AS units
FROM reporting.order_lines JOIN reporting.orders USING (order_id)
WHERE changed_at >= :since AND paid_at IS NOT NULL
GROUP BY order_id, category"""

REFUNDS = """
SELECT 'shop' AS source, refund.payment_id::text AS refund_id, orders.order_id::text AS order_id,
       coalesce('u' || user_id, 'v' || visitor_id) AS customer, refund.settled_at AS refunded_at, currency,
       round(refund.amount_cents::numeric * (gross_cents - discount_cents) / total_cents) AS goods_cents,
       refund.amount_cents
       - round(refund.amount_cents::numeric * (gross_cents - discount_cents) / total_cents) AS shipping_cents,
       locale, country, device, flags
FROM reporting.payments AS refund JOIN reporting.orders USING (order_id)
WHERE refund.outcome = 'refunded' AND orders.paid_at IS NOT NULL AND refund.settled_at IS NOT NULL
  AND total_cents > 0 AND (refund.changed_at >= :since OR orders.changed_at >= :since)"""

# An event changes the day it happened on; shortly before or after midnight also the day beside it.
CHANGED_DAYS = """
SELECT DISTINCT ((hour + beside) AT TIME ZONE 'UTC')::date
FROM (SELECT DISTINCT date_trunc('hour', at) AS hour FROM {events} WHERE recorded_at >= :since) AS seen
CROSS JOIN (VALUES (interval '-12 hours'), (interval '0'), (interval '90 minutes')) AS near (beside)"""

# A session ends with 30 minutes without an event. What comes 12 hours after its beginning is a robot's.
# What was done becomes letters in the order of time: (a)dded to the cart, (c)heckout, (p)aid.
SESSIONS = """
WITH stream AS (
    SELECT at, visitor_id, user_id::text AS user_id, kind, locale, country, device, flags, is_demo
    FROM {events}
    WHERE at >= CAST(:start AS timestamptz) - interval '30 minutes'
      AND at < CAST(:end AS timestamptz) + interval '12 hours'
    {purchases}
), marked AS (
    SELECT *, coalesce(at - lag(at) OVER visits > interval '30 minutes', true) AS starts
    FROM stream
    WINDOW visits AS (PARTITION BY visitor_id ORDER BY at, kind)
), placed AS (
    SELECT *, max(at) FILTER (WHERE starts) OVER visits AS began_at
    FROM marked
    WINDOW visits AS (PARTITION BY visitor_id ORDER BY at, kind)
), visit AS (
    SELECT visitor_id, began_at, max(at) AS ended_at, max(user_id) AS user_id,
           coalesce(string_agg(CASE kind WHEN 'cart_add' THEN 'a' WHEN 'checkout_start' THEN 'c'
                                         WHEN 'order_paid' THEN 'p' END, '' ORDER BY at, kind), '') AS done,
           jsonb_object_agg(kind, extract(epoch FROM at - began_at)::integer ORDER BY at DESC)
               FILTER (WHERE kind <> 'order_paid') AS kinds,
           coalesce(max(locale) FILTER (WHERE starts AND locale <> ''), max(locale)) AS locale,
           coalesce(max(country) FILTER (WHERE starts AND country <> ''), max(country)) AS country,
           coalesce(max(device) FILTER (WHERE starts AND device <> ''), max(device)) AS device,
           array_agg(DISTINCT flags) FILTER (WHERE flags <> '{{}}') AS flags, bool_or(is_demo) AS is_demo
    FROM placed
    WHERE began_at >= :start AND began_at < :end AND at < began_at + interval '12 hours'
    GROUP BY visitor_id, began_at
)
SELECT ('x' || left(md5(visitor_id), 16))::bit(64)::bigint AS visitor, began_at, ended_at,
       ('x' || left(md5('user ' || user_id), 16))::bit(64)::bigint AS account,
       CASE WHEN done ~ 'a.*c.*p' THEN 3 WHEN done ~ 'a.*c' THEN 2 WHEN done ~ 'a' THEN 1 ELSE 0 END AS depth,
       done ~ 'p' AS is_completed, kinds, locale, country, device,
       coalesce((SELECT jsonb_object_agg(pair.key, pair.value)
                 FROM unnest(visit.flags) AS one, jsonb_each_text(one) AS pair), '{{}}') AS flags, is_demo
FROM visit
WHERE kinds IS NOT NULL"""

# A shop's order completes the session in which it was placed, once it is paid.
SHOP_PURCHASES = """UNION ALL
    SELECT placed_at, visitor_id, NULL, 'order_paid', '', '', '', '{}', is_demo
    FROM reporting.orders
    WHERE paid_at IS NOT NULL AND placed_at >= CAST(:start AS timestamptz) - interval '30 minutes'
      AND placed_at < CAST(:end AS timestamptz) + interval '12 hours'"""
IMPORTED_PURCHASES = """UNION ALL
    SELECT at, visitor_id, user_id, 'order_paid', '', '', '', '{}', is_demo
    FROM kpi_events
    WHERE kind = 'order_complete' AND at >= CAST(:start AS timestamptz) - interval '30 minutes'
      AND at < CAST(:end AS timestamptz) + interval '12 hours'"""


def _both(*queries: str) -> str:
    return "\n\n".join(query.strip() for query in queries)


SQL = {
    "orders": _both(ORDERS, REFUNDS, sums.ORDERS),
    "customers": _both(ORDERS, sums.CUSTOMERS),
    "sessions": _both(
        SESSIONS.format(events="reporting.usage_events", purchases=SHOP_PURCHASES), sums.VISITS
    ),
    "speed": speed.SHOWN,
    "people": _both(SESSIONS.format(events="reporting.usage_events", purchases=SHOP_PURCHASES), people.SHOWN),
}
