"""Doing what was asked for, each in its turn: a failure is written down and the rest go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app import clock, events, vault
from app.backups import commands, making, proving
from app.backups.models import Backup, BackupCheck
from app.errors import Problem
from app.sources import Sources

TOPIC = "backups"  # what open pages listen for

Work = Callable[[Sources, datetime], tuple[str, bool] | None]


def make_asked(sources: Sources, now: datetime) -> tuple[str, bool] | None:
    """The oldest backup that waits: a line about it and whether it went well. None: none waits."""
    with sources.control.begin() as session:
        backup_id = commands.take(session, Backup, now)
        database = session.get_one(Backup, backup_id).database if backup_id else ""
    return None if backup_id is None else make(sources, backup_id, database)


def make(sources: Sources, backup_id: int, database: str) -> tuple[str, bool]:
    try:
        made = making.make(sources.config, database, vault.held(), clock.now())
    except Exception as failure:  # written down, so that nobody waits for it
        with sources.control.begin() as session:
            commands.keep_failure(session, backup_id, _why(failure))
        events.publish(sources.redis, TOPIC, {"backup": backup_id})
        return f"{database}: {_why(failure)}", False
    with sources.control.begin() as session:
        commands.keep_made(session, backup_id, made)
    events.publish(sources.redis, TOPIC, {"backup": backup_id})
    return f"{made.file_name}: {made.manifest.rows} rows, {made.size_bytes} bytes", True


def check_asked(sources: Sources, now: datetime) -> tuple[str, bool] | None:
    with sources.control.begin() as session:
        check_id = commands.take(session, BackupCheck, now)
    return None if check_id is None else check(sources, check_id, now)


def check(sources: Sources, check_id: int, now: datetime) -> tuple[str, bool]:
    with sources.control.begin() as session:
        asked = session.get_one(BackupCheck, check_id)
        backup, kind = session.get_one(Backup, asked.backup_id), asked.kind
        name = backup.file_name or ""
    ok, said = _look(sources, name, kind, now)
    with sources.control.begin() as session:
        commands.keep_check(session, check_id, ok=ok, said=said, now=clock.now())
    events.publish(sources.redis, TOPIC, {"check": check_id})
    return f"{name}: {said}", ok


def _look(sources: Sources, name: str, kind: str, now: datetime) -> tuple[bool, str]:
    try:
        path = making.folder_of(sources.config) / name
        if kind == "prove":
            return True, proving.prove(sources.config, path, vault.held(), now)
        return True, proving.verify(sources.config, path, vault.held())
    except Exception as failure:  # written down: that is what the look is for
        return False, _why(failure)


def _why(failure: Exception) -> str:
    if isinstance(failure, Problem):
        return str(failure)
    return f"{failure.__class__.__name__}: {failure}".splitlines()[0]
