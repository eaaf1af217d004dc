"""`backroom flags`: what a product manager or an ops person does when pages are far away."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.flags import commands, queries
from app.sources import sources


def flags_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        show(queries.table(session), chosen.json)
    return 0


def flags_set(chosen: argparse.Namespace) -> int:
    wanted = chosen.percent if chosen.percent is not None else chosen.value
    if wanted is None:
        raise Refused("say what to set: a percentage, on or off")
    with begin() as session:
        if wanted in ("on", "off"):
            commands.set_enabled(session, chosen.name, chosen.environment, wanted == "on", clock.now(), who())
        else:
            commands.set_percent(session, chosen.name, chosen.environment, wanted, clock.now(), who())
        publish_on_commit(session, sources().redis, "flags")
    print(f"{chosen.name}: {wanted if wanted in ('on', 'off') else f'{wanted} %'} in {chosen.environment}")
    return 0


def flags_kill(chosen: argparse.Namespace) -> int:
    with begin() as session:
        commands.kill(session, chosen.name, chosen.environment, clock.now(), who())
        publish_on_commit(session, sources().redis, "flags")
    print(f"{chosen.name}: off in {chosen.environment}")
    return 0


def add_commands(groups: Any) -> None:
    flags = group(groups, "flags", "feature flags")
    leaf(flags, "list", flags_list, "all flags and their state").add_argument("--json", action="store_true")
    percent = leaf(flags, "set", flags_set, "move a percentage rollout, or switch on or off")
    percent.add_argument("name")
    percent.add_argument("value", nargs="?", metavar="PERCENT|on|off")
    percent.add_argument("--percent", help="the same, as an option")
    kill = leaf(flags, "kill", flags_kill, "turn a flag off for everybody, now")
    kill.add_argument("name")
    for command in (percent, kill):
        command.add_argument("--environment", default="production")
