"""`backroom locales`: the words of the shop, in files and in releases."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from app import clock, events
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import Refused
from app.locales import commands, exchange, files
from app.locales.extraction import commands as extraction
from app.locales.extraction import template
from app.locales.files import Choices
from app.locales.insight.command_line import add_leaves as add_insight
from app.locales.releases.command_line import add_leaves
from app.sources import sources

TRANSLATIONS = Path(__file__).parents[2] / "translations"
SUFFIXES = {".po": exchange.PO, ".csv": exchange.CSV, ".json": exchange.JSON}


def locales_load(chosen: argparse.Namespace) -> int:
    with begin() as session:
        print(commands.load_shipped(session, chosen.folder, clock.now()))
    return 0


def locales_extract(chosen: argparse.Namespace) -> int:
    place = chosen.place or template.find(TRANSLATIONS.parent)
    if place is None:
        raise Refused("neither the shop's sources nor a template are here: --from FOLDER or FILE.pot")
    with begin() as session:
        print(extraction.extract(session, place, who(), clock.now()))
    events.publish(sources().redis, "locales")
    return 0


def locales_import(chosen: argparse.Namespace) -> int:
    name = chosen.format or SUFFIXES.get(chosen.file.suffix.lower())
    if name is None:
        raise Refused(f"say what {chosen.file.name} is: --format {'|'.join(exchange.FORMATS)}")
    try:
        with chosen.file.open("rb") as file:
            data = file.read(exchange.MOST_BYTES + 1)
    except OSError as error:
        raise Refused(f"{chosen.file} cannot be read: {error.strerror}") from error
    wanted = {field: getattr(chosen, field) for field in Choices.__dataclass_fields__}
    with begin() as session:
        report = files.take_in(
            session, chosen.locale, data, name, Choices(**wanted), who(), clock.now(), dry_run=chosen.dry_run
        )
    if not chosen.dry_run:
        events.publish(sources().redis, "locales")
    if chosen.json or report.notable:
        rows = [
            {"line": line.text.line, "what": line.outcome, "source": line.text.msgid[:60]}
            | {"blocked by": "; ".join(str(finding.message) for finding in line.blocks) or None}
            for line in report.notable
        ]
        show(rows, chosen.json)
    counted = ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items())
    print(f"{'would be: ' if chosen.dry_run else ''}{counted or 'nothing'}", file=sys.stderr)
    return 0


def locales_export(chosen: argparse.Namespace) -> int:
    with begin() as session:
        data = files.written_out(
            session,
            chosen.locale,
            chosen.format,
            approved_only=chosen.approved_only,
            complete=chosen.complete,
        )
    if chosen.file is None:
        sys.stdout.buffer.write(data)
        return 0
    draft = chosen.file.with_name(chosen.file.name + ".part")
    try:
        draft.write_bytes(data)
        draft.replace(chosen.file)
    except OSError as error:
        raise Refused(f"{chosen.file} cannot be written: {error.strerror}") from error
    return 0


def add_commands(groups: Any) -> None:
    locales = group(groups, "locales", "the words of the shop")
    about = "take in the messages and translations that ship with the shop"
    leaf(locales, "load", locales_load, about).add_argument("--folder", type=Path, default=TRANSLATIONS)
    about = "take in what the shop says now: new messages, changed ones with their texts, and what is gone"
    read = leaf(locales, "extract", locales_extract, about)
    read.add_argument(
        "--from", dest="place", type=Path, metavar="PLACE", help="the shop's sources or a template (.pot)"
    )
    _add_import(leaf(locales, "import", locales_import, "take a file of texts in"))
    written = leaf(locales, "export", locales_export, "write the texts of a locale as a file")
    written.add_argument("locale")
    written.add_argument("file", type=Path, nargs="?", help="standard output where none is given")
    written.add_argument("--format", choices=exchange.FORMATS, default=exchange.PO)
    written.add_argument("--approved-only", action="store_true", help="only what shoppers may see")
    about = "also messages that the file taken in last has not, and that nobody has touched since"
    written.add_argument("--complete", action="store_true", help=about)
    add_leaves(locales)
    add_insight(locales)


def _add_import(taken: argparse.ArgumentParser) -> None:
    taken.add_argument("locale")
    taken.add_argument("file", type=Path)
    taken.add_argument("--format", choices=exchange.FORMATS, help="where its name does not say")
    taken.add_argument("--dry-run", action="store_true", help="say what it would do, change nothing")
    taken.add_argument("--approve", action="store_true", help="approve what no check blocks")
    taken.add_argument(
        "--take-theirs", action="store_true", help="the file wins where both sides changed a text"
    )
    taken.add_argument("--add-messages", action="store_true", help="add messages that the shop does not say")
    taken.add_argument("--any-language", action="store_true", help="also where it names another language")
    taken.add_argument("--json", action="store_true")
