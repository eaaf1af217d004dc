"""`backroom locales publish`, `plan`, `releases`, `diff`, `rollback`: releases of the shop's words."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from app import clock, events
from app.console import leaf, moment, show, who
from app.db import begin
from app.locales.releases import commands, planning, queries
from app.sources import sources


def locales_publish(chosen: argparse.Namespace) -> int:
    with begin() as session:
        release = commands.publish(session, chosen.locale, chosen.note, who(), clock.now())
        told = f"{chosen.locale}: release {release.number}, {release.strings} strings"
    commands.nudge(sources().redis, chosen.locale)
    events.publish(sources().redis, "locales")
    print(told)
    return 0


def locales_publish_all(chosen: argparse.Namespace) -> int:
    with begin() as session:
        codes = queries.codes(session)
        made, refused = commands.publish_all(session, codes, chosen.note, who(), clock.now())
        told = [f"{release.locale}: release {release.number}, {release.strings} strings" for release in made]
        published = [release.locale for release in made]
    for code in published:
        commands.nudge(sources().redis, code)
    events.publish(sources().redis, "locales")
    print("\n".join(told) or "nothing waited to be published")
    for code, why in refused.items():
        print(f"{code}: {why}", file=sys.stderr)
    return 1 if refused else 0


def locales_plan(chosen: argparse.Namespace) -> int:
    """At an hour; without one: cancel what waits."""
    with begin() as session:
        if chosen.at is None:
            planning.cancel(session, chosen.locale, who(), clock.now())
            told = f"{chosen.locale}: the planned release is cancelled"
        elif queries.planned(session, chosen.locale) is not None:
            planning.change(session, chosen.locale, chosen.at, who(), clock.now())
            told = f"{chosen.locale}: at {chosen.at.isoformat()}"
        else:
            release = planning.plan(session, chosen.locale, chosen.note, chosen.at, who(), clock.now())
            told = f"{chosen.locale}: release {release.number} at {chosen.at.isoformat()}"
    events.publish(sources().redis, "locales")
    print(told)
    return 0


def locales_releases(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = [
            {
                "release": row.number,
                "live": "live" if row.is_live else "",
                "strings": row.strings,
                "sha256": row.sha256[:12],
                "by": row.created_by,
                "at": row.created_at.isoformat(timespec="seconds"),
                "note": row.note,
            }
            for row in queries.releases(session, chosen.locale)
        ]
    show(rows, chosen.json)
    return 0


def locales_diff(chosen: argparse.Namespace) -> int:
    with begin() as session:
        changes = queries.between(session, chosen.locale, chosen.before, chosen.after)
    rows = [
        {
            "source": change.entry.msgid,
            "before": " · ".join(change.before or ()),
            "after": " · ".join(change.after or ()),
        }
        for change in changes
    ]
    show(rows, chosen.json)
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
    every = leaf(
        locales, "publish-all", locales_publish_all, "the same in every locale where something waits"
    )
    every.add_argument("--note", default="")
    planned = leaf(locales, "plan", locales_plan, "a release for an hour, another hour, or none any more")
    planned.add_argument("locale")
    planned.add_argument(
        "--at", type=moment, help="with its zone, such as 2027-01-01T09:00+01:00; none: cancel"
    )
    planned.add_argument("--note", default="")
    listed = leaf(locales, "releases", locales_releases, "every release of a locale, newest first")
    listed.add_argument("locale")
    listed.add_argument("--json", action="store_true")
    compared = leaf(locales, "diff", locales_diff, "what differs between two releases; 0: what ships")
    compared.add_argument("locale")
    compared.add_argument("before", type=int)
    compared.add_argument("after", type=int)
    compared.add_argument("--json", action="store_true")
    back = leaf(locales, "rollback", locales_rollback, "show an earlier release again, byte for byte")
    back.add_argument("locale")
    back.add_argument("release", type=int, help="its number; 0: what ships")
