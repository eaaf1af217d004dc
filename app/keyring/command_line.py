"""`backroom secrets`: which key seals what, and new seals under a new key."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import Any

from app import clock, vault
from app.audit.commands import record
from app.console import group, leaf, show, who
from app.db import begin
from app.keyring import commands, queries
from app.sources import sources


def secrets_check(chosen: argparse.Namespace) -> int:
    with begin() as session:
        found = queries.census(session, vault.held())
    show([asdict(one) for one in found], chosen.json)
    unknown = sum(one.rows for one in found if one.state == "unknown")
    if unknown:
        print(f"backroom: {unknown} rows need a key that is not in ENCRYPTION_KEYS", file=sys.stderr)
    return 1 if unknown else 0


def secrets_rotate(chosen: argparse.Namespace) -> int:
    held = vault.held()
    done = commands.rotate(sources().control, held)
    with begin() as session:
        after = {"key_name": held.current, "rows": {one.place: one.resealed for one in done}}
        record(session, who(), "secrets.rotate", "secrets", None, after, clock.now())
        old = [one for one in queries.census(session, held) if not one.is_sealed and one.state != "current"]
    show([asdict(one) for one in done], chosen.json)
    for one in old:
        print(f"{one.rows} of {one.place} still need the key {one.key}", file=sys.stderr)
    return 1 if any(one.left for one in done) else 0


def add_commands(groups: Any) -> None:
    secrets = group(groups, "secrets", "what is sealed in the database, and under which key")
    for name, command, about in (
        ("check", secrets_check, "how many rows stand under which key; fails where a key is missing"),
        ("rotate", secrets_rotate, "seal everything with the first key; may be repeated at any time"),
    ):
        leaf(secrets, name, command, about).add_argument("--json", action="store_true")
