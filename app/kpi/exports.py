"""Orders, usage events and figures as CSV, streamed; no cell becomes a formula."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import spreadsheets
from app.kpi.shapes import Reading

_ORDERS = """
SELECT 'sale' AS kind, source, order_id, customer, ordered_at AS at, currency, gross_cents, discount_cents,
       shipping_cents, tax_cents, units, locale, country, device, flags::text AS flags
FROM kpi_orders
UNION ALL
SELECT 'refund', source, refund_id, customer, refunded_at, currency, goods_cents, 0, shipping_cents, 0, 0,
       locale, country, device, flags::text
FROM kpi_refunds
ORDER BY at, order_id"""

_EVENTS = """
SELECT event_id, at, session_id, visitor_id, user_id, kind, path, locale, country, device,
       flags::text AS flags
FROM kpi_events ORDER BY at, event_id"""

ROWS_AT_A_TIME = 2_000


def orders(session: Session) -> Iterator[str]:
    """Every order and refund of every source, money in cents."""
    return _lines(session, _ORDERS)


def events(session: Session) -> Iterator[str]:
    """Every imported usage event that is kept; the file can be taken in again."""
    return _lines(session, _EVENTS)


def figures(found: Reading) -> Iterator[str]:
    """A row each group and bucket; an empty value is no data."""
    columns = ["start", "member", found.kpi.series, "numerator", "denominator", "partial", "currency"]
    yield spreadsheets.written([columns], line_end="\n")
    for member in found.members:
        for one in member.buckets:
            numbers = (one.value, one.numerator, one.denominator)
            shown = ["" if number is None else f"{number:.12g}" for number in numbers]
            cells = [one.start.isoformat(), member.name, *shown, str(int(not one.is_whole))]
            yield spreadsheets.written([[*cells, found.currency]], line_end="\n")


def _lines(session: Session, query: str) -> Iterator[str]:
    result = session.execute(text(query).execution_options(yield_per=ROWS_AT_A_TIME))
    yield spreadsheets.written([list(result.keys())], line_end="\n")
    for rows in result.partitions():
        yield spreadsheets.written(rows, line_end="\n")
