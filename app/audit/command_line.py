"""`backroom audit`: whether the trail is whole, and taking it out of the house."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from flask import current_app

from app import clock
from app.audit import checks, exports, queries, retention, verifying
from app.audit.verifying import Verdict
from app.console import group, leaf, who
from app.db import begin


def verify(chosen: argparse.Namespace) -> int:
    if chosen.file is not None:
        return _verify_file(chosen.file)
    anchors = {one["sequence"]: one["seal"] for one in map(_anchor, chosen.anchor)}
    with begin() as session:
        found = verifying.verify(session, anchors) if anchors else checks.check(session, clock.now())
    print(told(found))
    return 0 if found.broken is None else 1


def told(found: Verdict) -> str:
    waiting = f"; {found.waiting} from before the chain wait to be sealed" if found.waiting else ""
    if found.broken is None:
        return f"whole: {found.entries} entries, {found.first} to {found.last}{waiting}"
    return f"BROKEN at entry {found.broken.sequence}: {found.broken.how}{waiting}"


def _verify_file(path: Path) -> int:
    with path.open(encoding="utf-8") as lines:
        found = exports.verify_lines(lines)
    if found.wrong_line is not None:
        print(f"BROKEN at line {found.wrong_line}: {found.why}")
        return 1
    print(f"whole: {found.entries} entries; {found.gaps} between them are not in this file")
    return 0


def _anchor(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def anchor(chosen: argparse.Namespace) -> int:
    with begin() as session:
        sequence, seal = checks.end_of(session)
    print(json.dumps({"at": clock.now().isoformat(), "sequence": sequence, "seal": seal}))
    return 0


def adopt(chosen: argparse.Namespace) -> int:
    """In pieces: each is a transaction of its own."""
    count = 0
    while True:
        with begin() as session:
            sealed = retention.adopt(session, clock.now(), who(), strays=chosen.strays)
        if not sealed:
            break
        count += sealed
    print(f"{count} entries are sealed from now on; what was done to them before, no seal can tell")
    return 0


def export(chosen: argparse.Namespace) -> int:
    write = exports.csv_lines if chosen.format == "csv" else exports.json_lines
    asked = {name: getattr(chosen, name) or "" for name in ("who", "action", "subject", "from", "to")}
    with begin() as session:
        for line in write(queries.in_order(session, queries.wanted(asked))):
            sys.stdout.write(line)
    return 0


def prune(chosen: argparse.Namespace) -> int:
    days = current_app.extensions["sources"].config.audit_keep_days
    with begin() as session:
        print(f"{retention.remove_old(session, days, clock.now(), who())} entries removed")
    return 0


def add_commands(groups: Any) -> None:
    audit = group(groups, "audit", "the audit trail: verified, exported, kept for its time")
    check = leaf(audit, "verify", verify, "whether an entry was altered, removed or added; status 1 if so")
    check.add_argument("--file", type=Path, help="a JSON Lines export instead of the database")
    check.add_argument(
        "--anchor", type=Path, action="append", default=[], help="an anchor that was kept elsewhere"
    )
    leaf(audit, "anchor", anchor, "where the chain ends now, to be kept elsewhere")
    sealing = leaf(audit, "adopt", adopt, "seal entries from before there were seals")
    sealing.add_argument("--strays", action="store_true", help="also later ones that have no seal")
    leaf(audit, "prune", prune, "remove what is older than AUDIT_KEEP_DAYS, through a checkpoint")
    out = leaf(audit, "export", export, "write the trail out")
    out.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    for name in ("who", "action", "subject", "from", "to"):
        out.add_argument(f"--{name}")
