"""`backroom slo`: objectives from a terminal."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import clock
from app.console import group, leaf, moment, show, who
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.slo import corrections, jobs, openslo_commands, queries, report_queries, rule_files
from app.slo.correction import Correction
from app.slo.definition import plain
from app.slo.report import last_whole, read_period
from app.sources import sources


def slo_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        lines = queries.lines(session, clock.now())
    show(
        [
            {
                "key": line.slo.key,
                "state": line.state,
                "objective": str(line.slo.objective.normalize()),
                "budget_left": _rounded(line.status.budget_left if line.status else None),
                "window": line.slo.window_kind
                if line.slo.window_kind != "rolling"
                else f"{line.slo.window_days}d",
                "gathered_at": line.status.gathered_at if line.status else None,
            }
            for line in lines
        ],
        chosen.json,
    )
    return 0


def slo_show(chosen: argparse.Namespace) -> int:
    with begin() as session:
        line = queries.line(session, chosen.key, clock.now())
        held = rule_files.states(session)
    told = plain(line.slo) | {"state": line.state, "revision": line.slo.revision, "version": line.slo.version}
    if line.status:
        told |= {
            "gathered_at": line.status.gathered_at,
            "budget_left": line.status.budget_left,
            "bad": line.status.counts.bad,
            "total": line.status.counts.total,
            "forecast": line.status.forecast,
        }
    told["rules"] = [f"{one.place}: {one.said}" for one in held]
    print(json.dumps(told, default=str, indent=2, ensure_ascii=False))
    return 0


def slo_import(chosen: argparse.Namespace) -> int:
    """Objects are told one by one; what breaks the specification stops all of them."""
    text = sys.stdin.buffer.read() if chosen.file == "-" else Path(chosen.file).read_bytes()
    if chosen.dry_run:
        _, refused = openslo_commands.examine(text)
        for one in refused:
            for path, why in one.errors:
                print(f"{one.kind} {one.name}: {path}: {why}", file=sys.stderr)
        if refused:
            return 1
    with begin() as session:
        said = openslo_commands.load(session, sources(), text, who(), clock.now())
        if chosen.dry_run:
            session.rollback()
        else:
            publish_on_commit(session, sources().redis, "slo")
    for one in said:
        print(f"{'would be ' if chosen.dry_run else ''}{one.action}: {one.kind} {one.name}")
        for warning in one.warnings:
            print(f"  {warning}")
    return 0


def slo_export(chosen: argparse.Namespace) -> int:
    with begin() as session:
        made = openslo_commands.export(session, chosen.keys)
    print(made, end="")
    return 0


def slo_report(chosen: argparse.Namespace) -> int:
    now = clock.now()
    period = read_period(chosen.period, now) if chosen.period else last_whole(chosen.kind, now)
    with begin() as session:
        made = report_queries.made(session, period, now)
    if not chosen.json:
        print(f"{period.name}: {made.met} kept, {made.missed} missed, {made.unknown} without data")
    show(
        [
            {
                "slo": line.subject.key,
                "objective": line.subject.objective,
                "reached": _rounded(line.reached, 5),
                "kept": line.is_met,
                "spent": _rounded(line.spent),
                "spent_before": _rounded(line.spent_before),
            }
            for line in made.lines
        ],
        chosen.json,
    )
    return 0


def slo_gather(chosen: argparse.Namespace) -> int:
    now = clock.now()
    for job in (jobs.gather_rows, jobs.gather_facts):
        with begin() as session:
            print(job(session, now, sources()))
    return 0


def slo_correct(chosen: argparse.Namespace) -> int:
    with begin() as session:
        if chosen.undo is not None:
            corrections.undo(session, chosen.undo, who(), clock.now())
            print(f"correction {chosen.undo} undone")
        else:
            print(f"correction {_correct(session, chosen)} made")
        publish_on_commit(session, sources().redis, "slo")
    return 0


def _correct(session: Any, chosen: argparse.Namespace) -> int:
    if chosen.start is None or not chosen.reason or (chosen.end is None) == (chosen.minutes is None):
        raise Refused("say --start, --reason, and --end or --minutes")
    end = chosen.end or chosen.start + timedelta(minutes=chosen.minutes)
    slo = queries.objective(session, chosen.key) if chosen.key else None
    made = Correction(
        slo_id=slo.id if slo else None,
        labels={},
        starts_at=chosen.start,
        ends_at=end,
        repeats=chosen.repeats,
        time_zone=chosen.zone,
        reason=chosen.reason,
    )
    return corrections.create(session, made, who(), clock.now())


def _rounded(number: float | None, digits: int = 4) -> float | None:
    return None if number is None else round(number, digits)


def add_commands(groups: Any) -> None:
    slo = group(groups, "slo", "objectives and their error budgets")
    leaf(slo, "list", slo_list, "all objectives, worst first").add_argument("--json", action="store_true")
    leaf(slo, "show", slo_show, "one objective as JSON").add_argument("key")
    load = leaf(slo, "import", slo_import, "OpenSLO from a file; all of it or nothing")
    load.add_argument("file", help="a YAML file, or - for standard input")
    load.add_argument("--dry-run", action="store_true", help="say what would be done")
    save = leaf(slo, "export", slo_export, "OpenSLO to standard output")
    save.add_argument("keys", nargs="*", help="which objectives; none: all")
    told = leaf(slo, "report", slo_report, "the last whole week or month")
    told.add_argument("--kind", choices=("week", "month"), default="week")
    told.add_argument("--period", help="such as 2026-W48 or 2026-11")
    told.add_argument("--json", action="store_true")
    leaf(slo, "gather", slo_gather, "count now, without waiting for the scheduler")
    correct = leaf(slo, "correct", slo_correct, "leave a span out of the budget, or take it back in")
    correct.add_argument("key", nargs="?", help="which objective; none: all")
    correct.add_argument("--start", type=moment, help="such as 2026-01-31T14:00:00+00:00")
    correct.add_argument("--end", type=moment)
    correct.add_argument("--minutes", type=int)
    correct.add_argument("--repeats", choices=("once", "daily", "weekly", "monthly"), default="once")
    correct.add_argument("--zone", default="UTC", help="time zone of a repeating one")
    correct.add_argument("--reason")
    correct.add_argument("--undo", type=int, metavar="NUMBER", help="take correction NUMBER back")
