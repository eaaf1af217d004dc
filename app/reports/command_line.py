"""`backroom reports`: reviews in a terminal."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock
from app.console import group, leaf, show, who
from app.db import begin
from app.reports import commands, gather, mails, queries
from app.reports.period import read_period
from app.sources import sources


def reports_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = [
            {"period": row.period, "kind": row.kind, "made": row.made_at, "closed": row.closed_at}
            for row in queries.newest(session)
        ]
    show(rows, chosen.json)
    return 0


def reports_make(chosen: argparse.Namespace) -> int:
    period = read_period(chosen.period)
    with begin() as session:
        is_new = commands.make(session, period, gather.house(sources().config), who(), clock.now())
    print(f"{period.name}: {'made' if is_new else 'was made before'}")
    return 0


def reports_show(chosen: argparse.Namespace) -> int:
    with begin() as session:
        report = queries.one(session, chosen.period)
    print(mails.text(report, f"{sources().config.control_url}/reports/{chosen.period}"), end="")
    return 0


def add_commands(groups: Any) -> None:
    found = group(groups, "reports", "reviews of weeks, months, quarters and years")
    listed = leaf(found, "list", reports_list, "open ones first, each newest first")
    listed.add_argument("--json", action="store_true")
    made = leaf(found, "make", reports_make, "make the review of a period that is over")
    made.add_argument("period", help="2026-W48, 2026-11, 2026-Q4 or 2026")
    shown = leaf(found, "show", reports_show, "the figures of a review as text")
    shown.add_argument("period")
