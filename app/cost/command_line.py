"""`backroom costs`: bills of providers in, charges out."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app import clock, events
from app.console import group, leaf, show, who
from app.cost import queries
from app.cost.allocation import commands as allocation
from app.cost.allocation import queries as allocation_queries
from app.cost.allocation.divide import HOWS
from app.cost.allocation.rules import read_all
from app.cost.bills import commands as bills
from app.cost.bills import queries as bill_queries
from app.cost.bills.commands import Wishes
from app.cost.bills.report import Report
from app.cost.bodies import as_csv, read_month_arg, today
from app.cost.budgets import queries as budget_queries
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
            report = bills.take_in(session, chosen.file.name, file, wishes, who(), clock.now())
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
    for bill in report.bills:
        if bill["gone"]:
            print(
                f"{bill['provider']} {bill['account']} {bill['from']}: {bill['gone']} rows of a former file"
                f" ({bill['gone_billed']} billed) are not in this one and go; --add keeps them",
                file=sys.stderr,
            )
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


def export(chosen: argparse.Namespace) -> int:
    """Every position of every month, dearest first."""
    with begin() as session:
        base = rate_queries.base_currency(session)
        found = queries.by_month(session, today(), most=120)
    rows = [
        {"month": f"{month.bill.month:%Y-%m}", "name": position.name, "vendor": position.vendor}
        | {"component": position.component, "service": position.service, "feature": position.feature}
        | {"paid_in": position.currency, "cents": cents, "currency": base}
        for month in found
        for position, cents in month.bill.rows()
    ]
    if chosen.json or not rows:
        show(rows, chosen.json)
    else:
        print(
            as_csv("costs", list(rows[0]), [list(row.values()) for row in rows]).get_data(as_text=True),
            end="",
        )
    return 0


def rules(chosen: argparse.Namespace) -> int:
    """Shows the rules, or takes a file of them in as the next version."""
    with begin() as session:
        version = allocation_queries.current(session)
        if chosen.file is not None:
            found = read_all(_json(chosen.file))
            row = allocation.save_rules(session, found, version.version, chosen.file.name, who(), clock.now())
            print(f"version {row.version}: {len(found)} rules")
            return 0
    show([rule.as_words() for rule in version.rules], chosen.json)
    return 0


def _json(path: Path) -> object:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"{path} cannot be read: {error}") from error
    return told["rules"] if isinstance(told, dict) and "rules" in told else told


def run(chosen: argparse.Namespace) -> int:
    """Divides a month and keeps the run."""
    with begin() as session:
        row = allocation.run(session, read_month_arg(chosen.month), who(), clock.now())
        parts = {how: getattr(row, f"{how}_cents") for how in ("bill", *HOWS)}
        told = {"run": row.id, "month": f"{row.month:%Y-%m}", "rules": row.rules_version, **parts}
    show([told], chosen.json)
    return 0


def budgets(chosen: argparse.Namespace) -> int:
    with begin() as session:
        found = budget_queries.watched(session, today())
        rows = [
            (row, budget_queries.outlook_of(budget_queries.budget_of(row), found))
            for row in budget_queries.rows(session)
        ]
    show(
        [
            {"name": row.name, "period": row.period, "amount_cents": row.amount_cents}
            | {"spent_cents": outlook.spent_cents if outlook else None}
            | {"expected_cents": outlook.expected_cents if outlook else None}
            | {"passed_on": outlook.breach if outlook else None}
            for row, outlook in rows
        ],
        chosen.json,
    )
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
    export_ = leaf(costs, "export", export, "write every position of every month as CSV")
    rules_ = leaf(costs, "rules", rules, "show who bears what, or take in a JSON file of rules")
    rules_.add_argument("file", type=Path, nargs="?")
    run_ = leaf(costs, "run", run, "divide a month by the rules and keep the run")
    run_.add_argument("--month", default="", help="such as 2026-01; without it this one")
    budgets_ = leaf(costs, "budgets", budgets, "list budgets with what is spent and when they are passed")
    for made in (export_, rules_, run_, budgets_):
        made.add_argument("--json", action="store_true")
