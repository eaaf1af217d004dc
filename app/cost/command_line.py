"""`backroom costs`: bills of providers in, charges out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app import clock, events
from app.console import group, leaf, show, who
from app.cost.bills import commands as bills
from app.cost.bills import queries as bill_queries
from app.cost.bills.commands import Wishes
from app.cost.bills.report import Report
from app.cost.commands import record_months
from app.cost.rates import commands as rates
from app.cost.rates import queries as rate_queries
from app.db import begin
from app.errors import Refused
from app.sources import sources


def take_in(chosen: argparse.Namespace) -> int:
    wishes = Wishes(
        adds=chosen.add,
        strict=chosen.strict,
        dry_run=chosen.dry_run,
        provider=chosen.provider,
        currency=chosen.currency,
    )
    try:
        with chosen.file.open("rb") as file, begin() as session:
            base = rate_queries.base_currency(session)
            report = bills.take_in(session, chosen.file.name, file, wishes, base, who(), clock.now())
            if not chosen.dry_run:
                record_months(session, clock.now())
    except OSError as error:
        raise Refused(f"{chosen.file} cannot be read: {error.strerror}") from error
    if not chosen.dry_run:
        events.publish(sources().redis, "cost")
    _tell(report, chosen.json)
    return 0


def _tell(report: Report, as_json: bool) -> None:
    if as_json:
        show([report.as_words()], as_json=True)
        return
    show(
        [
            {"currency": currency, "rows": sums.rows, "billed": f"{sums.billed:f}"}
            | {"effective": f"{sums.effective:f}", "list": f"{sums.list_cost:f}"}
            | {"contracted": f"{sums.contracted:f}"}
            for currency, sums in sorted(report.sums.items())
        ],
        as_json=False,
    )
    if report.without_currency:
        print(f"no column BillingCurrency: taken as {report.without_currency}", file=sys.stderr)
    if report.stray_lines:
        print(f"{report.stray_lines} lines were not UTF-8 and were read as Windows-1252", file=sys.stderr)
    for line, why in report.reasons:
        print(f"line {line} refused: {why}", file=sys.stderr)
    said = "would be: " if report.is_dry_run else ""
    print(
        f"{said}{report.added} rows added, {report.unchanged} unchanged, {report.gone} gone,"
        f" {report.refused} refused"
    )


def list_bills(chosen: argparse.Namespace) -> int:
    with begin() as session:
        found = bill_queries.bills(session)
    show(
        [
            {"id": bill.id, "provider": bill.provider, "account": bill.account, "from": bill.period_start}
            | {"until": bill.period_end, "rows": bill.rows, "billed": f"{bill.billed:f}"}
            | {"effective": f"{bill.effective:f}", "currency": bill.currency}
            for bill in found
        ],
        chosen.json,
    )
    return 0


def take_in_rates(chosen: argparse.Namespace) -> int:
    try:
        text = chosen.file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{chosen.file} cannot be read: {error}") from error
    with begin() as session:
        count = rates.save_table(session, text, who(), clock.now())
    print(f"{count} rates saved")
    return 0


def add_commands(groups: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    costs = group(groups, "costs", "what the shop costs")
    made = leaf(costs, "import", take_in, "take in a FOCUS bill: .csv, .csv.gz or .csv.xz")
    made.add_argument("file", type=Path)
    made.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
    made.add_argument("--add", action="store_true", help="the bill comes in parts: keep rows of former files")
    made.add_argument("--strict", action="store_true", help="one wrong row refuses the file")
    made.add_argument("--provider", default="", help="where the file names none")
    made.add_argument("--currency", default="", help="where the file has no BillingCurrency")
    made.add_argument("--json", action="store_true")
    bills_ = leaf(costs, "bills", list_bills, "list the bills that were taken in")
    bills_.add_argument("--json", action="store_true")
    rates_ = leaf(costs, "rates", take_in_rates, "take in rates: a CSV of currency, from_day, rate, source")
    rates_.add_argument("file", type=Path)
