"""`backroom orders` and `backroom usage`: facts in and out, from a terminal."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app import clock
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import NotFound
from app.events import publish_on_commit
from app.kpi import erasing, event_import, exports, order_import, reading, rebuilding
from app.kpi.definitions import GRAINS, KPIS
from app.kpi.import_report import Report
from app.kpi.models import KpiErasure
from app.kpi.order_import import Wish
from app.sources import sources

LONG_STATEMENT_MS = 600_000


def orders_import(chosen: argparse.Namespace) -> int:
    config = sources().config
    wish = Wish(
        dict(chosen.map),
        chosen.zone or config.kpi_time_zone,
        (chosen.currency or config.kpi_currency).upper(),
        chosen.date_format,
        chosen.dry_run,
    )
    with begin() as session:
        session.connection().exec_driver_sql(f"SET LOCAL statement_timeout = {LONG_STATEMENT_MS}")
        report = order_import.import_orders(session, chosen.file, wish, who(), clock.now())
        publish_on_commit(session, sources().redis, "kpi")
    return _say(report, chosen.json)


def orders_export(_chosen: argparse.Namespace) -> int:
    with begin() as session:
        sys.stdout.writelines(exports.orders(session))
    return 0


def usage_import(chosen: argparse.Namespace) -> int:
    zone = chosen.zone or sources().config.kpi_time_zone
    with begin() as session:
        session.connection().exec_driver_sql(f"SET LOCAL statement_timeout = {LONG_STATEMENT_MS}")
        report = event_import.import_events(
            session, chosen.file, dict(chosen.map), zone, who(), clock.now(), is_dry=chosen.dry_run
        )
    return _say(report, chosen.json)


def usage_export(_chosen: argparse.Namespace) -> int:
    with begin() as session:
        sys.stdout.writelines(exports.events(session))
    return 0


def usage_erase(chosen: argparse.Namespace) -> int:
    with begin() as session:
        session.connection().exec_driver_sql(f"SET LOCAL statement_timeout = {LONG_STATEMENT_MS}")
        found = erasing.erase_imported(session, chosen.person, who(), clock.now())
        publish_on_commit(session, sources().redis, "kpi")
    print(f"{found} events no longer say whose they are; every figure stays")
    return 0 if found else 1


def usage_erased(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = session.scalars(select(KpiErasure).order_by(KpiErasure.erased_at)).all()
    show(
        [
            {
                "erased": row.erased_at,
                "user": row.user_id or "guest",
                "erasure": row.erasure_id,
                "followed": row.followed_at,
            }
            for row in rows
        ],
        chosen.json,
    )
    return 0


def kpi_export(chosen: argparse.Namespace) -> int:
    config = sources().config
    if chosen.key not in KPIS:
        raise NotFound(_("There is no KPI %(key)s.", key=chosen.key[:40]))
    zone = chosen.zone or config.kpi_time_zone
    with begin() as session, reading.consistent(session):
        found = reading.read(
            session,
            chosen.key,
            chosen.first,
            chosen.last,
            zone,
            chosen.grain,
            chosen.by,
            dict(chosen.where),
            currency=chosen.currency,
            default_currency=config.kpi_currency,
        )
        sys.stdout.writelines(exports.figures(found))
    return 0


def kpi_recompute(_chosen: argparse.Namespace) -> int:
    with begin() as session:
        rebuilding.recompute(session)
    print("the next run of kpi.daily computes every day of every time zone")
    return 0


def orders_erase(chosen: argparse.Namespace) -> int:
    with begin() as session:
        pseudonym = f"erased-{secrets.token_hex(8)}"
        found = order_import.erase(session, chosen.customer, pseudonym, who(), clock.now())
    print(f"{found} orders no longer say whose they are; every figure stays")
    return 0 if found else 1


def _say(report: Report, as_json: bool) -> int:
    told = report.plain()
    if as_json:
        print(json.dumps(told, indent=2))
        return 0
    for name, value in told.items():
        if name not in ("reasons", "columns", "changed"):
            print(f"{name.replace('_', ' '):28}{value}")
    print(f"{'changed':28}" + ", ".join(f"{count} {what}" for what, count in report.changed.items()))
    for line, why in report.reasons:
        print(f"  line {line}: {why}")
    if report.refused > len(report.reasons):
        print(f"  … and {report.refused - len(report.reasons)} more")
    return 0


def _pair(typed: str) -> tuple[str, str]:
    what, equals, name = typed.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{typed!r} is not like order_id=invoice")
    return what, name


def add_commands(groups: Any) -> None:
    orders = group(groups, "orders", "orders of the past and of other shops")
    took = leaf(
        orders, "import", orders_import, "take in a CSV of order lines; the same again changes nothing"
    )
    took.add_argument("file", type=Path, metavar="FILE.csv[.xz|.gz]")
    _add_reading(took)
    took.add_argument("--currency", help="of rows that do not say theirs")
    took.add_argument("--date-format", help="such as %%d/%%m/%%Y %%H:%%M, where times are not ISO")
    leaf(orders, "export", orders_export, "every order and refund as CSV, money in cents")
    gone = leaf(orders, "erase", orders_erase, "forget who a customer was; every count stays")
    gone.add_argument("customer")
    usage = group(groups, "usage", "usage events of other systems")
    came = leaf(usage, "import", usage_import, "take in events; each id counts once")
    came.add_argument("file", type=Path, metavar="FILE.csv|.ndjson[.xz|.gz]")
    _add_reading(came)
    leaf(usage, "export", usage_export, "imported events as CSV, which can be taken in again")
    forget = leaf(usage, "erase", usage_erase, "forget who did imported events; every figure stays")
    forget.add_argument("person", help="a user's or a visitor's id as the events have it")
    erased = leaf(usage, "erased", usage_erased, "whom the shop erased, by numbers that nobody has any more")
    erased.add_argument("--json", action="store_true")
    _add_figures(group(groups, "kpi", "figures"))


def _add_figures(kpis: Any) -> None:
    told = leaf(kpis, "export", kpi_export, "one KPI by day, week or month as CSV")
    told.add_argument("key", help="such as orders or net-sales")
    told.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    told.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    told.add_argument("--grain", choices=GRAINS, default="day")
    told.add_argument("--zone")
    told.add_argument("--by", help="locale, country, device, customer, category or variant")
    told.add_argument("--where", action="append", default=[], type=_pair, metavar="GROUP=MEMBER")
    told.add_argument("--currency")
    leaf(kpis, "recompute", kpi_recompute, "compute every day anew from the facts that are kept")


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        type=_pair,
        metavar="FIELD=COLUMN",
        help="where columns are unusual",
    )
    parser.add_argument("--zone", help="of times that do not say theirs, such as Europe/London")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen; write nothing")
    parser.add_argument("--json", action="store_true")
