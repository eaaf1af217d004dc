"""The `backroom` command. Thin: parse, open the transaction, call a feature's command, print.

Exit status 0 only when it did what it says; 1 with the reason on standard error; 2 for a wrong call.
`--json` prints what a table would show.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask

from app import clock
from app.accounts import commands as accounts
from app.db import begin
from app.errors import Problem, Refused
from app.events import publish_on_commit
from app.factory import TRANSLATIONS, create_app
from app.flags import commands as flags
from app.flags import queries as flag_queries
from app.guards import ROLES
from app.jobs import commands as jobs
from app.jobs import plan, queries, runner
from app.locales import commands as locales
from app.schedule import SCHEDULE
from app.slo import commands as slos
from app.sources import sources
from config import control_plane_config

Rows = list[dict[str, Any]]
Command = Callable[[argparse.Namespace], int]


def who() -> str:
    """The audit trail's name for whoever types: the account on this machine."""
    return f"cli:{os.environ.get('SUDO_USER') or os.environ.get('USER') or os.getuid()}"


def show(rows: Rows, as_json: bool) -> None:
    """A table for people, or JSON for machines."""
    if as_json:
        print(json.dumps(rows, default=str, indent=2))
        return
    if not rows:
        print("nothing")
        return
    names = list(rows[0])
    text = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(line[i]) for line in [names, *text]) for i in range(len(names))]
    for line in [names, *text]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def moment(text: str) -> datetime:
    """An ISO time with its zone: an offset is needed because a job's slot must not depend on the machine."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2026-01-31T09:00:00+00:00") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no zone; write {text}+00:00 or {text}Z")
    return at


def init(chosen: argparse.Namespace) -> int:
    """What a new installation starts with; changes nothing that is there already."""
    now = clock.now()
    with begin() as session:
        flags.ensure_defaults(session, now)
        slos.ensure_defaults(session, now)
        said = locales.load_shipped(session, TRANSLATIONS, now)
    print(said)
    return 0


def locales_load(chosen: argparse.Namespace) -> int:
    with begin() as session:
        print(locales.load_shipped(session, chosen.folder, clock.now()))
    return 0


def people_add(chosen: argparse.Namespace) -> int:
    password = sys.stdin.readline().rstrip("\n") if chosen.password_stdin else accounts.new_password()
    with begin() as session:
        accounts.add_person(session, chosen.email, chosen.role, password, clock.now(), who())
    print(chosen.email if chosen.password_stdin else password)
    return 0


def tokens_create(chosen: argparse.Namespace) -> int:
    with begin() as session:
        raw = accounts.create_token(
            session, chosen.kind, chosen.environment, chosen.name, chosen.role, clock.now(), who()
        )
    print(raw)
    return 0


def flags_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        show(flag_queries.table(session), chosen.json)
    return 0


def flags_set(chosen: argparse.Namespace) -> int:
    wanted = chosen.percent if chosen.percent is not None else chosen.value
    if wanted is None:
        raise Refused("say what to set: a percentage, on or off")
    with begin() as session:
        if wanted in ("on", "off"):
            flags.set_enabled(session, chosen.name, chosen.environment, wanted == "on", clock.now(), who())
        else:
            flags.set_percent(session, chosen.name, chosen.environment, wanted, clock.now(), who())
        publish_on_commit(session, sources().redis, "flags")
    print(f"{chosen.name}: {wanted if wanted in ('on', 'off') else f'{wanted} %'} in {chosen.environment}")
    return 0


def flags_kill(chosen: argparse.Namespace) -> int:
    with begin() as session:
        flags.kill(session, chosen.name, chosen.environment, clock.now(), who())
        publish_on_commit(session, sources().redis, "flags")
    print(f"{chosen.name}: off in {chosen.environment}")
    return 0


def jobs_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = queries.board(session, SCHEDULE, clock.now())
    show(
        [
            {
                "job": row.job.name,
                "every": f"{row.job.every_seconds} s",
                "state": row.state,
                "last run": row.finished_at,
                "seconds": row.duration_seconds,
                "late": row.late_seconds,
                "said": row.said,
            }
            for row in rows
        ],
        chosen.json,
    )
    return 0


def jobs_run(chosen: argparse.Namespace) -> int:
    job = plan.find(SCHEDULE, chosen.name)
    at = chosen.at or clock.now()
    if at > clock.now():
        raise Refused(f"{at.isoformat()} is in the future; a job works on what has happened")
    with begin() as session:
        run = jobs.begin_now(session, job.name, at, who(), clock.now(), "cli")
    ok, said = runner.perform(job, run, at, sources())
    print(said if ok else f"{job.name} failed: {said}", file=sys.stdout if ok else sys.stderr)
    return 0 if ok else 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="backroom", description=__doc__)
    groups = top.add_subparsers(dest="group", required=True, metavar="GROUP")

    _leaf(groups, "init", init, "lay down what a new installation starts with; may be repeated")

    people = _group(groups, "people", "who may sign in")
    add = _leaf(people, "add", people_add, "add a person; prints a new password")
    add.add_argument("email")
    add.add_argument("--role", required=True, choices=sorted(ROLES))
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    tokens = _group(groups, "tokens", "what machines sign in with")
    create = _leaf(tokens, "create", tokens_create, "make a token; prints it, once")
    create.add_argument("--kind", required=True, choices=["client", "frontend", "api"])
    create.add_argument("--environment", required=True, help="such as production")
    create.add_argument("--role", choices=sorted(ROLES), help="what an api token may do")
    create.add_argument("--name", default="cli", help="what it is for")

    flag = _group(groups, "flags", "feature flags")
    _leaf(flag, "list", flags_list, "all flags and their state").add_argument("--json", action="store_true")
    percent = _leaf(flag, "set", flags_set, "move a percentage rollout, or switch on or off")
    percent.add_argument("name")
    percent.add_argument("value", nargs="?", metavar="PERCENT|on|off")
    percent.add_argument("--percent", help="the same, as an option")
    kill = _leaf(flag, "kill", flags_kill, "turn a flag off for everybody, now")
    kill.add_argument("name")
    for leaf in (percent, kill):
        leaf.add_argument("--environment", default="production")

    job = _group(groups, "jobs", "scheduled jobs")
    _leaf(job, "list", jobs_list, "all jobs and their last run").add_argument("--json", action="store_true")
    run = _leaf(job, "run", jobs_run, "run a job here and now")
    run.add_argument("name")
    run.add_argument("--at", type=moment, help="the moment to run it for, such as 2026-01-31T09:00:00Z")

    locale = _group(groups, "locales", "the words of the shop")
    load = _leaf(
        locale, "load", locales_load, "take in the messages and translations that ship with the shop"
    )
    load.add_argument("--folder", type=Path, default=TRANSLATIONS)
    return top


def _group(groups: Any, name: str, about: str) -> Any:
    made = groups.add_parser(name, help=about, description=about)
    return made.add_subparsers(dest="command", required=True, metavar="COMMAND")


def _leaf(group: Any, name: str, command: Command, about: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = group.add_parser(name, help=about, description=about)
    made.set_defaults(command=command)
    return made


def run(app: Flask, arguments: Sequence[str]) -> int:
    """One call, inside an app that exists already."""
    chosen = parser().parse_args(arguments)
    with app.test_request_context():
        try:
            status: int = chosen.command(chosen)
        except Problem as problem:
            print(f"backroom: {problem}", file=sys.stderr)
            for name, text in problem.fields.items():
                print(f"  {name}: {text}", file=sys.stderr)
            return 1
    return status


def main() -> None:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `backroom … | head` ends quietly
    parser().parse_args()  # a wrong call is told before any setting is read
    sys.exit(run(create_app(control_plane_config()), sys.argv[1:]))


if __name__ == "__main__":
    main()
