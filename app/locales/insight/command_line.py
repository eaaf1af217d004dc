"""`backroom locales progress`, `next`, `dead`, `failures`, `pseudo`: what shoppers saw of the words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from app import clock
from app.console import leaf, show
from app.db import begin
from app.errors import Refused
from app.locales import pseudo, words
from app.locales.insight import queries


def progress(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = queries.progress(session, clock.now(), chosen.days)
    show(
        [
            {
                "locale": row.locale,
                "strings": _percent(row.by_strings),
                "words": _percent(row.by_words),
                "by impressions": _percent(row.by_impressions),
                "read in language": _percent(row.in_language),
                "fell back": row.fell_back,
                "failed": row.failed,
            }
            for row in rows
        ],
        chosen.json,
    )
    return 0


def _percent(ratio: float | None) -> str | None:
    return None if ratio is None else f"{ratio:.1%}"


def worth_next(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = queries.worth_next(session, chosen.locale, clock.now(), chosen.days)
    show(
        [
            {"id": row.id, "fell back": row.fell_back, "state": row.state, "source": row.msgid[:60]}
            for row in rows
        ],
        chosen.json,
    )
    return 0


def dead(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = queries.dead(session, clock.now(), chosen.days)
    if rows is None:
        raise Refused(f"the shop has not counted impressions for {chosen.days} days yet")
    show(
        [
            {"id": row.id, "last seen": row.last_seen_at, "place": row.file, "source": row.msgid[:60]}
            for row in rows
        ],
        chosen.json,
    )
    return 0


def failures(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = queries.failures(session, clock.now(), days=chosen.days)
    show(
        [
            {
                "hour": row.hour,
                "locale": row.locale,
                "release": row.release,
                "failed": row.failed,
                "source": row.msgid,
            }
            for row in rows
        ],
        chosen.json,
    )
    return 0


def make_pseudo(chosen: argparse.Namespace) -> int:
    with begin() as session:
        data = pseudo.catalog(chosen.locale, words.sources(session))
    if chosen.file is None:
        sys.stdout.buffer.write(data)
        return 0
    try:
        chosen.file.write_bytes(data)
    except OSError as error:
        raise Refused(f"{chosen.file} cannot be written: {error.strerror}") from error
    return 0


def add_leaves(locales: Any) -> None:
    for name, command, about in (
        ("progress", progress, "how far each locale is: by strings, words and what shoppers saw"),
        ("dead", dead, "strings that nobody saw while their page was seen"),
        ("failures", failures, "translations that could not be filled in, newest first"),
    ):
        _looked_at(leaf(locales, name, command, about))
    following = leaf(locales, "next", worth_next, "what is worth translating next, by what shoppers saw")
    following.add_argument("locale")
    _looked_at(following)
    made = leaf(locales, "pseudo", make_pseudo, "write the catalog (.mo) of a pseudo-locale")
    made.add_argument("locale", choices=pseudo.LOCALES)
    made.add_argument("file", type=Path, nargs="?", help="standard output where none is given")


def _looked_at(made: argparse.ArgumentParser) -> None:
    made.add_argument("--days", type=int, default=queries.DAYS)
    made.add_argument("--json", action="store_true")
