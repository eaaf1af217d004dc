"""Orders of a file, into the same rows as those of the shop.

Rows stream into a stage by COPY; orders and refunds are made of them by statements over the whole. An order
of the file takes the place of one with the same number, so a file holds whole orders; the same file twice
changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask_babel import lazy_gettext as _l
from psycopg.sql import Identifier
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Refused
from app.kpi import asking, coverage, merging, order_rows, tabular
from app.kpi.copying import copying
from app.kpi.import_report import Report
from app.kpi.models import KpiImport
from app.kpi.order_rows import Reader, Reading, Wrong
from app.sql import statement

SOURCE = "import"
_STAGE = """
CREATE TEMP TABLE stage_lines (
    kind text, order_id text, customer text, at timestamptz, currency text, country text, category text,
    locale text, device text, cents numeric, quantity numeric, discount_cents numeric,
    shipping_cents numeric, tax_cents numeric, line integer
) ON COMMIT DROP"""

_MIXED = """
WITH mixed AS (
    SELECT order_id FROM stage_lines WHERE kind IN ('sale', 'cancel')
    GROUP BY order_id HAVING min(currency) <> max(currency)
)
DELETE FROM stage_lines USING mixed WHERE stage_lines.order_id = mixed.order_id
RETURNING stage_lines.line, stage_lines.kind"""

_ORDERS = """
INSERT INTO stage_orders
SELECT 'import', order_id, nullif(min(customer), ''), min(at), min(currency), sum(cents),
       sum(discount_cents), sum(shipping_cents), sum(tax_cents), sum(quantity), min(locale), min(country),
       min(device), '{}', false, min(at)
FROM stage_lines WHERE kind = 'sale' GROUP BY order_id"""

_PARTS = """
INSERT INTO stage_parts
SELECT 'import', order_id, category, sum(cents), sum(quantity)
FROM stage_lines WHERE kind = 'sale' AND category <> '' GROUP BY order_id, category"""

_REFUNDS = """
INSERT INTO stage_refunds
SELECT 'import', order_id, order_id, nullif(min(customer), ''), min(at), min(currency), -sum(cents), 0,
       min(locale), min(country), min(device), '{}'
FROM stage_lines WHERE kind = 'cancel' GROUP BY order_id"""

_LOADED = """
INSERT INTO kpi_loads (source, fact, first_at, last_at)
SELECT 'import', 'orders', min(at), max(at)
FROM (SELECT ordered_at AS at FROM kpi_orders WHERE source = 'import'
      UNION ALL SELECT refunded_at FROM kpi_refunds WHERE source = 'import') AS facts
ON CONFLICT (source, fact) DO UPDATE SET first_at = EXCLUDED.first_at, last_at = EXCLUDED.last_at"""


@dataclass(frozen=True)
class Wish:
    """What whoever imports has said."""

    chosen: Mapping[str, str]  # what → column
    zone: str
    currency: str
    date_format: str | None = None
    is_dry: bool = False


def import_orders(session: Session, path: Path, wish: Wish, who: str, now: datetime) -> Report:
    """Nothing is written where it is dry, or where the file as a whole is `Refused`."""
    asking.check_zone(wish.zone)
    if wish.currency not in order_rows.CURRENCIES:
        raise Refused(_l("Nothing was taken in."), {"currency": _l("This currency is not known.")})
    report = Report(path.name, is_dry=wish.is_dry)
    session.execute(text(_STAGE))
    with tabular.open_lines(path) as lines:
        _stage(session, lines, wish, report, now)
    _refuse_mixed(session, report)
    if not wish.is_dry:
        _take_in(session, report)
        coverage.ask_for(session, wish.zone, now)
        _note(session, lines.digest, report, who, now)
    return report


def _stage(session: Session, lines: tabular.Lines, wish: Wish, report: Report, now: datetime) -> None:
    rows = tabular.rows(lines)
    _, header = next(rows, (0, []))
    places = order_rows.columns(header, wish.chosen)
    report.columns = {what: header[place] for what, place in places.items()}
    how = Reading(places, len(header), wish.zone, wish.currency, order_rows.latest(now), wish.date_format)
    reader = Reader(how)
    first = last = None
    with copying(session, "stage_lines") as write:
        for number, cells in rows:
            if not cells and number not in lines.too_long:
                continue
            report.rows += 1
            try:
                if number in lines.too_long:
                    raise Wrong(_l("It is longer than a line may be."))
                line = reader.line(cells)
            except Wrong as wrong:
                report.refuse(number, wrong)
                continue
            report.kinds[line.kind] += 1
            first = line.at if first is None or line.at < first else first
            last = line.at if last is None or line.at > last else last
            if line.kind in ("sale", "cancel"):
                write((*line, number))
    report.other_encoding = lines.other_encoding
    if first and last:
        report.first, report.last = first.isoformat(), last.isoformat()


def _refuse_mixed(session: Session, report: Report) -> None:
    for row in session.execute(text(_MIXED)):
        report.kinds[row.kind] -= 1
        report.refuse(row.line, _l("Its order has lines in another currency."))


def _take_in(session: Session, report: Report) -> None:
    for step in (*merging.STAGES.split(";"), "ANALYZE stage_lines", _ORDERS, _PARTS, _REFUNDS):
        session.execute(text(step))
    report.changed.update(merging.orders(session, SOURCE))
    session.execute(text(_LOADED))


def _note(session: Session, digest: str, report: Report, who: str, now: datetime) -> None:
    told = report.plain()
    columns = {"kind": "orders", "name": report.name, "sha256": digest, "report": told}
    session.execute(insert(KpiImport).values(**columns, imported_at=now, imported_by=who))
    counts = {key: told[key] for key in ("file", "rows", "refused", "changed")}
    record(session, who, "orders.import", f"file:{report.name[:80]}", None, counts, now)


_RENAME = "UPDATE {table} SET customer = :pseudonym WHERE source = 'import' AND customer = :customer"


def erase(session: Session, customer: str, pseudonym: str, who: str, now: datetime) -> int:
    """Put a name that leads nowhere in place of a customer: every count stays. How many orders there were."""
    values = {"customer": customer, "pseudonym": pseudonym}
    found = 0
    for table in ("kpi_orders", "kpi_refunds", "kpi_customers"):
        done = session.execute(statement(_RENAME, table=Identifier(table)), values)
        found += done.rowcount if table == "kpi_orders" else 0  # type: ignore[attr-defined]
    record(session, who, "orders.erase", "customer", None, {"orders": found}, now)
    return found
