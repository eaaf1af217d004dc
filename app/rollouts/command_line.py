"""`backroom rollouts`: look at rollouts and steer them when pages are far away."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import clock
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.rollouts import commands, plan, queries, recipes, showing
from app.rollouts.models import Rollout
from app.sources import sources

TOPICS = ("rollouts", "flags", "timeline")
COLUMNS = ("id", "flag", "environment", "state", "step", "steps", "percent", "said")


def rollouts_list(chosen: argparse.Namespace) -> int:
    now = clock.now()
    with begin() as session:
        rows = queries.open_rollouts(session) + (queries.ended_rollouts(session) if chosen.all else [])
        found = [showing.as_json(row, now) for row in rows]
    show([{name: one[name] for name in COLUMNS} for one in found], chosen.json)
    return 0


def rollouts_show(chosen: argparse.Namespace) -> int:
    with begin() as session:
        row = queries.numbered(session, chosen.number)
        told = showing.as_json(row, clock.now(), queries.last_look(session, row.id))
        told["decisions"] = [showing.decision_json(row, one) for one in queries.decisions(session, row.id)]
    print(json.dumps(told, indent=2, default=str))
    return 0


def rollouts_start(chosen: argparse.Namespace) -> int:
    now = clock.now()
    with begin() as session:
        raw = _plan(chosen, now)
        row = commands.start(session, chosen.flag, chosen.environment, raw, now, who())
        said = showing.said(row)
        _tell(session)
    print(f"rollout {row.id} of {chosen.flag}: {said}")
    return 0


def _plan(chosen: argparse.Namespace, now: Any) -> object:
    if chosen.plan is None:
        return plan.as_json(recipes.RECIPES[chosen.template].plan(now))
    try:
        return json.loads(sys.stdin.read() if chosen.plan == "-" else Path(chosen.plan).read_text())
    except (OSError, ValueError) as error:
        raise Refused(f"The plan cannot be read: {error}") from None


def _acting(command: Callable[..., Rollout], *more: str) -> Callable[[argparse.Namespace], int]:
    def act(chosen: argparse.Namespace) -> int:
        extra = {name: getattr(chosen, name) for name in more}
        with begin() as session:
            row = command(session, chosen.number, None, clock.now(), who(), **extra)
            said = showing.said(row)
            _tell(session)
        print(f"rollout {chosen.number}: {said}")
        return 0

    return act


def rollouts_approve(chosen: argparse.Namespace) -> int:
    """Whoever has the machine may do what an admin may."""
    with begin() as session:
        row = commands.approve(session, chosen.number, None, clock.now(), who(), "admin")
        said = showing.said(row)
        _tell(session)
    print(f"rollout {chosen.number}: {said}")
    return 0


def rollouts_freeze(chosen: argparse.Namespace) -> int:
    with begin() as session:
        is_new = commands.freeze(session, chosen.reason, clock.now(), who())
        _tell(session)
    print("all rollouts are frozen" if is_new else "all rollouts were frozen already")
    return 0


def rollouts_thaw(chosen: argparse.Namespace) -> int:
    with begin() as session:
        is_new = commands.thaw(session, clock.now(), who())
        _tell(session)
    print("rollouts go on" if is_new else "nothing was frozen")
    return 0


def _tell(session: Any) -> None:
    for topic in TOPICS:
        publish_on_commit(session, sources().redis, topic)


def add_commands(groups: Any) -> None:
    rollouts = group(groups, "rollouts", "guarded rollouts")
    listed = leaf(rollouts, "list", rollouts_list, "rollouts on their way")
    listed.add_argument("--all", action="store_true", help="those that are over too")
    listed.add_argument("--json", action="store_true")
    start = leaf(rollouts, "start", rollouts_start, "begin a rollout of a flag")
    start.add_argument("flag")
    start.add_argument("--environment", default="production")
    start.add_argument("--template", default="normal", choices=list(recipes.RECIPES))
    start.add_argument("--plan", help="a file with the plan as JSON, or -; in place of a template")
    freeze = leaf(rollouts, "freeze", rollouts_freeze, "let nothing new begin in any rollout")
    freeze.add_argument("reason")
    leaf(rollouts, "thaw", rollouts_thaw, "let rollouts go on")
    _add_numbered(rollouts)


def _add_numbered(rollouts: Any) -> None:
    numbered: tuple[tuple[str, Callable[[argparse.Namespace], int], str], ...] = (
        ("show", rollouts_show, "one rollout with its decisions and evidence"),
        ("approve", rollouts_approve, "agree to the next step"),
    )
    for name, command, about in numbered:
        leaf(rollouts, name, command, about).add_argument("number", type=int)
    reasoned: tuple[tuple[str, Callable[..., Rollout], str, bool], ...] = (
        ("pause", commands.pause, "take no further step", False),
        ("resume", commands.resume, "go on", False),
        ("abort", commands.abort, "end it; the flag stays where it is", False),
        ("roll-back", commands.roll_back, "the flag as it was before, and end it", False),
        ("advance", commands.advance, "take the next step by hand", True),
        ("finish", commands.finish, "end it as it stands", True),
    )
    for name, act, about, is_needed in reasoned:
        made = leaf(rollouts, name, _acting(act, "reason"), about)
        made.add_argument("number", type=int)
        made.add_argument("--reason", required=is_needed, default="")
