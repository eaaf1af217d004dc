"""`backroom flags` and `backroom segments`: what people do when pages are far away."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import NotFound, Refused
from app.flags import (
    admin_json,
    commands,
    import_commands,
    lifecycle_commands,
    listing,
    playground,
    queries,
    reasons,
    search,
    segment_commands,
    unleash_export,
    unleash_import,
)
from app.flags import flag as rules
from app.flags.pages import writing
from app.flags.segment import checked
from app.flags.shape import parsed

Chosen = argparse.Namespace


def flags_list(chosen: Chosen) -> int:
    """All, or those that the search of the pages finds: words, tag:…, owner:…, type:…, is:…"""
    now = clock.now()
    with begin() as session:
        rows = listing.found(queries.rows(session, now), search.parse(" ".join(chosen.query)), now)
        names = {row.name for row in rows}
        show([line for line in queries.table(session) if line["flag"] in names], chosen.json)
    return 0


def flags_show(chosen: Chosen) -> int:
    now = clock.now()
    with begin() as session:
        _print(admin_json.flag(queries.one(session, chosen.name, now), now, is_favourite=False))
    return 0


def flags_create(chosen: Chosen) -> int:
    details = rules.checked_details(chosen.type, chosen.description, chosen.owner, chosen.tags)
    return _write(
        lambda session, now: commands.create(session, chosen.name, details, now, who(), chosen.project),
        f"{chosen.name}: created, off everywhere",
    )


def flags_set(chosen: Chosen) -> int:
    wanted = chosen.percent if chosen.percent is not None else chosen.value
    if wanted is None:
        raise Refused("say what to set: a percentage, on or off")
    if wanted in ("on", "off"):
        return _switch(chosen, wanted == "on")
    return _write(
        lambda session, now: commands.set_percent(
            session, chosen.name, chosen.environment, wanted, now, who()
        ),
        f"{chosen.name}: {wanted} % in {chosen.environment}",
    )


def flags_on(chosen: Chosen) -> int:
    return _switch(chosen, True)


def flags_off(chosen: Chosen) -> int:
    return _switch(chosen, False)


def _switch(chosen: Chosen, enabled: bool) -> int:
    return _write(
        lambda session, now: commands.set_enabled(
            session, chosen.name, chosen.environment, enabled, now, who()
        ),
        f"{chosen.name}: {'on' if enabled else 'off'} in {chosen.environment}",
    )


def flags_kill(chosen: Chosen) -> int:
    return _write(
        lambda session, now: commands.kill(session, chosen.name, chosen.environment, now, who()),
        f"{chosen.name}: off in {chosen.environment}",
    )


def flags_archive(chosen: Chosen) -> int:
    return _write(
        lambda session, now: lifecycle_commands.archive(session, chosen.name, now, who()),
        f"{chosen.name}: archived; SDKs say off",
    )


def flags_revive(chosen: Chosen) -> int:
    return _write(
        lambda session, now: lifecycle_commands.revive(session, chosen.name, now, who()),
        f"{chosen.name}: as it was before it was archived",
    )


def flags_import(chosen: Chosen) -> int:
    """Exit status 1 where anything is refused: nothing was written then."""
    raw = _read(chosen.file)
    if len(raw) > unleash_import.MAX_BYTES:
        raise Refused(f"{chosen.file} is larger than {unleash_import.MAX_BYTES} bytes")
    try:
        file = unleash_import.read(json.loads(raw), chosen.source)
    except (ValueError, RecursionError):
        raise Refused(f"{chosen.file} is not JSON") from None
    with writing() as session:
        report = import_commands.take_over(
            session, file, chosen.environment, clock.now(), who(), chosen.dry_run
        )
    if chosen.json:
        _print(admin_json.report(report))
    else:
        told = [
            {"kind": one.kind, "name": one.name, "outcome": one.outcome, "reason": str(one.reason) or None}
            for one in report.lines
        ]
        show(told, as_json=False)
    return 1 if report.is_refused else 0


def flags_export(chosen: Chosen) -> int:
    now = clock.now()
    with begin() as session:
        place = queries.place(session, chosen.environment)
        rows, segments = queries.rows(session, now), queries.segment_rows(session)
    text = json.dumps(unleash_export.rendered(rows, segments, place.name), ensure_ascii=False, indent=2)
    if chosen.file == "-":
        print(text)
    else:
        Path(chosen.file).write_text(text + "\n", encoding="utf-8")
    return 0


def flags_explain(chosen: Chosen) -> int:
    """What the flag answers to a context of NAME=VALUE pairs, and each step to it."""
    if not all("=" in pair for pair in chosen.context):
        raise Refused("write the context as name=value, such as userId=42 country=DE")
    pairs = (pair.partition("=") for pair in chosen.context)
    context = {name: value for name, _equals, value in pairs}
    with begin() as session:
        place = queries.place(session, chosen.environment).name
        asked = playground.play(session, place, {"environment": place} | context, clock.now())
    found = next((one for one in asked if one.name == chosen.name), None)
    if found is None:
        raise NotFound(f"there is no flag {chosen.name}")
    answer = found.answer
    _print(
        {
            "enabled": answer.is_enabled if answer else None,
            "variant": answer.variant.name if answer else None,
            "because": reasons.because(found.why),
            **admin_json.explanation(found.why),
        }
    )
    return 0


def segments_list(chosen: Chosen) -> int:
    with begin() as session:
        rows = queries.segment_rows(session)
    if chosen.json:
        _print([admin_json.segment(row) for row in rows])
    else:
        told = [
            {
                "id": row.id,
                "name": row.name,
                "constraints": len(row.constraints),
                "used by": ", ".join(row.used_by),
            }
            for row in rows
        ]
        show(told, as_json=False)
    return 0


def segments_create(chosen: Chosen) -> int:
    constraints = parsed(_read(chosen.file), "constraints")
    draft = checked(chosen.name, chosen.description, chosen.project, constraints)
    with writing() as session:
        print(segment_commands.create(session, draft, clock.now(), who()))
    return 0


def segments_delete(chosen: Chosen) -> int:
    return _write(
        lambda session, now: segment_commands.delete(session, chosen.id, now, who()),
        f"segment {chosen.id}: deleted",
    )


def _write(change: Callable[[Session, datetime], object], told: str) -> int:
    with writing() as session:
        change(session, clock.now())
    print(told)
    return 0


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {error}") from None


def _print(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def add_commands(groups: Any) -> None:
    flags = group(groups, "flags", "feature flags")
    listed = leaf(flags, "list", flags_list, "all flags and their state, or those of a search")
    listed.add_argument("query", nargs="*", help="as on the page, such as owner:growth is:on")
    listed.add_argument("--json", action="store_true")
    _named(flags, "show", flags_show, "one flag, as JSON")
    create = _named(flags, "create", flags_create, "make a flag; it is off everywhere")
    create.add_argument("--type", default="release", choices=sorted(rules.TYPES))
    for option in ("--description", "--owner", "--tags"):
        create.add_argument(option, default="")
    create.add_argument("--project", default=rules.DEFAULT_PROJECT)
    percent = _placed(flags, "set", flags_set, "move a percentage rollout, or switch on or off")
    percent.add_argument("value", nargs="?", metavar="PERCENT|on|off")
    percent.add_argument("--percent", help="the same, as an option")
    _placed(flags, "on", flags_on, "switch on, with the targeting that it has")
    _placed(flags, "off", flags_off, "switch off; the targeting is kept")
    _placed(flags, "kill", flags_kill, "turn a flag off for everybody, now")
    _named(flags, "archive", flags_archive, "take a flag away from SDKs and lists")
    _named(flags, "revive", flags_revive, "bring an archived flag back")
    taken = leaf(flags, "import", flags_import, "take over flags from Unleash's JSON, all or nothing")
    taken.add_argument("file", help="an export, or what a server answers SDKs; - for standard input")
    taken.add_argument("--source", default="", help="which of the file's environments")
    taken.add_argument("--dry-run", action="store_true", help="only say what would happen")
    taken.add_argument("--json", action="store_true")
    given = leaf(flags, "export", flags_export, "hand flags out as Unleash's JSON")
    given.add_argument("file", nargs="?", default="-", help="- for standard output")
    why = _placed(flags, "explain", flags_explain, "what a flag answers to a context, and why")
    why.add_argument("context", nargs="*", metavar="NAME=VALUE")
    for command in (taken, given):
        command.add_argument("--environment", default=rules.PRODUCTION)
    _add_segments(groups)


def _add_segments(groups: Any) -> None:
    segments = group(groups, "segments", "named groups of constraints that flags share")
    leaf(segments, "list", segments_list, "all segments and who uses them").add_argument(
        "--json", action="store_true"
    )
    create = _named(segments, "create", segments_create, "make a segment; prints its number")
    create.add_argument("file", help="its constraints as a JSON list; - for standard input")
    create.add_argument("--description", default="")
    create.add_argument("--project")
    gone = leaf(segments, "delete", segments_delete, "delete a segment that no flag uses")
    gone.add_argument("id", type=int)


def _named(parent: Any, name: str, command: Callable[[Chosen], int], about: str) -> argparse.ArgumentParser:
    made = leaf(parent, name, command, about)
    made.add_argument("name")
    return made


def _placed(parent: Any, name: str, command: Callable[[Chosen], int], about: str) -> argparse.ArgumentParser:
    made = _named(parent, name, command, about)
    made.add_argument("--environment", default=rules.PRODUCTION)
    return made
