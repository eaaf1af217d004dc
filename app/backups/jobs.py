"""Scheduled backups and their proofs. They take long, so each step is written down in its own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.backups import commands, databases, queries, working
from app.backups.retention import Keep, due_since
from app.backups.working import Work
from app.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from app.sources import Sources

ASKED_BY = "job:backups"
OFF = "BACKUP_DIR is empty: no backups are made"


def make(session: Session, now: datetime, sources: Sources) -> str:
    """The daily backup of each database, once it is due."""
    if sources.config.backup_dir is None:
        return OFF
    since = due_since(now, sources.config.backup_hour)
    due = [name for name in databases.urls(sources.config) if not queries.is_made_since(session, name, since)]
    for name in due:
        _ask(sources, name, now)
    return _told(_done(working.make_asked, sources, now))


def _ask(sources: Sources, database: str, now: datetime) -> None:
    try:
        with sources.control.begin() as session:
            commands.ask(session, sources.config, database, ASKED_BY, now, "schedule")
    except Conflict:
        return  # one is being made


def prove(session: Session, now: datetime, sources: Sources) -> str:
    """The newest backup of each database, once."""
    if sources.config.backup_dir is None:
        return OFF
    for name in databases.urls(sources.config):
        if (backup_id := queries.newest_unproven(session, name)) is not None:
            with sources.control.begin() as own:
                commands.ask_check(own, backup_id, "prove", ASKED_BY, now)
    return _told(_done(working.check_asked, sources, now))


def asked(session: Session, now: datetime, sources: Sources) -> str:
    """What people want now."""
    if sources.config.backup_dir is None:
        return OFF
    commands.close_abandoned(session, now)
    session.commit()
    done = [*_done(working.make_asked, sources, now), *_done(working.check_asked, sources, now)]
    return "; ".join(said for said, _ in done) or "nothing was asked for"


def prune(session: Session, now: datetime, sources: Sources) -> str:
    """What retention lets go, after files that came from elsewhere were written down."""
    folder = sources.config.backup_dir
    if folder is None or not folder.is_dir():
        return OFF
    found = commands.adopt(session, folder, now)
    gone = commands.prune(session, folder, Keep(*sources.config.backup_keep), ASKED_BY, now)
    old = commands.forget_checks(session, now)
    return f"{found} files found, {len(gone)} deleted, {old} old checks forgotten"


def _done(work: Work, sources: Sources, now: datetime) -> list[tuple[str, bool]]:
    done = []
    while (one := work(sources, now)) is not None:
        done.append(one)
    return done


def _told(done: list[tuple[str, bool]]) -> str:
    """Raises `Unavailable` with what failed, so that the run counts as failed."""
    if failed := [said for said, ok in done if not ok]:
        raise Unavailable("; ".join(failed), "backups")
    return "; ".join(said for said, _ in done) or "nothing is due"
