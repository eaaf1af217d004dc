"""What the commands of the command line share: tables, moments, names, and how a command is declared.

Each feature with commands has a `command_line.py` with `add_commands(groups)`, which app/cli.py lists. A
command is thin: parse, open the transaction, call the feature's command, print. It answers its exit status.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

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


def group(groups: Any, name: str, about: str) -> Any:
    made = groups.add_parser(name, help=about, description=about)
    return made.add_subparsers(dest="command", required=True, metavar="COMMAND")


def leaf(parent: Any, name: str, command: Command, about: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = parent.add_parser(name, help=about, description=about)
    made.set_defaults(command=command)
    return made
