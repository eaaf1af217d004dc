"""The `backroom` command: the list of its parts on one screen.

Exit status 0 only when it did what it says; 1 with the reason on standard error; 2 for a wrong call.
`--json` prints what a table would show. With `--url` (or BACKROOM_URL) a house somewhere else is asked by its
API: app/remote.py.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from functools import cache
from types import ModuleType

from flask import Flask

from app import clock, remote
from app.accounts import command_line as accounts_commands
from app.accounts.access import command_line as access_commands
from app.alerts import command_line as alerts_commands
from app.audit import command_line as audit_commands
from app.backups import command_line as backups_commands
from app.console import leaf
from app.cost import command_line as cost_commands
from app.db import begin
from app.errors import Problem
from app.experiments import command_line as experiments_commands
from app.factory import TRANSLATIONS, create_app
from app.flags import command_line as flags_commands
from app.flags import commands as flags
from app.incidents import command_line as incidents_commands
from app.jobs import command_line as jobs_commands
from app.keyring import command_line as keyring_commands
from app.kpi import command_line as kpi_commands
from app.locales import command_line as locales_commands
from app.locales import commands as locales
from app.locales.extraction import template
from app.reports import command_line as reports_commands
from app.rollouts import command_line as rollouts_commands
from app.slo import command_line as slo_commands
from app.slo import commands as slos
from app.webhooks import command_line as webhooks_commands
from app.word_releases import command_line as word_releases_commands
from config import control_plane_config

# Each module has `add_commands`.
PARTS: tuple[ModuleType, ...] = (
    accounts_commands,
    flags_commands,
    experiments_commands,
    incidents_commands,
    jobs_commands,
    locales_commands,
    alerts_commands,
    slo_commands,
    rollouts_commands,
    kpi_commands,
    cost_commands,
    word_releases_commands,
    reports_commands,
    keyring_commands,
    backups_commands,
    audit_commands,
    webhooks_commands,
    access_commands,
)


def init(chosen: argparse.Namespace) -> int:
    """What a new installation starts with; changes nothing that is there already."""
    now = clock.now()
    with begin() as session:
        flags.ensure_defaults(session, now)
        slos.ensure_defaults(session, now)
        said = locales.load_shipped(session, TRANSLATIONS, now, template.find(TRANSLATIONS.parent))
    print(said)
    return 0


@cache
def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="backroom", description=__doc__)
    groups = top.add_subparsers(dest="group", required=True, metavar="GROUP")
    leaf(groups, "init", init, "lay down what a new installation starts with; may be repeated")
    for part in PARTS:
        part.add_commands(groups)
    return top


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
    if remote.is_wanted(sys.argv[1:]):
        sys.exit(remote.run(sys.argv[1:]))
    parser().parse_args()  # a wrong call is told before any setting is read
    sys.exit(run(create_app(control_plane_config()), sys.argv[1:]))


if __name__ == "__main__":
    main()
