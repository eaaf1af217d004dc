"""Taking in a bill: streamed into a table beside, compared with what is known, then put in its place.

The same file twice changes nothing, and is known by its content before it is read. A corrected file for a
bill (provider, account, billing period) takes the place of the former one: rows that are in both stay, others
come and go. All of a file or none of it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import PurePath
from typing import IO, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.cost.bills import focus
from app.cost.bills.focus import Charge, Defaults, Wrong
from app.cost.bills.lines import Lines, digest, rewindable, rows
from app.cost.bills.models import CostImport
from app.cost.bills.report import Report, Sums
from app.errors import NotFound, Refused
from app.sql import statement

LOCK = 7_340_021  # one import at a time
TYPES = {
    "billing_start": "date",
    "billing_end": "date",
    "charge_start": "timestamptz",
    "charge_end": "timestamptz",
    "row_key": "bytea",
    "tags": "jsonb",
    **dict.fromkeys(
        (
            "billed",
            "effective",
            "list_cost",
            "contracted",
            "consumed",
            "pricing_effective",
            "commitment_quantity",
        ),
        "numeric",
    ),
}
COLUMNS = tuple(field.name for field in dataclasses.fields(Charge))
OF_THE_BILL = ("provider", "account", "billing_start", "billing_end")
KEPT = tuple(name for name in COLUMNS if name not in OF_THE_BILL)


@dataclass(frozen=True)
class Wishes:
    """How a file is to be taken."""

    adds: bool = False  # rows of the bills' former files stay: the bill comes in parts
    strict: bool = False  # one wrong row refuses the file
    dry_run: bool = False
    provider: str = ""  # where the file names none
    currency: str = ""

    @property
    def of_the_content(self) -> dict[str, Any]:
        """What makes other rows of the same file."""
        return {"adds": self.adds, "provider": self.provider, "currency": self.currency.upper()}


def take_in(session: Session, name: str, file: IO[bytes], wishes: Wishes, who: str, now: datetime) -> Report:
    """Raises `Refused` where nothing of the file can be used; then nothing was changed."""
    if not wishes.dry_run:
        return _taken(session, name, rewindable(file), wishes, who, now)
    beside = session.begin_nested()
    try:
        return _taken(session, name, rewindable(file), wishes, who, now)
    finally:
        beside.rollback()


def _taken(session: Session, name: str, file: IO[bytes], wishes: Wishes, who: str, now: datetime) -> Report:
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    content = digest(file)
    if known := _known(session, content, name, wishes):
        return known
    lines, report = Lines(file), Report(is_dry_run=wishes.dry_run, asked=wishes.of_the_content)
    _stage(session, lines, wishes, report)
    report.stray_lines = lines.strays
    if not report.rows:
        raise Refused(_l("The file has no row that can be used. Nothing was imported."), _told(report))
    if wishes.strict and report.refused:
        raise Refused(_l("Some rows are wrong. Nothing was imported."), _told(report))
    report.is_known = _newest(session, content) is not None
    row = CostImport(name=name[:200], digest=content, report={}, imported_by=who, imported_at=now)
    session.add(row)
    session.flush()
    _put_in_place(session, row.id, _feed(name), wishes, report)
    if report.changed:
        row.report = report.as_words()
        told = {"file": name, "added": report.added, "gone": report.gone, "refused": report.refused}
        record(session, who, "cost.import", f"cost-import:{row.id}", None, told, now)
    else:
        session.delete(row)
    session.flush()
    return report


def _told(report: Report) -> dict[str, object]:
    return {f"line {line}": why for line, why in report.reasons[:20]}


def _feed(name: str) -> str:
    """The file's name without its endings."""
    return PurePath(name).name.split(".")[0][:200]


def _newest(session: Session, content: str) -> CostImport | None:
    of_it = select(CostImport).where(CostImport.digest == content)
    return session.scalar(of_it.order_by(CostImport.id.desc()).limit(1))


def _known(session: Session, content: str, name: str, wishes: Wishes) -> Report | None:
    """The report where every bill of this file still is what this very content made of it."""
    row = _newest(session, content)
    if row is None or row.report.get("asked") != wishes.of_the_content or _feed(row.name) != _feed(name):
        return None
    if wishes.strict and row.report["refused"]:
        return None
    standing = session.scalar(
        text("SELECT count(*) FROM cost_bills WHERE import_id = :import_id"), {"import_id": row.id}
    )
    if standing != len(row.report["bills"]):
        return None
    report = Report.again(row.report)
    report.is_dry_run = wishes.dry_run
    return report


def _stage(session: Session, lines: Lines, wishes: Wishes, report: Report) -> None:
    session.execute(text("DROP TABLE IF EXISTS cost_staging"))
    session.execute(_STAGING)
    driver: Any = session.connection().connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY cost_staging ({', '.join(COLUMNS)}) FROM STDIN") as copy,
    ):
        for charge in _charges(lines, wishes, report):
            copy.write_row(_cells(charge))


def _cells(charge: Charge) -> list[object]:
    values = [getattr(charge, name) for name in COLUMNS]
    values[COLUMNS.index("tags")] = json.dumps(charge.tags)
    return values


def _charges(lines: Lines, wishes: Wishes, report: Report) -> Iterator[Charge]:
    numbered = rows(lines)
    first = next((cells for _, cells in numbered if cells is None or not focus.is_blank(cells)), None)
    if first is None:
        raise Refused(_l("The file is empty."))
    header = focus.read_header(first)
    if "BillingCurrency" not in header.at:
        report.without_currency = _said_currency(wishes)
    defaults = Defaults(currency=report.without_currency, provider=wishes.provider)
    report.unknown_columns = header.unknown[:100]
    for line, cells in numbered:
        if cells is not None and focus.is_blank(cells):
            continue
        try:
            if cells is None:
                raise Wrong("a cell never ends or is too long")
            charge = focus.read_row(cells, header, defaults)
        except Wrong as wrong:
            report.refuse(line, str(wrong))
            continue
        _count(report, charge)
        yield charge


def _said_currency(wishes: Wishes) -> str:
    """Never assumed: amounts in another currency would be wrong in silence."""
    if not focus.CURRENCY.fullmatch(wishes.currency):
        why = _l("The file has no column BillingCurrency. Say which currency its amounts are in.")
        raise Refused(_l("Nothing was imported."), {"currency": why})
    return wishes.currency.upper()


def _count(report: Report, charge: Charge) -> None:
    report.rows += 1
    report.categories[charge.category] = report.categories.get(charge.category, 0) + 1
    sums = report.sums.setdefault(charge.currency, Sums())
    sums.rows += 1
    sums.billed += charge.billed
    sums.effective += charge.effective
    sums.list_cost += charge.list_cost or Decimal(0)
    sums.contracted += charge.contracted or Decimal(0)


_STAGING = statement(
    "CREATE TEMP TABLE cost_staging ({columns}) ON COMMIT DROP",
    columns=", ".join(f"{name} {TYPES.get(name, 'text')}" for name in COLUMNS),
)
_BILLS = text("""
    INSERT INTO cost_bills (provider, account, feed, period_start, period_end, import_id)
    SELECT DISTINCT provider, account, CASE WHEN provider = '' AND account = '' THEN :feed ELSE '' END,
           billing_start, billing_end, CAST(:import_id AS bigint)
    FROM cost_staging
    ON CONFLICT (provider, account, feed, period_start, period_end)
    DO UPDATE SET import_id = cost_bills.import_id
    RETURNING id, provider, account, feed, period_start, period_end
""")
_NUMBER = statement(
    """
    CREATE TEMP TABLE cost_numbered ON COMMIT DROP AS
    SELECT bill.id AS bill_id,
           (row_number() OVER (PARTITION BY bill.id, row_key))::integer AS ordinal, {kept}
    FROM cost_staging
    JOIN cost_bills AS bill USING (provider, account)
    WHERE bill.period_start = billing_start AND bill.period_end = billing_end
      AND bill.feed = CASE WHEN provider = '' AND account = '' THEN :feed ELSE '' END
""",
    kept=", ".join(KEPT),
)
_ADD = statement(
    """
    INSERT INTO cost_charges (bill_id, ordinal, {kept})
    SELECT bill_id, ordinal, {kept} FROM cost_numbered
    ON CONFLICT (bill_id, row_key, ordinal) DO NOTHING
""",
    kept=", ".join(KEPT),
)
_DROP = text("""
    WITH gone AS (
        DELETE FROM cost_charges AS charge
        WHERE bill_id = ANY (:bills) AND NOT EXISTS (
            SELECT FROM cost_numbered AS new
            WHERE new.bill_id = charge.bill_id AND new.row_key = charge.row_key
              AND new.ordinal = charge.ordinal
        )
        RETURNING bill_id, billed
    )
    SELECT bill_id, count(*) AS rows, sum(billed) AS billed FROM gone GROUP BY bill_id
""")


def _put_in_place(session: Session, import_id: int, feed: str, wishes: Wishes, report: Report) -> None:
    bills = session.execute(_BILLS, {"feed": feed, "import_id": import_id}).all()
    ids = [bill.id for bill in bills]
    session.execute(text("DROP TABLE IF EXISTS cost_numbered"))
    session.execute(_NUMBER, {"feed": feed})
    session.execute(text("CREATE INDEX ON cost_numbered (bill_id, row_key)"))
    report.added = session.execute(_ADD).rowcount  # type: ignore[attr-defined]
    report.unchanged = report.rows - report.added
    gone = {} if wishes.adds else {row.bill_id: row for row in session.execute(_DROP, {"bills": ids})}
    report.gone = sum(row.rows for row in gone.values())
    report.bills = [_bill(bill, gone.get(bill.id)) for bill in bills]
    if report.changed:
        session.execute(
            text("UPDATE cost_bills SET import_id = :import_id WHERE id = ANY (:bills)"),
            {"import_id": import_id, "bills": ids},
        )
        sum_up(session, ids)


def _bill(bill: Any, gone: Any) -> dict[str, Any]:
    return {
        "provider": bill.provider or bill.feed,
        "account": bill.account,
        "from": bill.period_start.isoformat(),
        "until": bill.period_end.isoformat(),
        "gone": gone.rows if gone else 0,
        "gone_billed": f"{gone.billed:f}" if gone else "0",
    }


# What is used up over several days is laid on them in equal parts: rounded running totals, so that the parts
# of any charge add up to it in every digit.
_SUM_UP = text("""
    WITH spans AS (
        SELECT bill_id, service, component, feature, category, currency, billed, effective,
               (charge_start AT TIME ZONE 'UTC')::date AS first,
               greatest(
                   (charge_start AT TIME ZONE 'UTC')::date,
                   ((charge_end - interval '1 microsecond') AT TIME ZONE 'UTC')::date
               ) AS last,
               bill.period_start, bill.period_end
        FROM cost_charges JOIN cost_bills AS bill ON bill.id = bill_id
        WHERE bill_id = ANY (:bills)
    ), laid AS (
        SELECT bill_id, least(greatest(first, period_start), period_end - 1) AS day,
               service, component, feature, category, currency, billed, 0::numeric AS effective
        FROM spans WHERE billed <> 0
        UNION ALL
        SELECT bill_id, first, service, component, feature, category, currency, 0, effective
        FROM spans WHERE first = last
        UNION ALL
        SELECT bill_id, first + step, service, component, feature, category, currency, 0,
               CASE WHEN step = last - first THEN effective
                    ELSE round(effective * (step + 1) / (last - first + 1), 12) END
               - round(effective * step / (last - first + 1), 12)
        FROM spans CROSS JOIN LATERAL generate_series(0, last - first) AS step
        WHERE first < last AND effective <> 0
    )
    INSERT INTO cost_bill_days
        (bill_id, day, service, component, feature, category, currency, billed, effective)
    SELECT bill_id, day, service, component, feature, category, currency, sum(billed), sum(effective)
    FROM laid GROUP BY 1, 2, 3, 4, 5, 6, 7
""")


def sum_up(session: Session, bills: list[int]) -> None:
    """The sums by day of these bills, from their charges, anew."""
    session.execute(text("DELETE FROM cost_bill_days WHERE bill_id = ANY (:bills)"), {"bills": bills})
    session.execute(_SUM_UP, {"bills": bills})


def remove_bill(session: Session, bill_id: int, who: str, now: datetime) -> None:
    """Take a bill out with all its charges; the audit trail keeps that it was there."""
    gone = session.execute(
        text("DELETE FROM cost_bills WHERE id = :id RETURNING provider, account, period_start"),
        {"id": bill_id},
    ).first()
    if gone is None:
        raise NotFound(_l("There is no such bill."))
    record(session, who, "cost.bill.remove", f"cost-bill:{bill_id}", gone._asdict(), None, now)
