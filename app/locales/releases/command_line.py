"""`backroom locales publish` and `rollback`: releases of the shop's words."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock, events
from app.console import leaf, who
from app.db import begin
from app.locales.releases import commands
from app.sources import sources


def locales_publish(chosen: argparse.Namespace) -> int:
    with begin() as session:
        release = commands.publish(session, chosen.locale, chosen.note, who(), clock.now())
        told = f"{chosen.locale}: release {release.number}, {release.strings} strings"
    commands.nudge(sources().redis, chosen.locale)
    events.publish(sources().redis, "locales")
    print(told)
    return 0


def locales_rollback(chosen: argparse.Namespace) -> int:
    with begin() as session:
        commands.make_live(session, chosen.locale, chosen.release, who(), clock.now())
    commands.nudge(sources().redis, chosen.locale)
    events.publish(sources().redis, "locales")
    print(f"{chosen.locale}: release {chosen.release or 'that ships'}")
    return 0


def add_leaves(locales: Any) -> None:
    published = leaf(locales, "publish", locales_publish, "make a release of what is approved, and show it")
    published.add_argument("locale")
    published.add_argument("--note", default="")
    back = leaf(locales, "rollback", locales_rollback, "show an earlier release again, byte for byte")
    back.add_argument("locale")
    back.add_argument("release", type=int, help="its number; 0: what ships")
