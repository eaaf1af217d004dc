"""`backroom candidates`: releases of words that a share of shoppers sees first."""

from __future__ import annotations

import argparse
import json
from typing import Any

from app import clock, events
from app.console import group, leaf, who
from app.db import begin
from app.errors import NotFound
from app.locales.releases.commands import nudge
from app.sources import sources
from app.word_releases import commands, queries, share_plan, showing


def candidates_show(chosen: argparse.Namespace) -> int:
    with begin() as session:
        row = queries.latest(session, chosen.locale)
        if row is None:
            raise NotFound(f"there was never a candidate release of {chosen.locale}")
        told = showing.as_json(row, queries.decisions(session, row.id))
    print(json.dumps(told, indent=2))
    return 0


def candidates_start(chosen: argparse.Namespace) -> int:
    steps = share_plan.written(chosen.steps)
    with begin() as session:
        plan = share_plan.checked(steps)
        row = commands.start(
            session, chosen.locale, chosen.note, plan, who(), clock.now(), number=chosen.release
        )
        said = f"{row.locale}: candidate release {row.candidate}. {showing.said(row)}"
    return _told(chosen.locale, said)


def candidates_share(chosen: argparse.Namespace) -> int:
    with begin() as session:
        row = commands.set_share(session, chosen.locale, chosen.percent, who(), clock.now())
        said = f"{row.locale}: {showing.said(row)}"
    return _told(chosen.locale, said)


def candidates_promote(chosen: argparse.Namespace) -> int:
    with begin() as session:
        row = commands.promote(session, chosen.locale, who(), clock.now())
        said = f"{row.locale}: release {row.candidate} is shown to all"
    return _told(chosen.locale, said)


def candidates_withdraw(chosen: argparse.Namespace) -> int:
    with begin() as session:
        row = commands.withdraw(session, chosen.locale, who(), clock.now())
        said = f"{row.locale}: nobody sees release {row.candidate} any more"
    return _told(chosen.locale, said)


def _told(code: str, said: str) -> int:
    nudge(sources().redis, code)
    events.publish(sources().redis, "locales")
    print(said)
    return 0


def add_commands(groups: Any) -> None:
    candidates = group(groups, "candidates", "releases of words that a share of shoppers sees first")
    leaf(candidates, "show", candidates_show, "how it fares, as JSON").add_argument("locale")
    started = leaf(candidates, "start", candidates_start, "show what is approved to a share of shoppers")
    started.add_argument("locale")
    started.add_argument(
        "--steps",
        default=", ".join(share_plan.read_out(share_plan.USUAL.steps).splitlines()),
        help='share and minutes of each step, such as "5 60, 25 360"',
    )
    started.add_argument("--release", type=int, help="an earlier release in place of a new one")
    started.add_argument("--note", default="")
    share = leaf(candidates, "share", candidates_share, "another share, by hand")
    share.add_argument("locale")
    share.add_argument("percent", type=int)
    leaf(candidates, "promote", candidates_promote, "show it to all").add_argument("locale")
    leaf(candidates, "withdraw", candidates_withdraw, "show it to nobody any more").add_argument("locale")
